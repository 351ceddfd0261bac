package command

import (
	"context"
	"io"
	"net"
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

func TestImportUploadsTheFileAndSaysWhereToLook(t *testing.T) {
	t.Parallel()
	u := newUsher(t)
	c, terminal := u.importer(t, false), newRecorder(false)

	require.NoError(t, c.Run(t.Context(), &terminal.Terminal))

	require.Equal(t, "Import    "+importID+"\nTask      URL/v1/tasks/"+importID+"\n", u.told(terminal.out.String()))
	require.Empty(t, terminal.err.String())
	want, err := os.ReadFile(c.File)
	require.NoError(t, err)
	require.Equal(t, want, u.received)
}

// run is the story of an import that succeeds.
func run() []contracts.Task {
	rooms := func(sessions, speakers int) progressOf {
		return progressOf{
			contracts.Events: {Done: 1, Total: 1}, contracts.Speakers: {Done: speakers, Total: 20},
			contracts.Sessions: {Done: sessions, Total: 79}, contracts.Sponsors: {},
		}
	}
	story := []contracts.Task{
		state(contracts.Pending, "", "Waiting for event", nil),
		state(contracts.Started, contracts.Event, "Checking the archive", nil),
		state(contracts.Started, contracts.People, "Importing speakers (4/20)", rooms(0, 4)),
		state(contracts.Started, contracts.People, "Importing speakers (8/20)", rooms(0, 8)),
		state(contracts.Started, contracts.People, "Importing speakers (9/20)", rooms(0, 9)),
		state(contracts.Started, contracts.People, "Importing speakers (18/20)", rooms(0, 18)),
		state(contracts.Started, contracts.Schedule, "Importing sessions (1/79)", rooms(1, 20)),
		state(contracts.Started, contracts.Schedule, "Importing sessions (2/79)", rooms(2, 20)),
		state(contracts.Started, contracts.Schedule, "Importing sessions (79/79)", rooms(79, 20)),
	}
	return append(story, success(rooms(79, 20), contracts.IssueCounts{Warning: 12, Info: 1}))
}

const twoIssues = `{"data":[
	{"severity":"warning","code":"media_missing","file":"speakers","line":3,"message":"There is no file /images/a.png"},
	{"severity":"info","code":"unknown_field","file":"event","message":"The field 'colour' is not known"}]}`

func TestImportWatchedInALogIsALinePerStep(t *testing.T) {
	t.Parallel()
	u := newUsher(t, run()...)
	u.issues = twoIssues
	terminal := newRecorder(false)

	require.NoError(t, u.importer(t, true).Run(t.Context(), &terminal.Terminal))

	require.Equal(t, `Import    `+importID+`
Task      URL/v1/tasks/`+importID+`
       Waiting for event
       Checking the archive
  5 %  Importing speakers (4/20)
 10 %  Importing speakers (9/20)
 22 %  Importing sessions (1/79)
100 %  Importing sessions (79/79)
SUCCESS after 12.3s: Spring Fair (id 24)
Issues    12 warnings, 1 info
  warning  speakers line 3: There is no file /images/a.png
  info     event: The field 'colour' is not known
  11 more: URL/v1/imports/`+importID+`/issues
URL/v1/events/a1b2c3d4
`, u.told(terminal.out.String()))
	require.Empty(t, terminal.err.String())
}

func TestImportThatFailsSaysWhyAndNamesEveryIssue(t *testing.T) {
	t.Parallel()
	u := newUsher(t, state(contracts.Started, contracts.Event, "Checking the archive", nil), failure())
	terminal := newRecorder(false)

	err := u.importer(t, true).Run(t.Context(), &terminal.Terminal)

	require.EqualError(t, err, "the import failed: sessions line 12 (id 5): Required field 'title' is missing (and 2 more)")
	_, steps, _ := strings.Cut(terminal.out.String(), "/v1/tasks/"+importID+"\n")
	require.Equal(t, `       Checking the archive
FAILURE after 2s in stage event
Invalid archive: The archive has 3 errors. (invalid_archive)
Issues    3 errors, 1 warning
  error    sessions line 12 (id 5): Required field 'title' is missing
           Give each session a title.
  error    sessions line 40: There is no track 9
  error    event: The event ends before it  [31mbegins
  warning  speakers line 3: There is no file /images/a.png
`, steps)
}

func TestImportThatIsCanceledIsNoSuccess(t *testing.T) {
	t.Parallel()
	u := newUsher(t, state(contracts.Canceled, contracts.People, "Canceled", nil))
	terminal := newRecorder(false)
	err := u.importer(t, true).Run(t.Context(), &terminal.Terminal)
	require.EqualError(t, err, "the import ended as CANCELED")
}

func TestImportThatCannotShowItsIssuesStillSucceeds(t *testing.T) {
	t.Parallel()
	u := newUsher(t, success(nil, contracts.IssueCounts{Warning: 1}))
	u.issues = "<html>"
	terminal := newRecorder(false)
	require.NoError(t, u.importer(t, true).Run(t.Context(), &terminal.Terminal))
	require.Contains(t, terminal.err.String(), "The issues cannot be shown: ")
	require.True(t, strings.HasSuffix(u.told(terminal.out.String()), "\nURL/v1/events/a1b2c3d4\n"), terminal.out.String())
}

func TestImportIsWatchedThroughARestartOfTheServer(t *testing.T) {
	t.Parallel()
	working := state(contracts.Started, contracts.People, "Importing speakers (4/20)", nil)
	u := newUsher(t, working, working, working, success(nil, contracts.IssueCounts{}))
	inner := u.Config.Handler
	looks := 0
	u.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if looks++; looks == 2 || looks == 3 {
				panic(http.ErrAbortHandler) // the connection is cut
			}
		}
		inner.ServeHTTP(w, r)
	})
	terminal := newRecorder(false)

	require.NoError(t, u.importer(t, true).Run(t.Context(), &terminal.Terminal))

	require.Equal(t, "Trying again: cannot reach URL: EOF\n", u.told(terminal.err.String()))
	require.Equal(t, 2, strings.Count(terminal.out.String(), "Importing speakers (4/20)\n"), "it tells that it goes on")
}

