package query_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

func TestPreviewOfACheckIsShownToItsOwnerOnceItIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.kind = contracts.ListCheck
	c.request()
	c.waits(contracts.Pending, "Waiting for people")
	path := "/v1/imports/" + c.id + "/preview"
	b.refused(t, olga, path, http.StatusConflict, "check_running")
	b.refused(t, paul, path, http.StatusNotFound, "not_found")

	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO people.previews (import_id, document) VALUES (?, '{
		"columns": [{"title": "Nick", "position": 1, "field": "nick", "by": "title", "samples": ["ada"]}, {"title": "Oslo", "position": 2, "samples": []}],
		"rows": [{"line": 2, "action": "create", "fields": {"nick": "ada"}, "password": "none"}],
		"changes": [{"nick": "ben", "field": "age", "old": null, "new": 7}]}')`, c.id)
	require.NoError(t, err)
	shown := b.ok(t, olga, path)
	require.Equal(t, "ada", at(shown.body, "rows", 0, "fields", "nick"))
	require.Equal(t, number("7"), at(shown.body, "changes", 0, "new"))
	require.Equal(t, http.StatusNotModified, b.getIfNot(t, olga, path, shown.header.Get("ETag")).status)
	b.ok(t, admin, path)
	b.refused(t, paul, path, http.StatusNotFound, "not_found")
}

func TestWhatIsNoCheckOfAListHasNoPreview(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.refused(t, olga, "/v1/imports/"+b.checked(t).id+"/preview", http.StatusNotFound, "preview_missing")

	c := b.failedCheck(t)
	b.refused(t, admin, "/v1/imports/"+c.id+"/preview", http.StatusNotFound, "preview_missing")
}

// failedCheck tells of the check of a list that has failed.
func (b *bench) failedCheck(t *testing.T) *conference {
	t.Helper()
	c := b.conference(t, admin)
	c.kind = contracts.ListCheck
	c.request()
	c.send(contracts.Notify, c.res.Broker.Names().Control(c.kind, c.id), &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The list is not valid.", FailedStage: contracts.People, Code: "invalid_list",
	})
	c.waits(contracts.Failure, "The list is not valid.")
	return c
}

// list tells of a list, or of the check of one, that has come to something.
func (b *bench) list(t *testing.T, owner auth.Identity, kind contracts.Kind, came contracts.Accounts, message string) *conference {
	t.Helper()
	c := b.conference(t, owner)
	c.kind = kind
	c.request()
	c.send(contracts.Notify, c.res.Broker.Names().Control(c.kind, c.id), &contracts.ImportFinished{
		State: contracts.Success, Result: &contracts.Result{DryRun: kind.Check(), Accounts: &came, URL: "https://usher.example/imports/" + c.id},
	})
	c.waits(contracts.Success, message)
	return c
}

