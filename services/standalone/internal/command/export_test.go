package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// fair is the archive of the exports of these tests.
const fair = "PK\x03\x04 all of the fair"

// later is until when it can be downloaded.
var later = time.Date(2126, 3, 11, 5, 6, 7, 0, time.UTC)

// laterText is that as this machine's clock shows it.
func laterText() string { return later.Local().Format("2006-01-02 15:04:05 MST") }

// exported is the last document of an export that has succeeded.
func exported() contracts.Task {
	t := state(contracts.Success, contracts.Notify, "Exported Spring Fair", progressOf{contracts.Sessions: {Done: 79, Total: 79}})
	t.Kind = contracts.EventExport
	t.FinishedAt = new(t.StartedAt.Add(2 * time.Second))
	t.Issues = contracts.IssueCounts{Warning: 2}
	sum := sha256.Sum256([]byte(fair))
	t.Result = contracts.Result{
		ID: "24", Identifier: "a1b2c3d4", EventName: "Spring Fair",
		URL: "/imports/" + importID, DownloadURL: "/v1/exports/" + importID,
		Counts: map[contracts.EntityType]int{
			contracts.Events: 1, contracts.Sessions: 79, contracts.Tracks: 0, contracts.SocialLinks: 1, contracts.MediaFiles: 11,
		},
		Exported: &contracts.Exported{Size: int64(len(fair)), SHA256: hex.EncodeToString(sum[:]), ExpiresAt: later, RefusedByV1: 2},
	}
	return t
}

// exporting is a usher that exports, and what it was asked for.
type exporting struct {
	*usher
	// asked is the request of the export, sent its body.
	asked, sent string
	downloads   int
}

func newExporting(t *testing.T, story ...contracts.Task) *exporting {
	t.Helper()
	e := &exporting{usher: newUsher(t, story...)}
	inner := e.Config.Handler
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events/{event}/export/json", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.asked, e.sent = r.URL.RequestURI(), string(body)
		if r.PathValue("event") == "none" {
			refuse(w, http.StatusNotFound, "Not Found", "There is no such event.", "not_found")
			return
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, `{"id":%q,"task_url":"/v1/tasks/%s","kind":"event-export"}`, importID, importID)
	})
	mux.HandleFunc("GET /v1/exports/{id}", func(w http.ResponseWriter, r *http.Request) {
		e.downloads++
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(fair))
	})
	mux.Handle("/", inner)
	e.Config.Handler = mux
	return e
}

// exporter returns the command that exports an event of e.
func (e *exporting) exporter(output string, watch bool) *Export {
	return &Export{
		Config: e.config(), Event: "a1b2c3d4", Dialect: "a", Output: output, Watch: watch,
		pace: client.Pace{Shortest: time.Millisecond, Longest: time.Millisecond, Patience: time.Minute},
	}
}

func exportStory() []contracts.Task {
	working := state(contracts.Started, contracts.Query, "Exporting sessions (40/79)", progressOf{contracts.Sessions: {Done: 40, Total: 79}})
	working.Kind = contracts.EventExport
	return []contracts.Task{working, exported()}
}

const exportBegins = "Export    " + importID + "\nTask      URL/v1/tasks/" + importID + "\n"

func TestExportSaysWhereToLook(t *testing.T) {
	t.Parallel()
	e, terminal := newExporting(t), newRecorder(false)
	c := e.exporter("", false)
	c.Dialect, c.Without = "b", []string{"video", "audio"}
	require.NoError(t, c.Run(t.Context(), &terminal.Terminal))
	require.Equal(t, exportBegins, e.told(terminal.out.String()))
	require.Equal(t, "/v1/events/a1b2c3d4/export/json?dialect=b", e.asked)
	require.JSONEq(t, `{"image":true,"video":false,"audio":false,"document":true}`, e.sent)
	require.Zero(t, e.looks)
}

func TestExportIsDownloadedWhenItIsThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "fair.zip")
	e, terminal := newExporting(t, exportStory()...), newRecorder(false)

	require.NoError(t, e.exporter(path, false).Run(t.Context(), &terminal.Terminal))

	require.Equal(t, exportBegins+
		"Wrote "+path+": Spring Fair (id 24), 20 B, 1 social link, 79 sessions, 11 media; it can be downloaded until "+laterText()+"\n"+
		"2 things in it would be refused by the old server; `usher status "+importID+"` lists them\n", e.told(terminal.out.String()))
	require.Empty(t, terminal.err.String())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, fair, string(content))
	requireOnly(t, folder, "fair.zip")
}

const exportWatched = exportBegins + ` 50 %  Exporting sessions (40/79)
SUCCESS after 2s: Spring Fair (id 24), 20 B, 1 social link, 79 sessions, 11 media; it can be downloaded until LATER
2 things in it would be refused by the old server; ` + "`usher status " + importID + "` lists them" + `
Issues    2 warnings
  warning  speakers line 3: There is no file /images/a.png
  info     event: The field 'colour' is not known
URL/v1/exports/` + importID + "\n"

func TestExportThatIsWatchedEndsWithTheAddressOfTheArchive(t *testing.T) {
	t.Parallel()
	e, terminal := newExporting(t, exportStory()...), newRecorder(false)
	e.issues = twoIssues
	require.NoError(t, e.exporter("", true).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, strings.ReplaceAll(exportWatched, "LATER", laterText()), e.told(terminal.out.String()))
	require.Zero(t, e.downloads)

	path := filepath.Join(t.TempDir(), "fair.zip")
	e, terminal = newExporting(t, exportStory()...), newRecorder(false)
	e.issues = twoIssues
	require.NoError(t, e.exporter(path, true).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, strings.ReplaceAll(exportWatched, "LATER", laterText())+"Wrote "+path+"\n", e.told(terminal.out.String()))
	require.Equal(t, 1, e.downloads)
}

func TestExportOnATerminalHasABarForTheDownload(t *testing.T) {
	t.Parallel()
	e, terminal := newExporting(t, exportStory()...), newRecorder(true)
	require.NoError(t, e.exporter(filepath.Join(t.TempDir(), "fair.zip"), true).Run(t.Context(), &terminal.Terminal))
	full := strings.Repeat("█", barColumn)
	require.Contains(t, terminal.out.String(), "sessions         "+full+"                 79/79 100 %\n")
	require.Contains(t, terminal.out.String(), "download         "+full+"             20 B/20 B 100 %\n")
}

func TestExportToTheStandardOutputIsTheArchiveAlone(t *testing.T) {
	t.Parallel()
	for _, watch := range []bool{false, true} {
		e, terminal := newExporting(t, exportStory()...), newRecorder(false)
		require.NoError(t, e.exporter("-", watch).Run(t.Context(), &terminal.Terminal))
		require.Equal(t, fair, terminal.out.String())
		require.Contains(t, e.told(terminal.err.String()), exportBegins)
		require.Contains(t, terminal.err.String(), "Wrote the archive")
	}
	e, terminal := newExporting(t), newRecorder(true)
	require.ErrorContains(t, e.exporter("-", false).Run(t.Context(), &terminal.Terminal), "nothing for a terminal")
	require.Empty(t, e.asked)
}

func TestExportReplacesAFileOnlyByForce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "fair.zip")
	require.NoError(t, os.WriteFile(path, []byte("what was there before"), 0o600))
	e := newExporting(t, exportStory()...)
	c := e.exporter(path, false)
	require.EqualError(t, c.Run(t.Context(), &newRecorder(false).Terminal), `"`+path+`" is there already; --force replaces it`)
	require.EqualError(t, e.exporter(folder, false).Run(t.Context(), &newRecorder(false).Terminal), `"`+folder+`" is there and is not a regular file`)
	nowhere := filepath.Join(folder, "none")
	require.EqualError(t, e.exporter(nowhere+"/fair.zip", false).Run(t.Context(), &newRecorder(false).Terminal), `there is no folder "`+nowhere+`"`)
	require.Empty(t, e.asked, "nothing is exported in vain")

	c.Force = true
	require.NoError(t, c.Run(t.Context(), &newRecorder(false).Terminal))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, fair, string(content))

	c = e.exporter("", true)
	c.Force = true
	exit := new(Exit)
	require.ErrorAs(t, c.Run(t.Context(), &newRecorder(false).Terminal), &exit)
	require.Equal(t, usage, exit.Code)
}

