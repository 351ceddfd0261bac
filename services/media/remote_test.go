package media

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	_ "github.com/usher-events/usher/pkg/bucket/drivers"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/media/internal/files"
	"github.com/usher-events/usher/services/media/internal/remote"
)

// website has files, and counts who asks for which.
type website struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

// picture is a small picture.
func picture(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 3))))
	return b.String()
}

func newWebsite(t *testing.T, content map[string]string) *website {
	t.Helper()
	s := &website{asked: make(map[string]int)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked[r.URL.Path]++
		s.mu.Unlock()
		text, ok := content[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream") // which says nothing
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(s.Close)
	return s
}

// web is all of this machine that is one website.
func (s *website) web() files.Web {
	here := netip.MustParseAddrPort(s.Listener.Addr().String())
	permit := remote.Permit{Ports: []string{strconv.Itoa(int(here.Port()))}, Server: func(to netip.AddrPort) error {
		if to == here {
			return nil
		}
		return remote.Public(to)
	}}
	return files.Web{Fetcher: remote.New(remote.Config{Permit: permit})}
}

func (s *website) requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.asked))
	maps.Copy(counts, s.asked)
	return counts
}

// onTheWeb is a made-up archive of which records name files by addresses: event is more
// of the event, sessions and speakers are lists.
func onTheWeb(t *testing.T, event, speakers, sessions string) []byte {
	t.Helper()
	return archiveOf(t, map[string]string{"event": eventWith(event), "speakers": speakers, "sessions": sessions})
}

// eventWith is the event of an archive, with more members.
func eventWith(more string) string {
	return `{"id": 7, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00",
		"timezone": "Europe/Lisbon"` + more + `}`
}

// archiveOf is an archive of files that are not compressed.
func archiveOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		require.NoError(t, err)
		_, err = w.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// fetchRun is a media stage that an archive comes to.
type fetchRun struct {
	stagetest.World
	stage   stage.Stage
	env     contracts.Envelope
	carried contracts.Carried
}

func newFetchRun(t *testing.T, web files.Web, archive []byte, options contracts.Options) *fetchRun {
	t.Helper()
	r := &fetchRun{
		World: stagetest.NewWorld(t, service.Migrations(Service())...), stage: archiveStage(web),
		env: stagetest.NewEnvelope(contracts.EventArchive),
	}
	r.carried = contracts.Carried{
		Blob: r.Upload(t, r.env.Import, archive), Options: options,
		Event: &contracts.EventFacts{ID: "1", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "Europe/Lisbon"},
	}
	return r
}

// handle delivers the message that starts the stage.
func (r *fetchRun) handle(ctx context.Context) error {
	return r.deliver(ctx, contracts.CompletionOf(contracts.Schedule, contracts.Completed{Carried: r.carried}))
}

// replay has the import tried again from this stage.
func (r *fetchRun) replay(t *testing.T, attempt int) {
	t.Helper()
	r.env.Attempt = attempt
	require.NoError(t, r.deliver(t.Context(), &contracts.ReplayRequested{Carried: r.carried, From: contracts.Media}))
}

func (r *fetchRun) deliver(ctx context.Context, payload contracts.Payload) error {
	data, err := contracts.Encode(r.env, payload)
	if err != nil {
		return err
	}
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(ctx)
	return stage.NewRunner(r.stage, r.Resources).Handle(msg)
}

// ended is what an attempt of the stage has come to.
func (r *fetchRun) ended(t *testing.T, attempt int) contracts.Completed {
	t.Helper()
	_, outcome, ok := r.Outcome(t.Context(), t, r.stage, r.env.Import, attempt)
	require.True(t, ok)
	done, ok := contracts.CompletedOf(outcome)
	require.True(t, ok, "%+v", outcome)
	return done
}

// rows tells of each file its record, field, state and type.
func (r *fetchRun) rows(t *testing.T) []string {
	t.Helper()
	var rows []string
	err := r.DB.NewSelect().Table("media.files").ColumnExpr("concat_ws(' ', origin, state, content_type)").
		Where("import_id = ?", r.env.Import).OrderExpr("id").Scan(t.Context(), &rows)
	require.NoError(t, err)
	return rows
}