func TestPageOfTheCheckOfAListShowsColumnsRowsAndChangesAndOffersTheImport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.list(t, admin, contracts.ListCheck, contracts.Accounts{Created: 1, Updated: 1, Invited: 1}, "Checked: 1 account would be made, 1 changed, 1 invited")
	path := "/imports/" + c.id
	bare := b.ask(t, admin, http.MethodGet, path)
	requirePage(t, bare, http.StatusOK)
	require.Contains(t, bare.text, `<section id="preview" data-part aria-label="Preview" hidden>`)

	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO people.previews (import_id, document) VALUES (?, '{
		"columns": [{"title": "<b>Nick", "position": 1, "field": "nick", "by": "title", "samples": ["ada", "ben"]},
			{"title": "", "position": 2, "samples": ["Xxxx 99"]}, {"title": "Kennwort", "position": 3, "field": "password", "by": "title", "samples": []},
			{"title": "usher_row", "position": 4, "by": "usher", "samples": []}],
		"rows": [{"line": 2, "action": "create", "fields": {"city": "Oslo", "nick": "ada"}, "password": "none"},
			{"line": 3, "action": "update", "fields": {"nick": "ben"}, "password": "given"},
			{"line": 4, "action": "fail", "fields": {}, "password": ""}],
		"changes": [{"nick": "ben", "field": "age", "old": null, "new": 7}, {"nick": "ben", "field": "is_admin", "old": false, "new": true}]}')`, c.id)
	require.NoError(t, err)
	page := b.ask(t, admin, http.MethodGet, path)
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{
		"<strong>Checked: 1 account would be made, 1 changed, 1 invited</strong>. Nothing is imported yet.", `id="start"`,
		`<th scope="row" dir="auto">&lt;b&gt;Nick</th><td><select id="column-1" data-column="1" aria-label="What “&lt;b&gt;Nick” holds" data-script disabled>`,
		`<option value="nick" selected>Nick</option>`, `<option value="tshirt_size">T-shirt size</option>`,
		`<option value="" selected>not used</option>`, `<option value="password" selected>Password</option>`,
		`<td><bdi>ada</bdi>, <bdi>ben</bdi></td>`, `<td><bdi>Xxxx 99</bdi></td>`,
		`<th scope="row" dir="auto">usher_row</th><td class="soft">not used</td>`, "1 person is invited to choose a password.",
		"only the shape of what they hold is shown",
		`<th scope="col">What</th><th scope="col">Nick</th><th scope="col">City</th><th scope="col">Password</th>`,
		`<td>New account</td><td dir="auto">ada</td><td dir="auto">Oslo</td><td class="soft">still to choose</td>`,
		`<td>Update</td><td dir="auto">ben</td><td dir="auto"></td><td class="soft"></td>`, // it keeps its password
		`<td>Has errors</td><td dir="auto"></td><td dir="auto"></td><td class="soft"></td>`,
		`<td>Age</td><td class="soft" dir="auto">–</td><td dir="auto">7</td>`,
		`<td>Administrator</td><td class="soft" dir="auto">no</td><td dir="auto">yes</td>`,
	} {
		require.Contains(t, page.text, text)
	}
	require.Equal(t, 3, strings.Count(page.text, `class="scroll"`))
	require.NotContains(t, page.text, "<b>Nick")
	require.Contains(t, b.ask(t, admin, http.MethodGet, "/").text, "Checked")

	// The list is not there for ever to be checked again.
	_, err = b.res.DB.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = now() - interval '25 hours' WHERE id = ?`, c.id)
	require.NoError(t, err)
	later := b.ask(t, admin, http.MethodGet, path)
	require.Contains(t, later.text, `<th scope="row" dir="auto">Kennwort</th><td>Password</td><td></td>`)
	require.NotContains(t, later.text, "<select")
	require.NotContains(t, later.text, `id="start"`)
}

func TestPageOfACheckThatFailedShowsWhatItHasRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.failedCheck(t)
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO people.previews (import_id, document) VALUES (?, '{
		"columns": [{"title": "Nick", "position": 1, "field": "nick", "by": "title", "samples": []}],
		"rows": [{"line": 2, "action": "fail", "fields": {}, "password": ""}], "changes": []}')`, c.id)
	require.NoError(t, err)
	page := b.ask(t, admin, http.MethodGet, "/imports/"+c.id)
	requirePage(t, page, http.StatusOK)
	require.Contains(t, page.text, "<td>Has errors</td>")
	require.NotContains(t, page.text, "only the shape", "all columns are used")
	require.NotContains(t, page.text, "What would change")
}

func TestPageOfAListThatLeftRowsOutOffersThemToWhoMayHaveThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.list(t, admin, contracts.UserList, contracts.Accounts{Created: 3, Failed: 2}, "3 users imported, 2 left out")
	b.leaveOut(t, c)
	page := b.ask(t, admin, http.MethodGet, "/imports/"+c.id)
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{
		"2 rows were left out", `href="/v1/imports/` + c.id + `/failed-rows?format=csv"`, `href="/v1/imports/` + c.id + `/failed-rows?format=xlsx"`, `id="mending"`,
	} {
		require.Contains(t, page.text, text)
	}
	require.NotContains(t, page.text, `id="start"`)

	whole := b.list(t, admin, contracts.UserList, contracts.Accounts{Created: 3}, "3 users imported")
	require.NotContains(t, b.ask(t, admin, http.MethodGet, "/imports/"+whole.id).text, "failed-rows")

	// She was an administrator when the list was uploaded.
	former := b.list(t, olga, contracts.UserList, contracts.Accounts{Created: 3, Failed: 2}, "3 users imported, 2 left out")
	b.leaveOut(t, former)
	require.NotContains(t, b.ask(t, olga, http.MethodGet, "/imports/"+former.id).text, "failed-rows")
}

func TestPageOfAListSaysOfRowsThatWereLeftOutThatTheirDayIsOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.list(t, admin, contracts.UserList, contracts.Accounts{Created: 3, Failed: 2}, "3 users imported, 2 left out")
	gone := func() {
		t.Helper()
		page := b.ask(t, admin, http.MethodGet, "/imports/"+c.id)
		requirePage(t, page, http.StatusOK)
		require.Contains(t, page.text, "2 rows were left out</h2>")
		require.Contains(t, page.text, `They were kept for a day to be mended, and are gone. <a href="/">Upload them as a new list</a>.`)
		require.NotContains(t, page.text, "failed-rows")
		require.NotContains(t, page.text, `id="mending"`)
		b.refused(t, admin, "/v1/imports/"+c.id+"/failed-rows", http.StatusGone, "rows_gone")
	}
	gone()
	b.leaveOut(t, c)
	b.endedADayAgo(t, c)
	gone() // what would not be taken any more is not offered, though it is not swept yet
}

