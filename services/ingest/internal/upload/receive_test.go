package upload

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestReceiveStoresTheArchiveAndRequestsItsImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	content := archive(t, 300_000)
	sum := sha256.Sum256(content)
	contentType, body := form(t, part{"note", "", []byte("hello")}, part{"file", "conf 2027.zip", content}, part{"after", "", []byte("x")})
	began := time.Now().Add(-time.Second)

	a := b.post(t, contentType, bytes.NewReader(body),
		"X-Request-Id", "request-1", "Tracestate", "vendor=1",
		"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	id, _ := a.body["id"].(string)
	parsed, err := uuid.Parse(id)
	require.NoError(t, err)
	require.Equal(t, uuid.Version(7), parsed.Version())
	require.Equal(t, map[string]any{
		"task_url": "/v1/tasks/" + id, "id": id, "kind": "event-archive",
		"sha256": hex.EncodeToString(sum[:]), "size": float64(len(content)),
	}, a.body)
	require.Equal(t, "/v1/tasks/"+id, a.header.Get("Location"))
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	require.Equal(t, "request-1", a.header.Get("X-Request-Id"))

	envelope, request, stored := b.request(t, id)
	require.Equal(t, stored.ID(), envelope.ID)
	require.WithinRange(t, envelope.Time, began, time.Now())
	require.Equal(t, contracts.Envelope{
		Type: "usher.import.requested.v1", ID: envelope.ID, Time: envelope.Time, Source: "ingest",
		Import: id, Kind: contracts.EventArchive, Attempt: 1,
		Owner:       contracts.Owner{Issuer: "usher", Subject: "ada", Email: "ada@conf.example"},
		Correlation: "request-1", TraceState: "vendor=1",
		TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}, envelope)
	require.Equal(t, &contracts.ImportRequested{
		Blob: request.Blob, FileName: "conf 2027.zip", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]),
	}, request)

	require.Equal(t, []string{request.Blob}, b.blobs(t))
	require.True(t, strings.HasPrefix(request.Blob, "archives/"+id+"/"))
	kept, err := b.Bucket.ReadAll(t.Context(), request.Blob)
	require.NoError(t, err)
	require.Equal(t, content, kept)
	require.Equal(t, 1, strings.Count(b.logged.String(), "\n"), "one record")
	require.Contains(t, b.logged.String(), id)
	require.NotContains(t, b.logged.String(), "ada@conf.example")
}

func TestReceiveGivesEachUploadAnImportOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	ids := make(map[string]bool)
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			response, err := b.server.Client().Post(b.server.URL+"/v1/events/import/json", contentType, bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			_ = response.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			ids[response.Header.Get("Location")] = true
		})
	}
	group.Wait()
	require.Len(t, ids, 10)
	require.Len(t, b.blobs(t), 10)
	require.EqualValues(t, 10, b.messages(t))
}

func TestReceiveTakesOddButValidForms(t *testing.T) {
	t.Parallel()
	content := archive(t, 100)
	for name, test := range map[string]struct {
		parts []part
		file  string
	}{
		"no file name":         {[]part{{"file", "", content}}, ""},
		"folders":              {[]part{{"file", "../../etc/conf.zip", content}}, "conf.zip"},
		"folders of Windows":   {[]part{{"file", `C:\fakepath\conf.zip`, content}}, "conf.zip"},
		"control characters":   {[]part{{"file", "a\u202eb\u0085c.zip", content}}, "abc.zip"},
		"a long name":          {[]part{{"file", strings.Repeat("ü", 200) + ".zip", content}}, strings.Repeat("ü", 127)},
		"other scripts":        {[]part{{"file", "会議.zip", content}}, "会議.zip"},
		"an empty zip":         {[]part{{"file", "empty.zip", append([]byte("PK\x05\x06"), make([]byte, 18)...)}}, "empty.zip"},
		"two, the first wins":  {[]part{{"file", "one.zip", content}, {"file", "two.zip", []byte("no zip")}}, "one.zip"},
		"as many as may be":    {append(repeat(part{"x", "", make([]byte, maxOther)}, maxParts-1), part{"file", "last.zip", content}), "last.zip"},
		"a file beside":        {[]part{{"picture", "file", []byte("PK")}, {"file", "conf.zip", content}}, "conf.zip"},
		"a part without name ": {[]part{{"", "", []byte("x")}, {"file", "conf.zip", content}}, "conf.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			contentType, body := form(t, test.parts...)
			a := b.post(t, contentType, bytes.NewReader(body))
			require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
			_, request, _ := b.request(t, a.body["id"].(string))
			require.Equal(t, test.file, request.FileName)
		})
	}
}