// written tells of each file in the bucket when it was stored.
func (r *fetchRun) written(t *testing.T) map[string]time.Time {
	t.Helper()
	times := make(map[string]time.Time)
	for listed, err := range r.Bucket.Below(t.Context(), bucket.Media) {
		require.NoError(t, err)
		times[listed.Key] = listed.Time
	}
	return times
}

func TestFilesOfTheWebAreFetchedOnceAndOthersStay(t *testing.T) {
	t.Parallel()
	site := newWebsite(t, map[string]string{
		"/logo.png": picture(t), "/slides.pdf": "%PDF-1.7\n", "/film": "<!DOCTYPE html><html><title>A film</title></html>",
		"/tool.zip": "PK\x03\x04" + strings.Repeat("\x00", 60),
	})
	other := newWebsite(t, map[string]string{"/ada.png": picture(t)})
	at := func(path string) string { return site.URL + path + "?token=hunter2" }
	r := newFetchRun(t, site.web(), onTheWeb(t,
		fmt.Sprintf(`, "logo": %q, "background_image": %q, "large": %q`, at("/logo.png"), at("/logo.png"), at("/gone.png")),
		fmt.Sprintf(`[{"id": 1, "name": "Ada", "photo": %q, "thumbnail": %q}, {"id": 2, "name": "Ben", "photo": %q, "icon": "ftp://cdn.example/i.png"}]`,
			other.URL+"/ada.png?token=hunter2", at("/tool.zip"), strings.Replace(at("/logo.png"), "http://", "http://olga:hunter2@", 1)),
		fmt.Sprintf(`[{"id": 1, "title": "Wicks", "start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T10:30:00",
			"slides": %q, "video": %q, "audio": %q}]`, at("/slides.pdf"), at("/film"), at("/logo.png")),
	), contracts.Options{FetchMedia: true})
	require.NoError(t, r.handle(t.Context()))

	require.Equal(t, []string{
		"events/0/logo stored image/png", "events/0/background_image stored image/png", "events/0/large remote",
		"speakers/0/photo remote", "speakers/0/thumbnail remote", "speakers/1/photo stored image/png", "speakers/1/icon remote",
		"sessions/0/slides stored application/pdf", "sessions/0/audio remote", "sessions/0/video remote",
	}, r.rows(t))
	require.Equal(t, map[string]int{"/logo.png": 1, "/gone.png": 1, "/tool.zip": 1, "/slides.pdf": 1, "/film": 1}, site.requests())
	require.Empty(t, other.requests(), "a server that is not of the public web is not asked")

	var blobs []string
	require.NoError(t, r.DB.NewSelect().Table("media.files").ColumnExpr("DISTINCT blob").Where("state = 'stored'").Scan(t.Context(), &blobs))
	require.Len(t, blobs, 2, "who names the same address shares its file")
	for _, blob := range blobs {
		content, err := r.Bucket.ReadAll(t.Context(), blob)
		require.NoError(t, err)
		require.Contains(t, []string{picture(t), "%PDF-1.7\n"}, string(content))
	}

	done := r.ended(t, 1)
	require.Equal(t, contracts.IssueCounts{Warning: 5, Info: 1}, done.Found)
	codes := make(map[string]int)
	for _, issue := range done.FirstIssues {
		codes[issue.Code]++
	}
	require.Equal(t, map[string]int{
		remote.CodeFailed: 1, remote.CodeRefused: 2, files.CodeWebKind: 2, files.CodePage: 1,
	}, codes)
	told, err := json.Marshal(done)
	require.NoError(t, err)
	require.Contains(t, string(told), "'large' stays the address "+site.URL+"/gone.png: the server answers 404 Not Found")
	require.NotContains(t, string(told), "hunter2", "what may be a secret stays in its row")

	require.NoError(t, r.handle(t.Context()))
	require.Equal(t, 1, site.requests()["/logo.png"], "what is done is not done again")
}

