package query_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
)

// file is a media file of an event.
type file struct {
	owner       string
	ownerID     any
	kind        string
	path        string
	contentType string
	content     []byte
}

// stored makes the row of a file, and its blob.
func (c *conference) stored(f file) int64 {
	c.t.Helper()
	ctx := context.Background()
	id := c.insert("media.files", map[string]any{
		"owner_type": f.owner, "owner_id": f.ownerID, "field": "photo", "kind": f.kind, "path": f.path,
	})
	key := bucket.MediaKey(c.id, itoa(id))
	blob, err := c.res.Bucket.Store(ctx, key, bytes.NewReader(f.content), f.contentType)
	require.NoError(c.t, err)
	_, err = c.res.DB.ExecContext(ctx, `UPDATE media.files SET state = 'stored', blob = ?, content_type = ?, size = ?, sha256 = ? WHERE id = ?`,
		key, f.contentType, blob.Size, blob.SHA256, id)
	require.NoError(c.t, err)
	return id
}

// speaks makes a session of a state, and its speakers.
func (c *conference) speaks(state any, speakers ...int64) int64 {
	c.t.Helper()
	session := c.insert("schedule.sessions", map[string]any{"title": "Sailing", "state": state, "starts_at": "2031-05-02T08:00:00Z", "ends_at": "2031-05-02T09:00:00Z"})
	for position, speaker := range speakers {
		_, err := c.res.DB.ExecContext(context.Background(), `INSERT INTO schedule.session_speakers VALUES (?, 1, ?, ?, ?, ?)`,
			c.id, fmt.Sprint(session, position), session, speaker, position)
		require.NoError(c.t, err)
	}
	return session
}

// ask sends any request as somebody, and does not follow redirects.
func (b *bench) ask(t *testing.T, who auth.Identity, method, path string, header ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.url+path, nil)
	require.NoError(t, err)
	if who != nobody {
		token, err := b.signer.Issue(who, time.Hour)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	client := *b.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{status: response.StatusCode, header: response.Header, text: string(text)}
}

func (b *bench) requireProblem(t *testing.T, a answer, status int, code string) {
	t.Helper()
	require.Equal(t, status, a.status, a.text)
	require.Equal(t, problem.ContentType, a.header.Get("Content-Type"))
	require.Contains(t, a.text, `"code":"`+code+`"`)
}

func drawn(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x ^ y), 255})
		}
	}
	return m
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func jpegOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