func TestExportLeavesAFileThatHasComeMeanwhile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "fair.zip")
	e := newExporting(t, exportStory()...)
	e.look = func(int) { _ = os.WriteFile(path, []byte("of somebody else"), 0o600) }
	err := e.exporter(path, false).Run(t.Context(), &newRecorder(false).Terminal)
	require.ErrorContains(t, err, `"`+path+`" is there already; --force replaces it`)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "of somebody else", string(content))
	requireOnly(t, folder, "fair.zip")
}

func TestExportThatFailsSaysWhyAndLeavesNoFile(t *testing.T) {
	t.Parallel()
	const reason = "The event is just being imported anew; export it again when that has ended."
	failed := failure()
	failed.Kind, failed.Stage, failed.Result, failed.Issues = contracts.EventExport, contracts.Query, reason, contracts.IssueCounts{}
	failed.Error = &contracts.TaskError{Title: "Event changing", Detail: reason, Code: "event_changing", Stage: contracts.Query}
	for _, watch := range []bool{false, true} {
		folder := t.TempDir()
		e, terminal := newExporting(t, failed), newRecorder(false)
		err := e.exporter(filepath.Join(folder, "fair.zip"), watch).Run(t.Context(), &terminal.Terminal)
		require.EqualError(t, err, "the export failed: "+reason)
		require.Equal(t, watch, strings.Contains(terminal.out.String(), "FAILURE after 2s in stage query\n"))
		requireOnly(t, folder)
	}
	failed.State, failed.Result, failed.Error = contracts.Canceled, nil, nil
	err := newExporting(t, failed).exporter("", true).Run(t.Context(), &newRecorder(false).Terminal)
	require.EqualError(t, err, "the export ended as CANCELED")

	e := newExporting(t)
	c := e.exporter("", false)
	c.Event = "none"
	require.EqualError(t, c.Run(t.Context(), &newRecorder(false).Terminal), "Not Found: There is no such event. (not_found)")
}

func TestDownloadThatIsNotTheArchiveLeavesNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	other := exported()
	result := other.Result.(contracts.Result)
	result.Exported.SHA256 = strings.Repeat("0", 64)
	e := newExporting(t, other)
	err := e.exporter(filepath.Join(folder, "fair.zip"), false).Run(t.Context(), &newRecorder(false).Terminal)
	require.ErrorIs(t, err, client.ErrOtherFile)
	require.Equal(t, "what came is not the archive that was exported: its SHA-256 is another one; download at URL/v1/exports/"+
		importID+" until "+laterText(), e.told(err.Error()))
	requireOnly(t, folder)
}

func TestInterruptedExportGoesOn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	folder := t.TempDir()
	e := newExporting(t, exportStory()[0])
	e.look = func(n int) {
		if n == 2 {
			cancel()
		}
	}
	err := e.exporter(filepath.Join(folder, "fair.zip"), false).Run(ctx, &newRecorder(false).Terminal)
	exit := new(Exit)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 130, exit.Code)
	require.EqualError(t, err, "stopped watching; the export goes on, `usher status "+importID+"` shows it")
	requireOnly(t, folder)
}

func TestInterruptedDownloadSaysWhereTheArchiveIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	folder := t.TempDir()
	e := newExporting(t, exported())
	inner := e.Config.Handler
	e.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/exports/") {
			inner.ServeHTTP(w, r)
			return
		}
		_, _ = io.WriteString(w, fair[:5])
		_ = http.NewResponseController(w).Flush()
		cancel()
		<-r.Context().Done()
	})
	err := e.exporter(filepath.Join(folder, "fair.zip"), false).Run(ctx, &newRecorder(false).Terminal)
	exit := new(Exit)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 130, exit.Code)
	require.Equal(t, "stopped during the download; download at URL/v1/exports/"+importID+" until "+laterText(), e.told(err.Error()))
	requireOnly(t, folder)
}