func TestInterruptedWatchLeavesTheImportAlone(t *testing.T) {
	t.Parallel()
	for _, interactive := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		u := newUsher(t, state(contracts.Started, contracts.People, "Importing speakers (4/20)", nil))
		u.look = func(n int) {
			if n == 2 {
				cancel()
			}
		}
		terminal := newRecorder(interactive)

		err := u.importer(t, true).Run(ctx, &terminal.Terminal)

		exit := new(Exit)
		require.ErrorAs(t, err, &exit)
		require.Equal(t, 130, exit.Code)
		require.EqualError(t, err, "stopped watching; the import goes on, `usher status "+importID+"` shows it")
	}
}

func TestInterruptedUploadSaysThatNothingWasImported(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, 1000))
		cancel()
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "large.zip")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, file.Truncate(1<<40)) // sparse
	require.NoError(t, file.Close())
	terminal := newRecorder(true)

	err = (&Import{Config: client.Config{Server: server.URL}, File: path}).Run(ctx, &terminal.Terminal)

	exit := new(Exit)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 130, exit.Code)
	require.EqualError(t, err, "stopped during the upload; nothing was imported")
	require.NotContains(t, terminal.out.String(), "Task")
}

func TestImportSaysInOneSentenceWhyItCannot(t *testing.T) {
	t.Parallel()
	u := newUsher(t)
	folder := t.TempDir()
	page := filepath.Join(folder, "page.html")
	require.NoError(t, os.WriteFile(page, []byte("<html>"), 0o600))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	nowhere := "http://" + listener.Addr().String()

	for want, c := range map[string]Import{
		`there is no file "` + folder + `/none.zip"`:                                                    {Config: u.config(), File: folder + "/none.zip"},
		`"` + folder + `" is a folder; an archive is a zip file, a list of users is CSV or xlsx`:        {Config: u.config(), File: folder},
		`"/dev/null" is not a regular file; an archive is a zip file, a list of users is CSV or xlsx`:   {Config: u.config(), File: "/dev/null"},
		"Unsupported Media Type: The file is no zip archive. (not_a_zip)":                               {Config: u.config(), File: page},
		"cannot reach " + nowhere + ": is usher running? start it with `usher up`":                      {Config: client.Config{Server: nowhere, Token: testToken}, File: page},
		u.URL + " wants to know who you are: give --token or set USHER_TOKEN, `usher token` prints one": {Config: client.Config{Server: u.URL}, File: page},
		u.URL + " does not accept the token: Unauthorized: The token is not valid: expired. (token_invalid); `usher token` prints a new one": {
			Config: client.Config{Server: u.URL, Token: "old.secret.token"}, File: page,
		},
	} {
		for _, interactive := range []bool{false, true} {
			terminal := newRecorder(interactive)
			err := c.Run(t.Context(), &terminal.Terminal)
			require.EqualError(t, err, want)
			require.NotContains(t, terminal.out.String()+terminal.err.String()+err.Error(), "secret")
			require.NotContains(t, terminal.out.String(), "Task")
		}
	}
}

func TestWatchEndsWithAHintWhenTheServerRefuses(t *testing.T) {
	t.Parallel()
	u := newUsher(t, state(contracts.Started, contracts.People, "Importing", nil))
	inner := u.Config.Handler
	u.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			r.Header.Set("Authorization", "Bearer out of date")
		}
		inner.ServeHTTP(w, r)
	})
	terminal := newRecorder(false)
	err := u.importer(t, true).Run(t.Context(), &terminal.Terminal)
	require.ErrorContains(t, err, "watching ended: "+u.URL+" does not accept the token")
	require.ErrorContains(t, err, "; `usher status "+importID+"` shows the import")
	require.NotErrorAs(t, err, new(*Exit))
}

func TestDurationIsRoundedForReading(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]string{
		0: "0s", 1234 * time.Millisecond: "1.2s", 75*time.Second + 400*time.Millisecond: "1m15s",
	} {
		begun := time.Now()
		require.Equal(t, want, duration(client.Task{Task: contracts.Task{StartedAt: &begun, FinishedAt: new(begun.Add(took))}}))
	}
	require.Empty(t, duration(client.Task{}))
}