func TestOriginalComesByteForByteWithRangesAndRevalidation(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	content := bytes.Repeat([]byte("RIFF....WAVE 0123456789"), 10_000)
	id := c.stored(file{owner: "events", kind: "audio", path: "/audios/Ouvertüre.wav", contentType: "audio/wav", content: content})
	c.made("c4f1a9e2").publish()
	address := "/v1/events/c4f1a9e2/media/" + itoa(id) + "/original"

	whole := b.ask(t, nobody, http.MethodGet, address)
	require.Equal(t, http.StatusOK, whole.status)
	require.Equal(t, string(content), whole.text)
	require.Equal(t, "audio/wav", whole.header.Get("Content-Type"))
	require.Equal(t, "nosniff", whole.header.Get("X-Content-Type-Options"))
	require.Equal(t, "bytes", whole.header.Get("Accept-Ranges"))
	require.Equal(t, "cross-origin", whole.header.Get("Cross-Origin-Resource-Policy"))
	require.Equal(t, "public, max-age=300, must-revalidate", whole.header.Get("Cache-Control"))
	require.Equal(t, "Authorization, Cookie", whole.header.Get("Vary"))
	require.Equal(t, itoa(int64(len(content))), whole.header.Get("Content-Length"))
	how, parameters, err := mime.ParseMediaType(whole.header.Get("Content-Disposition"))
	require.NoError(t, err)
	require.Equal(t, "inline", how)
	require.Equal(t, "Ouvertüre.wav", parameters["filename"])
	require.Equal(t, whole.text, b.ask(t, nobody, http.MethodGet, "/v1/events/"+itoa(c.event)+"/media/"+itoa(id)+"/original").text)

	tag := whole.header.Get("ETag")
	require.Regexp(t, `^"[0-9a-f]{64}"$`, tag)
	head := b.ask(t, nobody, http.MethodHead, address)
	require.Equal(t, http.StatusOK, head.status)
	require.Empty(t, head.text)
	require.Equal(t, whole.header.Get("Content-Length"), head.header.Get("Content-Length"))
	same := b.ask(t, nobody, http.MethodGet, address, "If-None-Match", tag)
	require.Equal(t, http.StatusNotModified, same.status)
	require.Empty(t, same.text)
	require.Equal(t, http.StatusOK, b.ask(t, nobody, http.MethodGet, address, "If-None-Match", `"another"`).status)

	part := b.ask(t, nobody, http.MethodGet, address, "Range", "bytes=100000-100022")
	require.Equal(t, http.StatusPartialContent, part.status)
	require.Equal(t, string(content[100_000:100_023]), part.text)
	require.Equal(t, fmt.Sprintf("bytes 100000-100022/%d", len(content)), part.header.Get("Content-Range"))
	require.Equal(t, string(content[len(content)-7:]), b.ask(t, nobody, http.MethodGet, address, "Range", "bytes=-7").text)
	several := b.ask(t, nobody, http.MethodGet, address, "Range", "bytes=0-3,8-11")
	require.Equal(t, http.StatusPartialContent, several.status)
	require.Contains(t, several.text, "RIFF")
	stale := b.ask(t, nobody, http.MethodGet, address, "Range", "bytes=0-3", "If-Range", `"another"`)
	require.Equal(t, http.StatusOK, stale.status)
	beyond := b.ask(t, nobody, http.MethodGet, address, "Range", "bytes=9999999-")
	b.requireProblem(t, beyond, http.StatusRequestedRangeNotSatisfiable, "range_not_satisfiable")
	require.Equal(t, fmt.Sprintf("bytes */%d", len(content)), beyond.header.Get("Content-Range"))
	b.requireProblem(t, b.ask(t, nobody, http.MethodGet, address, "If-Match", `"another"`), http.StatusPreconditionFailed, "precondition_failed")
}

func TestFilesThatCouldRunAreSandboxedOrSaved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	ids := make(map[string]int64)
	kinds := map[string]struct {
		how       string
		sandboxed bool
	}{
		"image/png": {"inline", false}, "image/jpeg": {"inline", false}, "image/avif": {"inline", false},
		"video/mp4": {"inline", true}, "image/svg+xml": {"inline", true}, "text/plain; charset=utf-8": {"inline", true},
		"text/html; charset=utf-8": {"attachment", true}, "application/xhtml+xml": {"attachment", true}, "text/xml": {"attachment", true},
		"application/pdf": {"attachment", true}, "application/octet-stream": {"attachment", true}, "application/json": {"attachment", true},
		"text/javascript": {"attachment", true}, "nonsense": {"attachment", true},
	}
	for contentType := range kinds {
		ids[contentType] = c.stored(file{owner: "events", kind: "slides", path: "/f", contentType: contentType, content: []byte("<script>alert(1)</script>")})
	}
	c.made("c4f1a9e2").publish()
	for contentType, want := range kinds {
		a := b.ask(t, nobody, http.MethodGet, "/v1/events/c4f1a9e2/media/"+itoa(ids[contentType])+"/original")
		require.Equal(t, http.StatusOK, a.status, contentType)
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
		how, _, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
		require.NoError(t, err)
		require.Equal(t, want.how, how, contentType)
		require.Equal(t, want.sandboxed, strings.HasPrefix(a.header.Get("Content-Security-Policy"), "sandbox; default-src 'none'"), contentType)
	}
}

