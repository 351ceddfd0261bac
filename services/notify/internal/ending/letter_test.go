package ending

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

const importID = "01c2a35e-00d0-7c42-9a60-2f8d1c0b7e11"

// broken is the failure of an archive with three errors, two of which travelled.
func broken() *contracts.StageFailed {
	return &contracts.StageFailed{
		Carried: contracts.Carried{FileName: "lantern.zip", Issues: contracts.IssueCounts{Error: 3, Warning: 1}},
		Stage:   contracts.Event, Code: "invalid_archive", Reason: "sessions line 2: no JSON (and 2 more)",
		FirstIssues: []contracts.Issue{
			{Severity: contracts.Error, File: "sessions", Line: 2, Message: "no JSON", Hint: "Look for a comma"},
			{Severity: contracts.Error, File: "event", Message: "Required field 'name' missing"},
			{Severity: contracts.Warning, File: "forms", Message: "odd"},
		},
	}
}

// imported is a success of an event of the given name.
func imported(name string) (*contracts.MediaImported, contracts.Carried) {
	trigger := &contracts.MediaImported{}
	trigger.Counts = map[contracts.EntityType]int{contracts.MediaFiles: 11}
	return trigger, contracts.Carried{
		Event: &contracts.EventFacts{ID: "24", Identifier: "1a2b3c4d", Name: name},
		Totals: map[contracts.EntityType]int{
			contracts.Events: 1, contracts.Sessions: 48, contracts.Microlocations: 5, contracts.Tracks: 0, contracts.MediaFiles: 12,
		},
		Issues: contracts.IssueCounts{Warning: 2},
	}
}

// written gives both forms of the letter that a trigger leads to.
func written(t *testing.T, trigger contracts.Payload, carried contracts.Carried) (text, html string) {
	t.Helper()
	return writtenOf(t, contracts.EventArchive, trigger, carried)
}

func writtenOf(t *testing.T, kind contracts.Kind, trigger contracts.Payload, carried contracts.Carried) (text, html string) {
	t.Helper()
	finished := outcomeOf(trigger, carried, address, importAddress)
	if kind == contracts.EventExport {
		finished = outcomeOfExport(trigger, carried, importAddress, download)
	}
	l := newLetter(contracts.Envelope{Import: importID, Kind: kind}, finished, trigger, carried)
	text, err := l.text()
	require.NoError(t, err)
	html, err = l.html()
	require.NoError(t, err)
	return text, html
}

func TestLetterOfASuccess(t *testing.T) {
	t.Parallel()
	trigger, carried := imported("Lantern Days")
	carried.EarlierImport = "01c29f11-5d3a-7b08-8a55-91c07be3d240"
	text, html := written(t, trigger, carried)
	require.Equal(t, `The event Lantern Days has been imported.

Its id is 24, you find it at
https://usher.example/e/1a2b3c4d

What was imported:

- Sessions: 48
- Rooms: 5
- Media files: 11

There were 2 warnings on the way; the list of issues of this import tells what and where.

You have uploaded the same archive before: that was the import 01c29f11-5d3a-7b08-8a55-91c07be3d240.

The id of the import is `+importID+`.
`, text)
	for _, part := range []string{
		"<bdi>Lantern Days</bdi>", "Its id is 24", `<a href="https://usher.example/e/1a2b3c4d">https://usher.example/e/1a2b3c4d</a>`,
		"2 warnings", ">Sessions</td>", ">48</td>", ">Rooms</td>", ">Media files</td>", ">11</td>", carried.EarlierImport, importID,
	} {
		require.Contains(t, html, part)
	}
	require.NotContains(t, html, "Tracks", "there are none")
}