func TestWithoutTheWishNothingOfTheWebIsAskedFor(t *testing.T) {
	t.Parallel()
	site := newWebsite(t, map[string]string{"/logo.png": picture(t)})
	r := newFetchRun(t, site.web(), onTheWeb(t, fmt.Sprintf(`, "logo": %q`, site.URL+"/logo.png"), "[]", "[]"), contracts.Options{})
	require.NoError(t, r.handle(t.Context()))
	require.Empty(t, r.rows(t))
	require.Empty(t, r.ended(t, 1).Found)
	require.Empty(t, site.requests())
}

// A try that ends before it has written down what it has fetched leaves files that the
// next one need not fetch.
func TestRedeliveryFetchesOnlyWhatIsNotThere(t *testing.T) {
	t.Parallel()
	content := map[string]string{"/logo.png": picture(t)}
	site := newWebsite(t, content)
	r := newFetchRun(t, site.web(), onTheWeb(t,
		fmt.Sprintf(`, "logo": %q, "large": %q`, site.URL+"/logo.png", site.URL+"/late.png"), "[]", "[]"), contracts.Options{FetchMedia: true})
	effects, crash := r.stage.Effects, errors.New("the process has died")
	r.stage.Effects = func(ctx context.Context, run *stage.Run) (stage.Record, error) {
		_, err := effects(ctx, run)
		return nil, errors.Join(err, crash)
	}
	require.ErrorIs(t, r.handle(t.Context()), crash)
	require.Equal(t, []string{"events/0/logo pending", "events/0/large pending"}, r.rows(t))

	before := r.written(t)
	require.Len(t, before, 1)
	content["/late.png"] = picture(t)
	r.stage.Effects = effects
	require.NoError(t, r.handle(t.Context()))
	after := r.written(t)
	require.Len(t, after, 2)
	for key, at := range before {
		require.Equal(t, at, after[key], "what is there is not stored again")
	}
	require.Equal(t, []string{"events/0/logo stored image/png", "events/0/large stored image/png"}, r.rows(t))
	require.Equal(t, map[string]int{"/logo.png": 1, "/late.png": 2}, site.requests())
	var sizes []int
	require.NoError(t, r.DB.NewSelect().Table("media.files").ColumnExpr("size").Where("size = ?", len(picture(t))).Scan(t.Context(), &sizes))
	require.Len(t, sizes, 2)
	var hashes int
	require.NoError(t, r.DB.NewSelect().Table("media.files").ColumnExpr("count(DISTINCT sha256)").Scan(t.Context(), &hashes))
	require.Equal(t, 1, hashes, "it is the same picture")
	require.Empty(t, r.ended(t, 1).Found)
}

// However many records name an address, it has one file, and one warning for each kind
// of field that it does not suit.
func TestAddressThatManyNameIsFetchedAndToldOfOnce(t *testing.T) {
	t.Parallel()
	const many = 1100 // more than one statement records
	site := newWebsite(t, map[string]string{"/ada.png": picture(t)})
	var speakers, sessions []string
	for i := range many {
		speakers = append(speakers, fmt.Sprintf(`{"id": %d, "name": "Ada", "photo": %q}`, i+1, site.URL+"/ada.png"))
	}
	for i := range 3 {
		sessions = append(sessions, fmt.Sprintf(`{"id": %d, "title": "Wicks", "start_time": "2031-05-02T10:00:00",
			"end_time": "2031-05-02T10:30:00", "audio": %q}`, i+1, site.URL+"/ada.png"))
	}
	r := newFetchRun(t, site.web(), onTheWeb(t, "", "["+strings.Join(speakers, ",")+"]", "["+strings.Join(sessions, ",")+"]"),
		contracts.Options{FetchMedia: true})
	require.NoError(t, r.handle(t.Context()))
	states := make(map[string]int)
	for _, row := range r.rows(t) {
		_, state, _ := strings.Cut(row, " ")
		states[state]++
	}
	require.Equal(t, map[string]int{"stored image/png": many, "remote": len(sessions)}, states)
	require.Equal(t, map[string]int{"/ada.png": 1}, site.requests())
	require.Len(t, r.written(t), 1)
	require.Equal(t, contracts.IssueCounts{Warning: 1}, r.ended(t, 1).Found)
}

