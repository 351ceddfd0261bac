package command

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// zipOf writes an archive of these files into a folder of its own.
func zipOf(t *testing.T, name string, files ...[2]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		require.NoError(t, err)
		_, err = io.WriteString(w, f[1])
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// harbour is an archive that is in order, but for the sessions given.
func harbour(t *testing.T, sessions string) string {
	t.Helper()
	return zipOf(t, "harbour.zip",
		[2]string{"event", `{"id": 1, "name": "Harbour Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "timezone": "Europe/Lisbon"}`},
		[2]string{"forms", "[]"}, [2]string{"microlocations", "[]"}, [2]string{"sponsors", "[]"}, [2]string{"speakers", "[]"},
		[2]string{"tracks", "[]"}, [2]string{"session_types", "[]"}, [2]string{"sessions", sessions})
}

const knots = `[{"id": 1, "title": "Knots", "start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T10:30:00"}]`

// validated runs the command and returns what it printed and its status.
func validated(t *testing.T, r *recorder, c Validate) (out string, status int) {
	t.Helper()
	c.Mode, c.Format = or(c.Mode, "default"), or(c.Format, "text")
	err := c.Run(t.Context(), &r.Terminal)
	if err != nil {
		exit := new(Exit)
		require.ErrorAs(t, err, &exit)
		require.NotZero(t, exit.Code)
		status = exit.Code
	}
	return r.out.String(), status
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func TestValidateSaysOfAnArchiveInOrderWhatItHolds(t *testing.T) {
	t.Parallel()
	path := harbour(t, knots)
	info, err := os.Stat(path)
	require.NoError(t, err)
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Zero(t, status)
	require.Equal(t, fmt.Sprintf(`File      harbour.zip, %s
Mode      default
Event     Harbour Days
  events                 1
  sessions               1

No issues: the import would succeed
`, byteText(info.Size())), out)
}

func TestValidateShowsTheLineThatIsMeant(t *testing.T) {
	t.Parallel()
	path := harbour(t, "[\n  {\"id\": 1, \"title\": \"Knots\",\n\t\"start_time\": \"never\",\t\"end_time\": \"2031-05-02T10:00:00\"},\n  12\n]")
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Equal(t, 1, status)
	_, issues, _ := strings.Cut(out, "\n\n")
	require.Equal(t, `sessions
  error    line 4, column 3  The record is not an object  record_not_object
           | 12
           | ^
  warning  line 3, column 16  'start_time' is not a time in the form YYYY-MM-DDTHH:MM:SS  invalid_time
           | "start_time": "never", "end_time": "2031-05-02T10:00:00"},
           |               ^

1 error, 1 warning: the import would fail
`, issues)
}

func TestValidateSumsUpWhatIsOfOneKind(t *testing.T) {
	t.Parallel()
	var sessions []string
	for i := range 9 {
		sessions = append(sessions, fmt.Sprintf(`{"id": %d, "title": "Knots", "start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T10:30:00", "signup_url": "nope %d"}`, i, i))
	}
	path := harbour(t, "["+strings.Join(sessions, ",\n")+"]")
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Zero(t, status)
	require.Equal(t, 5, strings.Count(out, "invalid_url"))
	require.Contains(t, out, "\n           … and 4 more of this kind; --all shows them\n\n9 warnings: the import would succeed\n")

	out, status = validated(t, newRecorder(false), Validate{File: path, All: true, Mode: "strict"})
	require.Equal(t, 1, status)
	require.Equal(t, 9, strings.Count(out, "invalid_url"))
	require.NotContains(t, out, "--all")
	require.True(t, strings.HasSuffix(out, "\n\n9 errors: the import would fail\n"), out)
}

func TestValidateTakesTheModeThatTheImportWouldHave(t *testing.T) {
	t.Parallel()
	path := harbour(t, `["Knots", `+knots[1:])
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Equal(t, 1, status)
	require.Contains(t, out, "1 error: the import would fail")
	out, status = validated(t, newRecorder(false), Validate{File: path, Mode: "lenient"})
	require.Zero(t, status, out)
	require.Contains(t, out, "sessions               1\n")
	require.Contains(t, out, ": the import would succeed")
}

func TestValidateOfWhatIsNoArchiveFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "harbour.zip")
	require.NoError(t, os.WriteFile(path, []byte("no zip at all"), 0o600))
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Equal(t, 1, status)
	require.Equal(t, `File      harbour.zip, 13 B
Mode      default

The archive
  error    The file is not a zip archive  not_a_zip

1 error: the import would fail
`, out)
}