func TestPageOfAListSaysHowManyOfTheRowsThatWereLeftOutTheTableHolds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.list(t, admin, contracts.UserList, contracts.Accounts{Created: 3, Failed: 12}, "3 users imported, 12 left out")
	b.leaveOut(t, c)
	page := b.ask(t, admin, http.MethodGet, "/imports/"+c.id)
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{"12 rows were left out</h2>", "The table holds 2 of them", `id="mending"`} {
		require.Contains(t, page.text, text)
	}
}

// endedADayAgo moves the end of an import back.
func (b *bench) endedADayAgo(t *testing.T, c *conference) {
	t.Helper()
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = now() - interval '25 hours' WHERE id = ?`, c.id)
	require.NoError(t, err)
}

func TestPageOfAListOfWhichPeopleAreOnlyNotToldKnowsThatItsAccountsAreThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, admin)
	c.kind = contracts.UserList
	c.request()
	c.complete(contracts.People, map[contracts.EntityType]int{contracts.Users: 3})
	c.send(contracts.Notify, c.res.Broker.Names().Control(c.kind, c.id), &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The notify stage did not succeed in 8 tries.", FailedStage: contracts.Notify, Code: "tries_exhausted",
	})
	c.waits(contracts.Failure, "The notify stage did not succeed in 8 tries.")
	look := func() {
		t.Helper()
		page := b.ask(t, admin, http.MethodGet, "/imports/"+c.id)
		requirePage(t, page, http.StatusOK)
		require.Contains(t, page.text, "The accounts that it has made are removed, and accounts that it has changed become what they were before.")
		require.NotContains(t, page.text, "What it has left behind")
		require.Contains(t, page.text, `id="ask-replay"`)
		require.Contains(t, page.text, `<option value="notify" selected>`)
		require.NotContains(t, page.text, `<option value="people"`, "the list is gone")
		require.Regexp(t, `<button id="again"[^>]*disabled>`, page.text)
	}
	look()
	b.endedADayAgo(t, c) // who is told reads no list
	look()
}

func TestPageOfAListThatHasMadeNothingTellsNothingOfAccounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, admin)
	c.kind = contracts.UserList
	c.request()
	c.send(contracts.Notify, c.res.Broker.Names().Control(c.kind, c.id), &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The list is not valid.", FailedStage: contracts.People, Code: "invalid_list",
	})
	c.waits(contracts.Failure, "The list is not valid.")
	page := b.ask(t, admin, http.MethodGet, "/imports/"+c.id)
	require.Contains(t, page.text, "What it has left behind and the uploaded file are removed.")
	require.Contains(t, page.text, `<option value="people" selected>`)
	b.endedADayAgo(t, c)
	require.NotContains(t, b.ask(t, admin, http.MethodGet, "/imports/"+c.id).text, `id="ask-replay"`)
}

// leaveOut keeps two rows that an import has left out.
func (b *bench) leaveOut(t *testing.T, c *conference) {
	t.Helper()
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO people.failed_titles (import_id, titles) VALUES (?0::uuid, ARRAY['Nick']);
		INSERT INTO people.failed_rows (import_id, n, line, cells, issues) VALUES (?0, 3, 5, ARRAY['a b'], 'Odd.'), (?0, 4, 6, ARRAY['c d'], 'Odd.')`, c.id)
	require.NoError(t, err)
}

func TestPageKeepsOfferingTheRowsThatWereLeftOutWhereTheirMendedOnesFail(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.list(t, admin, contracts.UserList, contracts.Accounts{Created: 3, Failed: 2}, "3 users imported, 2 left out")
	control := c.res.Broker.Names().Control(c.kind, c.id)
	c.attempt++
	c.send(contracts.Ingest, control, &contracts.ReplayRequested{
		Carried: contracts.Carried{Blob: c.carried.Blob, Mended: true, Accounts: &contracts.Accounts{Created: 3, Failed: 2}},
		From:    contracts.People, By: admin.Owner(),
	})
	c.send(contracts.Notify, control, &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The table is not valid.", FailedStage: contracts.People, Code: "invalid_list",
		Issues: contracts.IssueCounts{Error: 1},
	})
	c.waits(contracts.Failure, "The table is not valid.")
	require.NotContains(t, b.ask(t, admin, http.MethodGet, "/imports/"+c.id).text, "failed-rows", "they are kept for a day only")

	b.leaveOut(t, c)
	page := b.ask(t, admin, http.MethodGet, "/imports/"+c.id)
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{"2 rows were left out", `id="mending"`, "What was imported before stands.", "The table is not valid."} {
		require.Contains(t, page.text, text)
	}
}