func TestLetterOfAFailureListsTheReasonsAndWhatToDo(t *testing.T) {
	t.Parallel()
	text, html := written(t, broken(), broken().Carried)
	require.Equal(t, `The import of lantern.zip did not succeed. Nothing of it is visible to anybody.

What was wrong:

- sessions line 2: no JSON
  Look for a comma
- event: Required field 'name' missing
… and 1 more.

What to do next:

Please correct what is listed and upload the archive again. Nothing has to be removed before.

There was 1 warning besides.

The id of the import is `+importID+`.
`, text)
	for _, part := range []string{
		"<bdi>lantern.zip</bdi>", "<bdi>sessions line 2: no JSON</bdi>", "<em>Look for a comma</em>",
		"Required field &#39;name&#39; missing", "… and 1 more.", "Please correct what is listed", importID,
	} {
		require.Contains(t, html, part)
	}
	require.Equal(t, 2, strings.Count(html, "<li"))
	require.NotContains(t, html+text, "odd", "a warning is no reason")
}

func TestLetterOfAFailureWithoutAListTellsItsReason(t *testing.T) {
	t.Parallel()
	failed := &contracts.StageFailed{Stage: contracts.People, Code: "tries_exhausted", Reason: "The people stage did not succeed in 8 tries."}
	text, html := written(t, failed, contracts.Carried{})
	require.Equal(t, `The import of your archive did not succeed. Nothing of it is visible to anybody.

What was wrong:

The people stage did not succeed in 8 tries.

What to do next:

This may well not be the archive's fault. It can be tried again from where it stopped, without another upload: on the page of the import, or by the command line (usher replay). If that fails as well, tell the people who run this Usher the id.

The id of the import is `+importID+`.
`, text)
	require.Contains(t, html, failed.Reason)
	require.NotContains(t, html, "<li")

	text, _ = written(t, &contracts.StageFailed{Code: "archive_gone", Reason: "gone"}, contracts.Carried{})
	require.Contains(t, text, "Please upload the archive again.")
}

func TestLettersOfAListSpeakOfAList(t *testing.T) {
	t.Parallel()
	carried := contracts.Carried{FileName: "crew.csv", Accounts: &contracts.Accounts{Created: 12}}
	text, html := writtenOf(t, contracts.UserList, &contracts.PeopleImported{}, carried)
	require.Equal(t, `12 users imported. Who is new can sign in with nick or e-mail address and the password of the list. The list has been deleted here.

You find the import at
`+importAddress+`

The id of the import is `+importID+`.
`, text)
	require.Contains(t, html, "12 users imported</h1>")
	require.Contains(t, html, `<a href="`+importAddress+`">`)

	for code, next := range map[string]string{
		"invalid_list":    "Please correct what is listed and upload the list again.",
		"tries_exhausted": "This may well not be the list's fault.",
		"archive_gone":    "Please upload the list again.",
	} {
		text, html = writtenOf(t, contracts.UserList, &contracts.StageFailed{Code: code, Reason: "so"}, contracts.Carried{})
		require.Contains(t, text, "The import of your list did not succeed.")
		require.Contains(t, text, next)
		require.NotContains(t, text+html, "archive")
	}
}

func TestLetterOfMendedRowsThatFailTellsThatWhatWasThereStands(t *testing.T) {
	t.Parallel()
	failed := &contracts.StageFailed{
		Carried: contracts.Carried{FileName: "failed-rows.csv", Mended: true, Issues: contracts.IssueCounts{Error: 1}},
		Stage:   contracts.People, Code: "invalid_list", Reason: "The list is not valid.",
		FirstIssues: []contracts.Issue{{Severity: contracts.Error, File: "failed-rows.csv", Line: 2, Message: "The key is not valid"}},
	}
	text, html := writtenOf(t, contracts.UserList, failed, failed.Carried)
	require.Equal(t, `The import of failed-rows.csv did not succeed. The rows that came mended were not imported; what was imported before stands.

What was wrong:

- failed-rows.csv line 2: The key is not valid

What to do next:

Please correct what is listed and upload the mended rows again, on the page of the import. Nothing has to be removed before.

The id of the import is `+importID+`.
`, text)
	require.Contains(t, html, "The rows that came mended were not imported; what was imported before stands.")
	require.NotContains(t, text+html, "visible")

	text, _ = writtenOf(t, contracts.UserList, &contracts.StageFailed{Stage: contracts.People, Code: "archive_gone", Reason: "so"}, failed.Carried)
	require.Contains(t, text, "Please upload the mended rows again, on the page of the import.")
}