func TestValidateOfWhatCannotBeReadIsAnotherMatter(t *testing.T) {
	t.Parallel()
	for _, path := range []string{filepath.Join(t.TempDir(), "nowhere.zip"), t.TempDir()} {
		out, status := validated(t, newRecorder(false), Validate{File: path})
		require.Equal(t, 2, status)
		require.Empty(t, out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	exit := new(Exit)
	err := (&Validate{File: harbour(t, knots), Mode: "default", Format: "text"}).Run(ctx, &newRecorder(false).Terminal)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 130, exit.Code)
}

func TestValidateForProgramsIsOneDocument(t *testing.T) {
	t.Parallel()
	out, status := validated(t, newRecorder(false), Validate{File: harbour(t, `["Knots", `+knots[1:len(knots)-2]+`, "mood": "<b>"}]`), Format: "json"})
	require.Equal(t, 1, status)
	var document struct {
		File, Mode, Event string
		OK                bool
		Counts            map[contracts.EntityType]int
		Issues            []contracts.Issue
		Found             contracts.IssueCounts
		NotShown          *int `json:"not_shown"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &document))
	require.Equal(t, []any{"harbour.zip", "default", "Harbour Days", false},
		[]any{document.File, document.Mode, document.Event, document.OK})
	require.Equal(t, 1, document.Counts[contracts.Events])
	require.Equal(t, contracts.IssueCounts{Error: 1, Info: 1}, document.Found)
	require.Len(t, document.Issues, 2)
	require.Equal(t, new(int), document.NotShown)

	broken := filepath.Join(t.TempDir(), "harbour.zip")
	require.NoError(t, os.WriteFile(broken, nil, 0o600))
	out, status = validated(t, newRecorder(false), Validate{File: broken, Format: "json"})
	require.Equal(t, 1, status)
	require.Contains(t, out, `"counts": {}`)

	out, status = validated(t, newRecorder(false), Validate{File: harbour(t, knots), Format: "json"})
	require.Zero(t, status)
	require.Contains(t, out, `"issues": []`)
	require.Contains(t, out, `"ok": true`)
}

func TestValidateCountsWhatItDoesNotList(t *testing.T) {
	t.Parallel()
	path := harbour(t, "["+strings.Repeat("1,", 12_000)+"2]")
	out, status := validated(t, newRecorder(false), Validate{File: path, Format: "json"})
	require.Equal(t, 1, status)
	var document validationDocument
	require.NoError(t, json.Unmarshal([]byte(out), &document))
	require.Equal(t, []int{contracts.MaxIssuesKept, 12_001, 2_001}, []int{len(document.Issues), document.Found.Error, document.NotShown})

	out, _ = validated(t, newRecorder(false), Validate{File: path, All: true})
	require.True(t, strings.HasSuffix(out, "\n           … and 2001 more of this kind\n\n12001 errors: the import would fail\n"))
}

func TestValidateHasColorsWhereSomebodyLooksAtThem(t *testing.T) {
	t.Parallel()
	out, _ := validated(t, newRecorder(true), Validate{File: harbour(t, `[1]`)})
	require.Contains(t, out, "\x1b[31merror  \x1b[0m")
	hostile := harbour(t, "[{\"title\": \"a\x1b[31m\", \"start_time\": 1}]")
	for _, quiet := range []struct {
		terminal *recorder
		noColor  string
	}{{newRecorder(false), ""}, {newRecorder(true), "1"}} {
		out, _ = validated(t, quiet.terminal, Validate{File: hostile, NoColor: quiet.noColor})
		require.Contains(t, out, "\uFFFD[31m")
		require.NotContains(t, out, "\x1b")
	}
}

func TestExcerptIsHarmlessAndItsCaretStandsUnderTheColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		x      openevent.Excerpt
		column int
		width  int
		want   string
	}{
		"a line that fits":      {openevent.Excerpt{Text: `{"id": 1}`, Column: 1, Ends: true}, 8, 40, "{\"id\": 1}\n       ^"},
		"tabulators":            {openevent.Excerpt{Text: "\t\t{\t\"id\": 1}", Column: 1, Ends: true}, 10, 40, "{ \"id\": 1}\n       ^"},
		"wide characters":       {openevent.Excerpt{Text: `{"name": "江明川", "x": 1}`, Column: 1, Ends: true}, 28, 40, "{\"name\": \"江明川\", \"x\": 1}\n                        ^"},
		"marks above letters":   {openevent.Excerpt{Text: "\"e\u0301\" x", Column: 1, Ends: true}, 7, 40, "\"e\u0301\" x\n    ^"},
		"escapes of terminals":  {openevent.Excerpt{Text: "a\x1b[2Jb\u202ec\u009bd x", Column: 1, Ends: true}, 15, 40, "a\uFFFD[2Jb\uFFFDc\uFFFDd x\n           ^"},
		"bytes that are none":   {openevent.Excerpt{Text: "a\xff\xfeb x", Column: 1, Ends: true}, 6, 40, "a\uFFFD\uFFFDb x\n     ^"},
		"the end of the line":   {openevent.Excerpt{Text: `[1, 2`, Column: 1, Ends: true}, 6, 40, "[1, 2\n     ^"},
		"a column not known":    {openevent.Excerpt{Text: `[1, 2`, Column: 1, Ends: true}, 0, 40, "[1, 2"},
		"a long line":           {openevent.Excerpt{Text: strings.Repeat("a", 50) + "B" + strings.Repeat("c", 50), Column: 1, Ends: true}, 51, 22, "…aaaaaaaaaaBccccccccc…\n           ^"},
		"the end of a long one": {openevent.Excerpt{Text: strings.Repeat("a", 50) + "B", Column: 1, Ends: true}, 51, 22, "…aaaaaaaaaaaaaaaaaaaB\n                    ^"},
		"a piece of a line":     {openevent.Excerpt{Text: "abcBdef", Column: 900}, 903, 22, "…abcBdef…\n    ^"},
		"wide and long":         {openevent.Excerpt{Text: strings.Repeat("江", 30), Column: 1, Ends: true}, 31, 12, "…江江江江江…\n     ^"},
	} {
		text, caret := excerptLines(c.x, c.column, c.width)
		if caret >= 0 {
			text += "\n" + strings.Repeat(" ", caret) + "^"
		}
		require.Equal(t, c.want, text, name)
		require.NotContains(t, text, "\t", name)
	}
}

func TestCommandThatIsNotUnderstoodIsUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"validate"}, {"validate", "a.zip", "--mode", "odd"}, {"validate", "a.zip", "--format", "xml"}, {"validate", "/nowhere.zip"}} {
		var out, errOut bytes.Buffer
		require.Equal(t, 2, Main(t.Context(), "test", args, &out, &errOut), args)
		require.Contains(t, errOut.String(), "usher: ")
	}
	var out, errOut bytes.Buffer
	require.Equal(t, 1, Main(t.Context(), "test", []string{"validate", harbour(t, "[1]")}, &out, &errOut))
	require.Empty(t, errOut.String())
	require.Contains(t, out.String(), "the import would fail")
}