func TestNamesOfFilesAreHarmless(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	ids := make(map[string]int64)
	names := map[string]string{
		"/images/plain.png": "plain.png", `..\..\evil.png`: "evil.png", "/a/b\r\nSet-Cookie: x.png": "bSet-Cookie_ x.png",
		"https://cdn.example/a/eli%20b.png?token=../hunter2#hunter2": "eli b.png", "https://cdn.example": "file.png",
		`/q"uo;te.png`: "q_uo;te.png", "/..": "file.png", "/": "file.png", "/.hidden": "hidden.png", "/日本.png": "日本.png",
		"/txt\u202egnp.exe": "txtgnp.png", "/" + strings.Repeat("n", 300) + ".png": strings.Repeat("n", 100) + ".png",
	}
	for path := range names {
		ids[path] = c.stored(file{owner: "events", kind: "image", path: path, contentType: "image/png", content: []byte("x")})
	}
	c.made("c4f1a9e2").publish()
	for path, want := range names {
		a := b.ask(t, nobody, http.MethodGet, "/v1/events/c4f1a9e2/media/"+itoa(ids[path])+"/original")
		_, parameters, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
		require.NoError(t, err, "%q: %q", path, a.header.Get("Content-Disposition"))
		require.Equal(t, want, parameters["filename"], "%q", path)
	}
}