func TestLetterOfAListOfWhichPeopleAreOnlyNotToldSendsNobodyToUploadItAgain(t *testing.T) {
	t.Parallel()
	for _, mended := range []bool{false, true} {
		carried := contracts.Carried{FileName: "crew.csv", Mended: mended, Accounts: &contracts.Accounts{Created: 12}}
		for _, code := range []string{"tries_exhausted", "something_else"} {
			failed := &contracts.StageFailed{Carried: carried, Stage: contracts.Notify, Code: code, Reason: "The notify stage did not succeed in 8 tries."}
			text, html := writtenOf(t, contracts.UserList, failed, carried)
			require.Equal(t, `The import of crew.csv did not succeed. The accounts are there all the same.

What was wrong:

The notify stage did not succeed in 8 tries.

What to do next:

The list need not come again. What was not done can be tried again: on the page of the import, or by the command line (usher replay). If that fails as well, tell the people who run this Usher the id.

The id of the import is `+importID+`.
`, text)
			require.Contains(t, html, "The accounts are there all the same.</p>")
			require.NotContains(t, text+html, "visible")
		}
	}
	text, _ := writtenOf(t, contracts.UserList, &contracts.StageFailed{Stage: contracts.People, Code: "tries_exhausted", Reason: "so"}, contracts.Carried{})
	require.Contains(t, text, "Nothing of it is visible to anybody.")
	text, _ = written(t, &contracts.StageFailed{Stage: contracts.Notify, Code: "tries_exhausted", Reason: "so"}, contracts.Carried{})
	require.Contains(t, text, "Nothing of it is visible to anybody.", "an event is shown once all is done")
}

func TestLetterTellsOnlyOfNewAccountsHowTheySignIn(t *testing.T) {
	t.Parallel()
	const (
		ways    = "can sign in with"
		deleted = "The list has been deleted here."
	)
	for name, of := range map[string]struct {
		accounts contracts.Accounts
		noInvite bool
		first    string
	}{
		"updated":     {contracts.Accounts{Updated: 2}, false, "2 users updated. Their passwords are as they were. " + deleted},
		"skipped":     {contracts.Accounts{Skipped: 1, Failed: 3}, false, "1 user skipped, 3 left out. " + deleted},
		"nothing new": {contracts.Accounts{}, false, "0 users imported. " + deleted},
		"both": {
			contracts.Accounts{Created: 1, Updated: 2, Skipped: 3}, false,
			"1 user imported, 2 updated, 3 skipped. Who is new can sign in with nick or e-mail address and the password of the list. The passwords of those who were updated are as they were. " + deleted,
		},
		"with a password": {contracts.Accounts{Created: 3}, false, "3 users imported. Who is new can sign in with nick or e-mail address and the password of the list. " + deleted},
		"some invited": {
			contracts.Accounts{Created: 3, Invited: 2}, false,
			"3 users imported, 2 invited. Who is new can sign in with nick or e-mail address and the password of the list; who is invited gets a mail to choose one. " + deleted,
		},
		"nobody to be invited": {
			contracts.Accounts{Created: 3}, true,
			"3 users imported. Who is new can sign in with nick or e-mail address and the password of the list; who has none there was not invited. " + deleted,
		},
		"all invited": {contracts.Accounts{Created: 2, Invited: 2}, false, "2 users imported, 2 invited. Who is invited gets a mail to choose a password. " + deleted},
	} {
		text, html := writtenOf(t, contracts.UserList, &contracts.PeopleImported{}, contracts.Carried{Accounts: &of.accounts, Options: contracts.Options{NoInvite: of.noInvite}})
		first, _, _ := strings.Cut(text, "\n")
		require.Equal(t, of.first, first, name)
		_, paragraph, _ := strings.Cut(of.first, ". ")
		require.Contains(t, html, ">"+paragraph+"</p>", name)
		require.Equal(t, of.accounts.Created > of.accounts.Invited, strings.Contains(text, ways), name)
	}
}