// A bucket that is away is no word about the address, however late it is.
func TestBucketThatIsAwayIsATryAlsoWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	site := newWebsite(t, map[string]string{"/logo.png": picture(t)})
	web := site.web()
	web.Time = time.Nanosecond
	archive := onTheWeb(t, fmt.Sprintf(`, "logo": %q`, site.URL+"/logo.png"), "[]", "[]")
	r := newFetchRun(t, web, archive, contracts.Options{FetchMedia: true})
	folder := t.TempDir()
	blobs, err := bucket.Open(t.Context(), "file://"+folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, blobs.Close()) })
	r.Bucket = blobs
	r.Upload(t, r.env.Import, archive)
	blocked := filepath.Join(folder, "media")
	require.NoError(t, os.WriteFile(blocked, nil, 0o600), "a file where a folder is needed")

	require.ErrorIs(t, r.handle(t.Context()), bucket.ErrUnavailable)
	require.Equal(t, []string{"events/0/logo pending"}, r.rows(t))
	require.NoError(t, os.Remove(blocked))
	require.NoError(t, r.handle(t.Context()))
	require.Equal(t, []string{"events/0/logo remote"}, r.rows(t), "now it is the time")
	require.Equal(t, files.CodeLimit, r.ended(t, 1).FirstIssues[0].Code)
}

func TestImportFetchesSoMuchAndNoMore(t *testing.T) {
	t.Parallel()
	const many = 120 // more than are read at once
	content := make(map[string]string)
	var speakers []string
	for i := range many {
		content[fmt.Sprintf("/%d.png", i)] = picture(t)
	}
	site := newWebsite(t, content)
	for i := range many {
		speakers = append(speakers, fmt.Sprintf(`{"id": %d, "name": "Ada", "photo": %q}`, i, fmt.Sprintf("%s/%d.png", site.URL, i)))
	}
	archive := onTheWeb(t, "", "["+strings.Join(speakers, ",")+"]", "[]")
	size := int64(len(picture(t)))
	for name, limit := range map[string]func(*files.Web){
		"addresses": func(w *files.Web) { w.Addresses = 5 },
		"bytes":     func(w *files.Web) { w.Bytes = 5 * size },
	} {
		web := site.web()
		limit(&web)
		r := newFetchRun(t, web, archive, contracts.Options{FetchMedia: true})
		require.NoError(t, r.handle(t.Context()))
		stored, remaining := 0, 0
		for _, row := range r.rows(t) {
			switch {
			case strings.HasSuffix(row, " stored image/png"):
				stored++
			case strings.HasSuffix(row, " remote"):
				remaining++
			}
		}
		require.Equal(t, many, stored+remaining, name)
		require.LessOrEqual(t, stored, 5, name)
		require.Positive(t, stored, name)
		done := r.ended(t, 1)
		require.Equal(t, contracts.IssueCounts{Warning: 1}, done.Found, name)
		require.Equal(t, files.CodeLimit, done.FirstIssues[0].Code)
		require.Contains(t, done.FirstIssues[0].Message, fmt.Sprint(many-stored))
	}
}

// What ends a run ends it in the middle of a file, too, and nothing is said of the file.
func TestFetchingEndsWithTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(picture(t)))
		_ = http.NewResponseController(w).Flush()
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(site.Close)
	r := newFetchRun(t, (&website{Server: site}).web(), onTheWeb(t, fmt.Sprintf(`, "logo": %q`, site.URL+"/logo.png"), "[]", "[]"),
		contracts.Options{FetchMedia: true})
	require.ErrorIs(t, r.handle(ctx), context.Canceled)
	_, _, ended := r.Outcome(t.Context(), t, r.stage, r.env.Import, 1)
	require.False(t, ended)
	require.Equal(t, []string{"events/0/logo pending"}, r.rows(t))
}