func repeat(p part, times int) []part {
	all := make([]part, times)
	for i := range all {
		all[i] = p
	}
	return all
}

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	content := archive(t, 100)
	contentType, good := form(t, part{"file", "a.zip", content})
	for name, test := range map[string]struct {
		contentType string
		parts       []part
		body        []byte
		status      int
		code        string
	}{
		"no content type":        {body: good, status: 415, code: "not_multipart"},
		"a zip alone":            {contentType: "application/zip", body: content, status: 415, code: "not_multipart"},
		"no boundary":            {contentType: "multipart/form-data", body: good, status: 415, code: "not_multipart"},
		"multipart of another":   {contentType: "multipart/mixed; boundary=x", body: good, status: 415, code: "not_multipart"},
		"broken content type":    {contentType: "multipart/form-data; boundary=", body: good, status: 415, code: "not_multipart"},
		"nothing":                {contentType: contentType, body: []byte{}, status: 400, code: "upload_incomplete"},
		"another boundary":       {contentType: "multipart/form-data; boundary=another", body: good, status: 400, code: "upload_incomplete"},
		"broken part head":       {contentType: "multipart/form-data; boundary=x", body: []byte("--x\r\nno head\r\n\r\nPK\x03\x04\r\n--x--"), status: 400, code: "malformed_upload"},
		"text after a boundary":  {contentType: "multipart/form-data; boundary=x", body: []byte("--x\r\n\r\n\r\n--xy\r\n\r\n--x--"), status: 400, code: "file_missing"},
		"an endless line":        {contentType: "multipart/form-data; boundary=x", body: bytes.Repeat([]byte("a"), 1<<20), status: 400, code: "malformed_upload"},
		"no part file":           {parts: []part{{"archive", "a.zip", content}}, status: 400, code: "file_missing"},
		"no parts":               {contentType: "multipart/form-data; boundary=x", body: []byte("--x--\r\n"), status: 400, code: "file_missing"},
		"part File":              {parts: []part{{"File", "a.zip", content}}, status: 400, code: "file_missing"},
		"file is only its name":  {parts: []part{{"x", "file", content}}, status: 400, code: "file_missing"},
		"an empty file":          {parts: []part{{"file", "a.zip", nil}}, status: 400, code: "file_empty"},
		"a PDF":                  {parts: []part{{"file", "a.zip", []byte("%PDF-1.7 …")}}, status: 415, code: "not_a_zip"},
		"three bytes":            {parts: []part{{"file", "a.zip", []byte("PK\x03")}}, status: 415, code: "not_a_zip"},
		"a zip after a prefix":   {parts: []part{{"file", "a.zip", append([]byte("x"), content...)}}, status: 415, code: "not_a_zip"},
		"too many parts before":  {parts: append(repeat(part{"x", "", nil}, maxParts), part{"file", "a.zip", content}), status: 400, code: "malformed_upload"},
		"too large a part":       {parts: []part{{"x", "", make([]byte, maxOther+1)}, {"file", "a.zip", content}}, status: 400, code: "malformed_upload"},
		"cut off in the file":    {contentType: contentType, body: good[:len(good)-100], status: 400, code: "upload_incomplete"},
		"cut off in the head":    {contentType: contentType, body: good[:80], status: 400, code: "malformed_upload"},
		"cut off in its start":   {contentType: contentType, body: good[:bytes.Index(good, []byte("PK"))+2], status: 400, code: "upload_incomplete"},
		"no boundary at the end": {contentType: contentType, body: bytes.TrimRight(good, "-\r\n0123456789abcdef"), status: 400, code: "upload_incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if test.parts != nil {
				test.contentType, test.body = form(t, test.parts...)
			}
			b.refused(t, b.post(t, test.contentType, bytes.NewReader(test.body)), test.status, test.code)
			require.Empty(t, b.logged.String(), "a client's mistake is no failure of ours")
		})
	}
}