func TestLettersLoadNothingAndLeaveTheColoursToTheClient(t *testing.T) {
	t.Parallel()
	trigger, carried := imported("Lantern Days")
	_, success := written(t, trigger, carried)
	_, failure := written(t, broken(), broken().Carried)
	export, exportCarried := exported()
	_, exportHTML := writtenOf(t, contracts.EventExport, export, exportCarried)
	for _, html := range []string{success, failure, exportHTML} {
		require.NotRegexp(t, `(?i)<(img|link|style|script|iframe|object|video|audio|form)\b|src=|url\(|@import|\bon[a-z]+=`, html)
		require.NotRegexp(t, `(?i)[" ;](color|background[a-z-]*):`, html)
		require.Contains(t, html, `<meta name="color-scheme" content="light dark">`)
		for _, link := range regexp.MustCompile(`https?://[^"<]*`).FindAllString(html, -1) {
			require.Contains(t, []string{"https://usher.example/e/1a2b3c4d", importAddress}, link)
		}
	}
}

func TestNothingOfTheArchiveBreaksOutOfALetter(t *testing.T) {
	t.Parallel()
	for name, evil := range map[string]string{
		"a header":          "Lantern\r\nBcc: everybody@else.example\r\n\r\nbody",
		"other line breaks": "Lantern\u2028Days\u0085and\vmore\fof\x00it",
		"markup":            `<script>alert(1)</script><img src=x onerror=alert(1)>" style="x`,
		"a template":        `{{.ID}}{{template "x"}}`,
		"right to left":     "Lantern \u202egnp.exe\u202c \u2066x\u2069 \u200f\u061c",
		"no UTF-8":          "Lantern \xff\xfe Days",
		"very long":         strings.Repeat("Lantern ", 5000),
		"one long word":     strings.Repeat("L", 100_000),
		"very long, wide":   strings.Repeat("灯", 5000),
		"nothing to see":    "\u202e\x00\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trigger, carried := imported(evil)
			finished := outcomeOf(trigger, carried, address, importAddress)
			text, html := written(t, trigger, carried)
			harmless(t, title(contracts.EventArchive, finished))
			harmless(t, summary(contracts.EventArchive, finished))
			require.LessOrEqual(t, utf8.RuneCountInString(title(contracts.EventArchive, finished)), maxName+50)
			require.NotContains(t, html, "<script")
			require.NotContains(t, html, "<img")
			require.Equal(t, 1, strings.Count(html, "<h1"))
			require.Contains(t, html, `href="https://usher.example/e/1a2b3c4d"`)
			for l := range strings.SplitSeq(text, "\n") {
				harmless(t, l)
			}

			export, carriedOn := exported()
			carriedOn.Event.Name = evil
			text, html = writtenOf(t, contracts.EventExport, export, carriedOn)
			require.NotContains(t, html, "<script")
			require.NotContains(t, html, "<img")
			require.Equal(t, 1, strings.Count(html, "<h1"))
			for l := range strings.SplitSeq(text, "\n") {
				harmless(t, l)
			}

			failed := &contracts.StageFailed{
				Carried: contracts.Carried{FileName: evil, Issues: contracts.IssueCounts{Error: 1}}, Code: "invalid_archive", Reason: evil,
				FirstIssues: []contracts.Issue{{Severity: contracts.Error, File: evil, SourceID: evil, Message: evil, Hint: evil}},
			}
			harmless(t, summary(contracts.EventArchive, outcomeOf(failed, failed.Carried, address, importAddress)))
			text, html = written(t, failed, failed.Carried)
			require.NotContains(t, html, "<script")
			require.NotContains(t, html, "<img")
			require.Equal(t, 1, strings.Count(html, "<li"))
			for l := range strings.SplitSeq(text, "\n") {
				harmless(t, l)
			}
		})
	}
}

