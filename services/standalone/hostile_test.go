package standalone_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/hostile"
)

// The bounds of one case. They are generous: what they catch takes minutes or
// gigabytes, whatever else the machine does meanwhile.
const (
	hostileTime   = 2 * time.Minute
	hostileMemory = 640 << 20
)

// besieged is a running usher that hostile things are sent to, one after another.
type besieged struct {
	process     *process
	olga, admin api
	// table tells of each case what came of it, how long it took and how much
	// memory the process had at most.
	table *tabwriter.Writer
}

func newBesieged(t *testing.T) *besieged {
	t.Helper()
	folder := dataFolder(t)
	p := up(t, folder)
	var told strings.Builder
	b := &besieged{
		process: p, table: tabwriter.NewWriter(&told, 0, 0, 2, ' ', 0),
		olga:  as(t, p, folder, "olga@organizers.example", false),
		admin: as(t, p, folder, "operator@admins.example", true),
	}
	t.Cleanup(func() {
		require.NoError(t, b.table.Flush())
		t.Log("\n" + told.String())
	})
	return b
}

// under runs one case, and holds the process to the bounds: it answers when the
// case is over, and has not failed at anything itself.
func (b *besieged) under(t *testing.T, name string, run func(t *testing.T) (cameTo string)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		logged, began := len(b.process.log.String()), time.Now()
		b.process.forgetPeak()
		cameTo := run(t)
		took, peak := time.Since(began), b.process.peak(t)
		_, _ = fmt.Fprintf(b.table, "%s\t%s\t%.1f s\t%d MiB\n", name, cameTo, took.Seconds(), peak>>20)
		require.Less(t, took, hostileTime)
		require.Less(t, peak, int64(hostileMemory))
		require.NotEmpty(t, b.olga.total(t, "/v1/imports"), "it answers")
		log := b.process.log.String()[logged:]
		for _, sign := range []string{"panic", "tries_exhausted", "try did not succeed", "given up", "request failed"} {
			require.NotContains(t, log, sign)
		}
	})
}

func TestHostileFilesEndWithTheirCodesWithinTimeAndMemory(t *testing.T) {
	t.Parallel()
	b := newBesieged(t)
	good := made(t, 12, 6, 7)
	b.olga.succeeded(t, b.olga.upload(t, good))
	for _, c := range slices.Concat(hostile.Zips(), hostile.Records(), hostile.Media(), hostile.Lists()) {
		file := c.File() // making it counts for nothing
		b.under(t, c.Name, func(t *testing.T) string { return b.uploaded(t, c, file) })
	}
	result := b.olga.succeeded(t, b.olga.upload(t, good))
	require.Equal(t, expected(t, good), b.olga.inventory(t, result.ID))
	b.admin.succeeded(t, b.admin.uploadList(t, "nick,email,password\nada,ada@crew.example,the horse of ada\n"))
}

// uploaded uploads the file of a case and waits for what comes of it.
func (b *besieged) uploaded(t *testing.T, c hostile.Case, file []byte) string {
	t.Helper()
	who, path, name := b.olga, "/v1/events/import/json", "archive.zip"
	if c.List {
		who, path, name = b.admin, "/v1/users/import/csv", "crew.csv"
	}
	status, answer := who.send(t, path, name, file)
	if c.Refused != "" {
		require.Equal(t, c.Refused, answer.Code, "%d", status)
		require.Contains(t, []int{400, 413, 415}, status)
		return fmt.Sprintf("%d %s", status, answer.Code)
	}
	require.Equal(t, http.StatusAccepted, status, answer.Code)
	task := who.ended(t, answer.ID)
	found := who.issueCodes(t, answer.ID)
	require.Equal(t, 1, task.Attempt)
	if c.Failed != "" {
		require.Equal(t, contracts.Failure, task.State, "%v", found)
		require.Equal(t, c.Failed, task.Error.Code, "%+v", task)
		require.Equal(t, c.Issues, found, "%+v", task.Error)
		return strings.Join(append([]string{c.Failed}, found...), " ")
	}
	require.Equal(t, contracts.Success, task.State, "%+v", task.Error)
	require.Equal(t, c.Issues, found, "%v", task)
	b.served(t, task, c.Media)
	return strings.Join(append([]string{"imported"}, found...), " ")
}