func TestReceiveNamesTheSourceTypesItKnows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contentType, body := form(t, part{"file", "a.zip", archive(t, 100)})
	a := b.postTo(t, "/v1/events/import/pentabarf", contentType, bytes.NewReader(body))
	b.refused(t, a, http.StatusNotFound, "unknown_source_type")
	require.Equal(t, []any{"json"}, a.body["known"])
}

func TestReceiveKeepsToItsLimit(t *testing.T) {
	t.Parallel()
	content := archive(t, 500_000)
	contentType, body := form(t, part{"file", "a.zip", content})
	limit := func(most int) func(*Receiver) { return func(u *Receiver) { u.maxBytes = int64(most) } }

	t.Run("to the byte", func(t *testing.T) {
		t.Parallel()
		b := setup(t, limit(len(content)))
		require.Equal(t, http.StatusAccepted, b.post(t, contentType, bytes.NewReader(body)).status)
	})
	t.Run("one byte more", func(t *testing.T) {
		t.Parallel()
		b := setup(t, limit(len(content)-1))
		b.refused(t, b.post(t, contentType, bytes.NewReader(body)), http.StatusRequestEntityTooLarge, "too_large")
	})
	t.Run("of unknown length", func(t *testing.T) {
		t.Parallel()
		b := setup(t, limit(len(content)-1))
		b.refused(t, b.post(t, contentType, io.MultiReader(bytes.NewReader(body))), http.StatusRequestEntityTooLarge, "too_large")
	})
	t.Run("so much that nothing need be read", func(t *testing.T) {
		t.Parallel()
		b := setup(t, limit(1000))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/v1/events/import/json", readerFunc(func([]byte) (int, error) {
			t.Error("the body was asked for")
			return 0, io.EOF
		}))
		require.NoError(t, err)
		request.ContentLength = beside + 1001
		request.Header.Set("Content-Type", contentType)
		request.Header.Set("Expect", "100-continue")
		transport := &http.Transport{ExpectContinueTimeout: time.Minute}
		defer transport.CloseIdleConnections()
		response, err := transport.RoundTrip(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
		require.Empty(t, b.blobs(t))
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Each of these clients sends the start of a valid upload over a bare
// connection, and then something goes wrong.
func TestReceiveLeavesNothingOfAnUploadThatBreaksOff(t *testing.T) {
	t.Parallel()
	contentType, body := form(t, part{"file", "a.zip", archive(t, 2<<20)})
	head := fmt.Sprintf("POST /v1/events/import/json HTTP/1.1\r\nHost: usher.example\r\nContent-Type: %s\r\n", contentType)
	length := func(n int) string { return fmt.Sprintf("%sContent-Length: %d\r\n\r\n", head, n) }
	for name, test := range map[string]struct {
		sent string
		code string
	}{
		"client closes":           {length(len(body)) + string(body[:1<<20]), "upload_incomplete"},
		"more announced":          {length(len(body)+100) + string(body[:len(body)-60]), "upload_incomplete"},
		"less announced":          {length(len(body)-100) + string(body), "upload_incomplete"},
		"chunk that is no chunk":  {head + "Transfer-Encoding: chunked\r\n\r\n" + "100000\r\n" + string(body[:1<<20]) + "\r\nnot a number\r\n", "malformed_upload"},
		"chunks that do not end":  {head + "Transfer-Encoding: chunked\r\n\r\n" + "100000\r\n" + string(body[:1<<20]) + "\r\n", "upload_incomplete"},
		"chunk of a length  only": {head + "Transfer-Encoding: chunked\r\n\r\n" + "100000\r\n", "upload_incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.refused(t, b.bare(t, test.sent, true), http.StatusBadRequest, test.code)
		})
	}
}