// harmless asserts one line of readable text.
func harmless(t *testing.T, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text))
	for _, r := range text {
		require.False(t, unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029', "%U", r)
	}
}

func TestLineKeepsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Lantern Days", "会議 2031", "مؤتمر", "👩‍💻 Days", "A & B <C>"} {
		require.Equal(t, name, line(name, maxName))
	}
	require.Equal(t, "a b", line(" a \r\n\t b ", maxName))
	require.Equal(t, "Lantern…", line("Lantern Days", 9))
}

func TestLetterOfAnExportTellsWhereItsArchiveIsAndUntilWhen(t *testing.T) {
	t.Parallel()
	trigger, carried := exported()
	text, html := writtenOf(t, contracts.EventExport, trigger, carried)
	require.Equal(t, `The event Lantern Days has been exported.

Its archive, 12.3 MB, can be downloaded until 9 May 2031, 09:00 UTC, by who is signed in, on the page of the export:
`+importAddress+`

What the archive holds:

- Sessions: 48
- Rooms: 5
- Media files: 11

The first version of the Open Event server would refuse 7 things, which the page lists; Usher takes them.

There were 2 warnings on the way; the list of issues of this export tells what and where.

The id of the export is `+importID+`.
`, text)
	for _, part := range []string{
		"The event <bdi>Lantern Days</bdi> has been exported</h1>", "12.3 MB, can be downloaded until 9 May 2031, 09:00 UTC",
		`<a href="` + importAddress + `">` + importAddress + `</a>`, "would refuse 7 things", "2 warnings",
		">Sessions</td>", ">48</td>", "The id of the export is " + importID,
	} {
		require.Contains(t, html, part)
	}
	require.NotContains(t, text+html, "imported")
	require.NotContains(t, text+html, download, "it needs somebody who is signed in, as a link of a mail is not")

	carried.Exported.RefusedByV1, carried.Exported.FirstRefused, carried.Issues = 0, nil, contracts.IssueCounts{}
	text, html = writtenOf(t, contracts.EventExport, trigger, carried)
	require.NotContains(t, text+html, "refuse")
	require.NotContains(t, text+html, "warning")
}

func TestLetterOfAnExportThatFailedSpeaksOfNoUpload(t *testing.T) {
	t.Parallel()
	failed := &contracts.StageFailed{Stage: contracts.Query, Code: "event_changing", Reason: "The event is just being imported anew."}
	_, failed.Carried = exported()
	failed.Issues = contracts.IssueCounts{}
	text, html := writtenOf(t, contracts.EventExport, failed, failed.Carried)
	require.Equal(t, `The export of Lantern Days did not succeed. Nothing of the event has changed.

What was wrong:

The event is just being imported anew.

What to do next:

As long as the event is there, it can be tried again: on the page of the export, or by the command line (usher replay).

The id of the export is `+importID+`.
`, text)
	for _, part := range []string{
		"The export of <bdi>Lantern Days</bdi> did not succeed</h1>", "Nothing of the event has changed.", failed.Reason,
		"The id of the export is " + importID,
	} {
		require.Contains(t, html, part)
	}

	failed.Code, failed.Carried = "tries_exhausted", contracts.Carried{}
	text, html = writtenOf(t, contracts.EventExport, failed, failed.Carried)
	require.Contains(t, text, "The export of your event did not succeed.")
	require.Contains(t, text, "This may well not be the event's fault. As long as the event is there, it can be tried again")
	require.NotRegexp(t, "upload|archive|visible", text+html)
}