// issueCodes are the codes of an import's issues, in order and each once.
func (a api) issueCodes(t *testing.T, id string) []string {
	t.Helper()
	var found []string
	for page := 1; page <= 60; page++ {
		var issues struct{ Data []contracts.Issue }
		a.get(t, fmt.Sprintf("/v1/imports/%s/issues?page[size]=200&page[number]=%d", id, page), &issues)
		for _, i := range issues.Data {
			found = append(found, i.Code)
		}
		if len(issues.Data) < 200 {
			break
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// sent is what an upload is answered with.
type sent struct{ ID, Code string }

// send uploads a file, whatever the answer is.
func (a api) send(t *testing.T, path, name string, file []byte) (int, sent) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+path, &body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+a.token)
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	var answer sent
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	return res.StatusCode, answer
}

// served holds the files of an event against how they should be served.
func (b *besieged) served(t *testing.T, task contracts.Task, files map[string]hostile.Served) {
	t.Helper()
	if len(files) == 0 {
		return
	}
	result, err := json.Marshal(task.Result)
	require.NoError(t, err)
	var event contracts.Result
	require.NoError(t, json.Unmarshal(result, &event))
	media := b.olga.all(t, "/v1/events/"+event.ID+"/media")
	require.Len(t, media, len(files))
	for _, m := range media {
		path, ok := m.Attributes["path"].(string)
		require.True(t, ok)
		want, ok := files[path]
		require.True(t, ok, path)
		at := "/v1/events/" + event.ID + "/media/" + m.ID
		res := b.olga.answer(t, at+"/original")
		require.Equal(t, http.StatusOK, res.StatusCode)
		mediaType, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
		require.NoError(t, err)
		require.Equal(t, want.Type, mediaType)
		require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
		if !want.Pixels {
			require.Contains(t, res.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'")
		}
		how, _, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
		require.NoError(t, err)
		require.Equal(t, want.Shown, how == "inline", how)

		res = b.olga.answer(t, at+"/thumbnail")
		if want.Copy == "" {
			require.Equal(t, http.StatusOK, res.StatusCode)
			continue
		}
		var problem sent
		require.NoError(t, json.NewDecoder(res.Body).Decode(&problem))
		require.Equal(t, want.Copy, problem.Code)
		require.Contains(t, []int{404, 422}, res.StatusCode)
	}
}

// answer asks for something, whatever the answer is.
func (a api) answer(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+a.token)
	res, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, res.Body.Close()) })
	return res
}

func TestHostileUploadsAreAnsweredWithinTimeAndMemory(t *testing.T) {
	t.Parallel()
	b := newBesieged(t)
	good := made(t, 12, 6, 7)
	b.olga.succeeded(t, b.olga.upload(t, good))
	// These hold their connections while all others come.
	silent := make(map[*hostile.Request][]net.Conn)
	for _, r := range hostile.Silent() {
		for range 40 {
			silent[&r] = append(silent[&r], b.begun(t, r))
		}
	}
	for _, r := range hostile.Requests() {
		b.under(t, r.Name, func(t *testing.T) string {
			conn := b.begun(t, r)
			if r.Then == hostile.Leaves {
				require.NoError(t, conn.Close())
				return "no answer"
			}
			if r.Then == hostile.Ends {
				tcp, ok := conn.(*net.TCPConn)
				require.True(t, ok)
				_ = tcp.CloseWrite() // it may have been closed for us
			}
			return told(t, conn, r)
		})
	}
	began := time.Now()
	for r, conns := range silent {
		var came string
		for _, conn := range conns {
			came = told(t, conn, *r)
		}
		_, _ = fmt.Fprintf(b.table, "%s, %d at once\t%s\n", r.Name, len(conns), came)
	}
	require.Less(t, time.Since(began), hostileTime)
	result := b.olga.succeeded(t, b.olga.upload(t, good))
	require.Equal(t, expected(t, good), b.olga.inventory(t, result.ID))
}

// begun sends a hostile request as far as it goes.
func (b *besieged) begun(t *testing.T, r hostile.Request) net.Conn {
	t.Helper()
	at, err := url.Parse(b.process.url)
	require.NoError(t, err)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", at.Host)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() }) // it may have been closed before
	_, err = fmt.Fprintf(conn, "POST /v1/events/import/json HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n", at.Host, b.olga.token)
	require.NoError(t, err)
	_ = r.Send(conn) // the server may have heard enough before all is sent
	return conn
}

// told reads the answer to a hostile request, which must be the expected one.
func told(t *testing.T, conn net.Conn, r hostile.Request) string {
	t.Helper()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(hostileTime)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if r.Status == 0 {
		require.True(t, errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), "%v", err)
		return "closed without an answer"
	}
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }() // the connection is closed with the test
	require.Equal(t, r.Status, res.StatusCode)
	if r.Problem == "" {
		return strconv.Itoa(r.Status)
	}
	require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	var problem sent
	require.NoError(t, json.NewDecoder(res.Body).Decode(&problem))
	require.Equal(t, r.Problem, problem.Code)
	return fmt.Sprintf("%d %s", r.Status, problem.Code)
}

// forgetPeak has the system count the most memory of a process anew, where it can.
func (p *process) forgetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0)
}

// peak is the most memory that a process has had at once, and 0 where the system
// does not say.
func (p *process) peak(t *testing.T) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	require.True(t, ok, string(status))
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return kib << 10
}