func TestReceiveGivesUpOnAClientThatFallsSilent(t *testing.T) {
	t.Parallel()
	b := setup(t, func(u *Receiver) { u.idle = 100 * time.Millisecond })
	contentType, body := form(t, part{"file", "a.zip", archive(t, 2<<20)})
	sent := fmt.Sprintf("POST /v1/events/import/json HTTP/1.1\r\nHost: usher.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		contentType, len(body), body[:1<<20])
	b.refused(t, b.bare(t, sent, false), http.StatusRequestTimeout, "upload_stalled")
}

// trickle sends the start of an upload, then piece by piece of what is left until an
// answer comes, and returns the answer.
func (b *bench) trickle(t *testing.T, start int, pieces func(rest []byte) (piece int, pause time.Duration)) answer {
	t.Helper()
	contentType, body := form(t, part{"file", "a.zip", archive(t, 2<<20)})
	connection, err := net.Dial("tcp", b.server.Listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = connection.Close() }()
	require.NoError(t, connection.SetDeadline(time.Now().Add(time.Minute))) // nobody else would end a trickle
	_, err = fmt.Fprintf(connection, "POST /v1/events/import/json HTTP/1.1\r\nHost: usher.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		contentType, len(body), body[:start])
	require.NoError(t, err)
	go func() { // until the connection is closed
		for rest := body[start:]; len(rest) > 0; {
			n, pause := pieces(rest)
			<-time.After(pause) // this is what the client is: slow
			if _, err := connection.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
	}()
	return answerOn(t, connection)
}

func TestReceiveGivesUpOnAClientThatTrickles(t *testing.T) {
	t.Parallel()
	b := setup(t, func(u *Receiver) { u.idle = 300 * time.Millisecond })
	a := b.trickle(t, 1<<20, func([]byte) (int, time.Duration) { return 1, 10 * time.Millisecond })
	b.refused(t, a, http.StatusRequestTimeout, "upload_stalled")
}

// piped is the answer to a client that sends through a pipe.
type piped struct {
	http.ResponseWriter
	body net.Conn
}

func (p piped) SetReadDeadline(at time.Time) error { return p.body.SetReadDeadline(at) }

// uploading has a client send pieces, with a pause before each, to a store that takes its
// time in the middle, and asserts that all is read. It is a bubble of synctest, where only
// waiting takes time, however slow the machine is.
func uploading(t *testing.T, u *Receiver, piece int, pause, storing time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sent := archive(t, 2<<20)
		client, server := net.Pipe()
		defer func() { _ = server.Close() }() // the client ends with it
		go func() {
			for rest := sent; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				<-time.After(pause)
				if _, err := client.Write(rest[:min(piece, len(rest))]); err != nil {
					return
				}
			}
		}()
		r := httptest.NewRequest(http.MethodPost, "/", io.LimitReader(server, int64(len(sent))))
		b := u.limited(piped{httptest.NewRecorder(), server}, r)
		taken := make([]byte, 1<<20)
		_, err := io.ReadFull(b, taken)
		require.NoError(t, err)
		<-time.After(storing)
		rest, err := io.ReadAll(b)
		require.NoError(t, err)
		require.True(t, bytes.Equal(sent, append(taken, rest...)))
	})
}

func TestReceiveTakesItsTimeForAClientThatIsSlow(t *testing.T) {
	t.Parallel()
	u := &Receiver{Route: Events(8 << 20), idle: time.Second}
	// In all it takes longer than a client may be silent.
	uploading(t, u, slowest, 50*time.Millisecond, 0)
}

func TestReceiveDoesNotBlameAClientForAStoreThatIsSlow(t *testing.T) {
	t.Parallel()
	u := &Receiver{Route: Events(8 << 20), idle: time.Second}
	uploading(t, u, 2<<20, 0, 2*u.idle)
}