func TestStatusOfAnExportTellsWhereItsArchiveIs(t *testing.T) {
	t.Parallel()
	expired := exported()
	result := expired.Result.(contracts.Result)
	result.Exported.ExpiresAt, result.Exported.RefusedByV1 = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), 0
	e := newExporting(t, exported(), expired)
	e.issues = twoIssues
	show := func() string {
		terminal := newRecorder(false)
		require.NoError(t, (&Status{Config: e.config(), ID: importID}).Run(t.Context(), &terminal.Terminal))
		return e.told(terminal.out.String())
	}
	text := show()
	require.True(t, strings.HasPrefix(text, "Export    "+importID+"\nState     SUCCESS\nMessage   Exported Spring Fair\nStage     notify\n"), text)
	_, rest, _ := strings.Cut(text, ", after 2s\n")
	require.Equal(t, `Exported  Spring Fair (id 24), 20 B, 1 social link, 79 sessions, 11 media; download at URL/v1/exports/`+importID+` until `+laterText()+`
URL       URL/imports/`+importID+`
Progress
  sessions              79 of      79  100 %
2 things in it would be refused by the old server; the issues name them
Issues    2 warnings
  warning  speakers line 3: There is no file /images/a.png
  info     event: The field 'colour' is not known
`, rest)
	text = show()
	require.Contains(t, text, "11 media; it could be downloaded until "+begun()+"\n")
	require.NotContains(t, text, "refused")
}

func TestStatusNamesMoreIssuesOfAnExport(t *testing.T) {
	t.Parallel()
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/issues") {
			asked = r.URL.Query().Get("page[size]")
			_, _ = io.WriteString(w, `{"data":[]}`)
			return
		}
		_ = json.NewEncoder(w).Encode(exported())
	}))
	t.Cleanup(server.Close)
	require.NoError(t, (&Status{Config: client.Config{Server: server.URL}, ID: importID}).Run(t.Context(), &newRecorder(false).Terminal))
	require.Equal(t, "200", asked)
}

func TestListHasExports(t *testing.T) {
	t.Parallel()
	text, err := list(t, `{"data":[{"type":"import","id":"`+importID+`","attributes":{"kind":"event-export","state":"SUCCESS","stage":"notify",
		"created-at":"2026-03-04T05:06:07Z","file-name":"spring-fair-a1b2c3d4.zip","event-id":"24"}}],"links":{}}`, 20)
	require.NoError(t, err)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Local().Format("2006-01-02 15:04")
	require.Equal(t, `ID                                    STATE    KIND          STAGE   WHEN              EVENT  CODE  FILE
`+importID+`  SUCCESS  event-export  notify  `+at+`  24     -     spring-fair-a1b2c3d4.zip
`, text)
}

func TestExportTakesItsArgumentsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	e := newExporting(t)
	var out, errOut bytes.Buffer
	run := func(args ...string) int {
		out.Reset()
		errOut.Reset()
		return Main(t.Context(), "test", append([]string{"export", "a1b2c3d4", "--server", e.URL, "--token", testToken}, args...), &out, &errOut)
	}
	require.Zero(t, run("--without", "video,image", "--dialect", "b"), errOut.String())
	require.Equal(t, "/v1/events/a1b2c3d4/export/json?dialect=b", e.asked)
	require.JSONEq(t, `{"image":false,"video":false,"audio":true,"document":true}`, e.sent)
	require.Zero(t, run(), errOut.String())
	require.Equal(t, "/v1/events/a1b2c3d4/export/json?dialect=a", e.asked)
	require.Equal(t, usage, run("--without", "pictures"))
	require.Contains(t, errOut.String(), "image")
	require.Equal(t, usage, run("--dialect", "c"))
}