func TestMediaIsSeenWithWhatItBelongsTo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	speaker := func(name string) int64 { return c.insert("people.speakers", map[string]any{"name": name}) }
	shown, hidden, both, idle := speaker("Ada"), speaker("Ben"), speaker("Cem"), speaker("Dana")
	accepted, confirmed := c.speaks("accepted", shown, both), c.speaks("confirmed")
	pending, stateless := c.speaks("pending", hidden, both), c.speaks(nil, hidden)
	put := func(owner string, id any) int64 {
		return c.stored(file{owner: owner, ownerID: id, kind: "slides", path: "/f.pdf", contentType: "application/pdf", content: []byte("%PDF")})
	}
	forAll := []int64{
		put("events", nil), put("sponsors", 1), put("tracks", 1),
		put("sessions", accepted), put("sessions", confirmed), put("speakers", shown), put("speakers", both), put("speakers", idle),
	}
	forOlga := []int64{
		put("sessions", pending), put("sessions", stateless), put("sessions", nil), put("sessions", 99_999),
		put("speakers", hidden), put("speakers", nil),
	}
	missing := c.insert("media.files", map[string]any{"owner_type": "events", "field": "logo", "kind": "image", "path": "/x", "state": "missing"})
	later := put("events", nil)
	c.made("c4f1a9e2")
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE media.files SET attempt = 2 WHERE id = ?`, later)
	require.NoError(t, err)
	other := b.conference(t, paul)
	foreign := other.stored(file{owner: "events", kind: "slides", path: "/f.pdf", contentType: "application/pdf", content: []byte("%PDF")})
	other.made("0badcafe").publish()

	sees := func(who auth.Identity, id int64, status int) {
		t.Helper()
		a := b.ask(t, who, http.MethodGet, "/v1/events/c4f1a9e2/media/"+itoa(id)+"/original")
		require.Equal(t, status, a.status, "media %d for %q", id, who.Subject)
		if status == http.StatusNotFound {
			b.requireProblem(t, a, status, "not_found")
			return
		}
		want := "private, max-age=300, must-revalidate"
		if who == nobody {
			want = "public, max-age=300, must-revalidate"
		}
		require.Equal(t, want, a.header.Get("Cache-Control"))
	}
	for _, id := range append(forAll, forOlga...) {
		sees(nobody, id, http.StatusNotFound) // it is a draft
		sees(paul, id, http.StatusNotFound)
		sees(olga, id, http.StatusOK)
		sees(admin, id, http.StatusOK)
	}
	c.publish()
	for _, id := range forAll {
		sees(nobody, id, http.StatusOK)
		sees(paul, id, http.StatusOK)
	}
	for _, id := range forOlga {
		sees(nobody, id, http.StatusNotFound)
		sees(paul, id, http.StatusNotFound)
		sees(olga, id, http.StatusOK)
		sees(admin, id, http.StatusOK)
	}
	for _, id := range []int64{missing, later, foreign, 99_999} {
		sees(olga, id, http.StatusNotFound)
	}
	for _, address := range []string{"/v1/events/nosuch/media/1/original", "/v1/events/c4f1a9e2/media/abc/original"} {
		b.requireProblem(t, b.ask(t, nobody, http.MethodGet, address), http.StatusNotFound, "not_found")
	}
	bad := b.ask(t, nobody, http.MethodGet, "/v1/events/c4f1a9e2/media/"+itoa(forAll[0])+"/original", "Authorization", "Bearer nonsense")
	b.requireProblem(t, bad, http.StatusUnauthorized, "token_invalid")

	// A blob that is gone, as while an import is taken back.
	require.NoError(t, b.res.Bucket.Delete(t.Context(), bucket.MediaKey(c.id, itoa(forAll[0]))))
	sees(olga, forAll[0], http.StatusNotFound)
}

func TestVariantsOfPicturesAreMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	ada := c.insert("people.speakers", map[string]any{"name": "Ada"})
	photo := c.stored(file{owner: "speakers", ownerID: ada, kind: "image", path: "/ada.png", contentType: "image/png", content: pngOf(t, drawn(800, 600))})
	banner := c.stored(file{owner: "events", kind: "image", path: "/wide.jpg", contentType: "image/jpeg", content: jpegOf(t, drawn(2000, 1000))})
	c.made("c4f1a9e2").publish()

	for _, v := range []struct {
		id            int64
		variant       string
		width, height int
	}{
		{photo, "thumbnail", 500, 375}, {photo, "small", 50, 38}, {photo, "icon", 35, 26},
		{banner, "large", 1300, 650}, {banner, "thumbnail", 500, 250}, {banner, "icon", 75, 38},
	} {
		address := fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/%s", v.id, v.variant)
		made := b.ask(t, nobody, http.MethodGet, address)
		require.Equal(t, http.StatusOK, made.status, made.text)
		require.Equal(t, "image/jpeg", made.header.Get("Content-Type"))
		require.Contains(t, made.header.Get("Content-Disposition"), ".jpg")
		require.Empty(t, made.header.Get("Content-Security-Policy"))
		config, _, err := image.DecodeConfig(strings.NewReader(made.text))
		require.NoError(t, err)
		require.Equal(t, image.Pt(v.width, v.height), image.Pt(config.Width, config.Height))

		kept := b.ask(t, nobody, http.MethodGet, address)
		require.Equal(t, made.text, kept.text)
		require.Equal(t, made.header.Get("Content-Type"), kept.header.Get("Content-Type"))
		require.Equal(t, made.header.Get("ETag"), kept.header.Get("ETag"))
		require.NotEqual(t, b.ask(t, nobody, http.MethodHead, strings.Replace(address, v.variant, "original", 1)).header.Get("ETag"), kept.header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, b.ask(t, nobody, http.MethodGet, address, "If-None-Match", kept.header.Get("ETag")).status)
		require.Equal(t, http.StatusPartialContent, b.ask(t, nobody, http.MethodGet, address, "Range", "bytes=0-9").status)
	}
	require.Len(t, c.cached(), 6)

	for _, address := range []string{
		fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/large", photo), fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/small", banner),
		fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/huge", banner),
	} {
		b.requireProblem(t, b.ask(t, nobody, http.MethodGet, address), http.StatusNotFound, "no_such_variant")
	}
}

// cached lists the blobs that were derived from the media of an import.
func (c *conference) cached() []string {
	c.t.Helper()
	var keys []string
	for list := c.res.Bucket.List(&blob.ListOptions{Prefix: bucket.CacheKey(c.id, "")}); ; {
		object, err := list.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return keys
		}
		require.NoError(c.t, err)
		keys = append(keys, object.Key)
	}
}

func TestManyWhoAskForOneVariantAtOnceAllGetIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	content := pngOf(t, drawn(1000, 1000))
	id := c.stored(file{owner: "events", kind: "image", path: "/l.png", contentType: "image/png", content: content})
	c.made("c4f1a9e2").publish()
	answers := make([]answer, 20)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			answers[i] = b.ask(t, nobody, http.MethodGet, fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/thumbnail", id))
		})
	}
	group.Wait()
	for _, a := range answers {
		require.Equal(t, http.StatusOK, a.status, a.text)
		require.Equal(t, answers[0].text, a.text)
	}
	require.Len(t, c.cached(), 1)
}

func TestFilesOfWhichNoVariantCanBeMadeAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	good := pngOf(t, drawn(600, 400))
	put := func(kind string, content []byte) int64 {
		return c.stored(file{owner: "events", kind: kind, path: "/p.png", contentType: "image/png", content: content})
	}
	svg := put("image", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
	slides := put("slides", good)
	cut := put("image", good[:len(good)/2])
	huge := put("image", gifOf(60_000, 60_000))
	empty := put("image", nil)
	c.made("c4f1a9e2").publish()
	for range 2 { // found out, then remembered
		for id, want := range map[int64]struct {
			status int
			code   string
		}{
			svg: {404, "no_such_variant"}, slides: {404, "no_such_variant"}, empty: {404, "no_such_variant"},
			cut: {422, "picture_damaged"}, huge: {422, "picture_too_large"},
		} {
			a := b.ask(t, nobody, http.MethodGet, fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/thumbnail", id))
			b.requireProblem(t, a, want.status, want.code)
		}
	}
	require.Empty(t, c.cached())
	require.Equal(t, http.StatusOK, b.ask(t, nobody, http.MethodGet, fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/original", empty)).status)
}

// gifOf is a GIF of a few bytes that says it is that large.
func gifOf(width, height int) []byte {
	return append([]byte("GIF89a"), byte(width), byte(width>>8), byte(height), byte(height>>8), 0, 0, 0)
}

// A folder has signed links where it is told who serves it.
func TestOriginalsOfSafeTypesAreLeftToAStoreThatHasLinks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	folder := t.TempDir()
	secret := filepath.Join(folder, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("a secret for tests"), 0o600))
	parameters := url.Values{"base_url": {"https://store.example/"}, "secret_key_path": {secret}}
	linking, err := bucket.Open(t.Context(), "file://"+folder+"/blobs?"+parameters.Encode())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, linking.Close()) })
	b.res.Bucket = linking
	b.serve(t)

	c := b.conference(t, olga)
	picture := c.stored(file{owner: "events", kind: "image", path: "/l.png", contentType: "image/png", content: pngOf(t, drawn(900, 30))})
	page := c.stored(file{owner: "events", kind: "image", path: "/l.html", contentType: "text/html; charset=utf-8", content: []byte("<p>")})
	c.made("c4f1a9e2").publish()
	address := func(id int64, variant string) string {
		return fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/%s", id, variant)
	}

	a := b.ask(t, nobody, http.MethodGet, address(picture, "original"))
	require.Equal(t, http.StatusTemporaryRedirect, a.status)
	require.Empty(t, a.text)
	require.Equal(t, "private, max-age=300", a.header.Get("Cache-Control"))
	link, err := url.Parse(a.header.Get("Location"))
	require.NoError(t, err)
	base, err := url.Parse("https://store.example/")
	require.NoError(t, err)
	key, err := fileblob.NewURLSignerHMAC(base, []byte("a secret for tests")).KeyFromURL(t.Context(), link)
	require.NoError(t, err, "the link is a good one")
	require.Equal(t, bucket.MediaKey(c.id, itoa(picture)), key)

	require.Equal(t, http.StatusOK, b.ask(t, nobody, http.MethodHead, address(picture, "original")).status, "a link is for GET")
	require.Equal(t, http.StatusOK, b.ask(t, nobody, http.MethodGet, address(picture, "thumbnail")).status)
	served := b.ask(t, nobody, http.MethodGet, address(page, "original"))
	require.Equal(t, http.StatusOK, served.status)
	require.Contains(t, served.header.Get("Content-Security-Policy"), "sandbox")
}