// net/http would take the rest for another request, and panic.
func TestReceiveKeepsNoConnectionWhoseBodyHasNotEnded(t *testing.T) {
	t.Parallel()
	contentType, body := form(t, part{"file", "a.zip", archive(t, 2<<20)})
	b := setup(t)
	for announced, kept := range map[int]bool{len(body): true, len(body) + 1: false} {
		a := b.bare(t, fmt.Sprintf("POST /v1/events/import/json HTTP/1.1\r\nHost: usher.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			contentType, announced, body), false)
		require.Equal(t, http.StatusAccepted, a.status, "the file is whole: %v", a.body)
		require.Equal(t, kept, a.header.Get("Connection") != "close", "%d of %d bytes", len(body), announced)
	}
}

func TestReceiveTellsTheReasonAlsoToAClientThatSendsAllBeforeItReads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contentType, body := form(t, part{"file", "a.zip", make([]byte, 20<<20)})
	sent := fmt.Sprintf("POST /v1/events/import/json HTTP/1.1\r\nHost: usher.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		contentType, len(body), body)
	b.refused(t, b.bare(t, sent, false), http.StatusRequestEntityTooLarge, "too_large")
}

func TestReceiveReadsAnUploadOfAnySizeInConstantMemory(t *testing.T) {
	const size = 300 << 20
	b := setup(t, func(u *Receiver) { u.maxBytes = size })
	reader, writer := io.Pipe()
	mw := multipart.NewWriter(writer)
	sum := sha256.New()
	go func() {
		w, err := mw.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="big.zip"`}})
		if err == nil {
			chunk := bytes.Repeat([]byte("PK\x03\x04 and so on ..."), 1<<16)[:1<<20]
			for range size >> 20 {
				if _, err = io.MultiWriter(w, sum).Write(chunk); err != nil {
					break
				}
			}
		}
		if err == nil {
			err = mw.Close()
		}
		writer.CloseWithError(err)
	}()

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	a := b.post(t, mw.FormDataContentType(), reader)
	runtime.ReadMemStats(&after)
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	require.EqualValues(t, size, a.body["size"])
	require.Equal(t, hex.EncodeToString(sum.Sum(nil)), a.body["sha256"])
	// All that was ever allocated meanwhile, by client and broker too.
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
}

func TestReceiveTakesWhatIsAskedForIntoTheRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	for query, want := range map[string]struct {
		kind    contracts.Kind
		options contracts.Options
	}{
		"":                            {contracts.EventArchive, contracts.Options{}},
		"?mode=default&dry_run=false": {contracts.EventArchive, contracts.Options{}},
		"?mode=strict":                {contracts.EventArchive, contracts.Options{Mode: contracts.Strict}},
		"?fetch_media=true":           {contracts.EventArchive, contracts.Options{FetchMedia: true}},
		"?dry_run=true":               {contracts.EventCheck, contracts.Options{}},
		"?dry_run=true&mode=lenient&publish=true": {contracts.EventCheck, contracts.Options{Mode: contracts.Lenient, Publish: true}},
	} {
		a := b.postTo(t, "/v1/events/import/json"+query, contentType, bytes.NewReader(body))
		require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
		require.Equal(t, string(want.kind), a.body["kind"], query)
		stored, err := b.broker.Last(t.Context(), b.Names.ImportsStream(),
			b.Names.Outcome(want.kind, contracts.Ingest, a.body["id"].(string), 1, contracts.OutcomeCompleted))
		require.NoError(t, err)
		env, payload, err := contracts.Decode(stored.Data)
		require.NoError(t, err)
		require.Equal(t, want.kind, env.Kind)
		require.Equal(t, want.options, payload.(*contracts.ImportRequested).Options, query)
	}
}

func TestReceiveRefusesOptionsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	for _, query := range []string{
		"mode=Strict", "mode=loose", "publish=1", "fetch_media=1", "fetch_media=yes", "dry_run=1", "dry_run=yes", "dry_run=false&dry_run=true",
		"mode=strict;dry_run=true", "dry_run=true%", // which have no parameters that could be read
	} {
		b.refused(t, b.postTo(t, "/v1/events/import/json?"+query, contentType, bytes.NewReader(body)), http.StatusBadRequest, "bad_option")
	}
}
