package query_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestTaskIsPendingBeforeTheProjectorKnowsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t) // nobody projects
	c := b.conference(t, olga)
	c.request()
	task := b.ok(t, olga, "/v1/tasks/"+c.id)
	require.Equal(t, "application/json", task.header.Get("Content-Type"))
	require.Equal(t, "PENDING", task.body["state"])
	require.Equal(t, "event", task.body["waiting_for"])
	require.Equal(t, "Waiting for event", task.body["message"])
	require.Nil(t, task.body["result"])
	require.Equal(t, "1", task.header.Get("Retry-After"))
	b.ok(t, admin, "/v1/tasks/"+c.id)
	b.ok(t, olga, "/v1/imports/"+c.id)
	b.refused(t, paul, "/v1/tasks/"+c.id, http.StatusNotFound, "not_found")
	require.Empty(t, b.ok(t, olga, "/v1/imports/"+c.id+"/issues").data(t))

	b.project(t)
	known := c.waits(contracts.Pending, "Waiting for event")
	require.Equal(t, task.text, known.text, "the projector says the same")
}

func TestTaskFollowsItsImport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()
	c.waits(contracts.Pending, "Waiting for event")
	c.progress(contracts.Progress{Stage: contracts.Event})
	c.waits(contracts.Started, "Checking the archive")
	c.carried.Totals = map[contracts.EntityType]int{contracts.Sessions: 493}
	c.complete(contracts.Event, map[contracts.EntityType]int{contracts.Events: 1})
	c.waits(contracts.Started, "Waiting for people")
	c.complete(contracts.People, nil)
	c.progress(contracts.Progress{Stage: contracts.Schedule, Type: contracts.Sessions, Done: 12, Total: 493})
	task := c.waits(contracts.Started, "Importing sessions (12/493)")
	require.Equal(t, map[string]any{"done": number("12"), "total": number("493")}, at(task.body, "progress", "sessions"))
	require.NotNil(t, task.body["started_at"])
	c.complete(contracts.Schedule, map[contracts.EntityType]int{contracts.Sessions: 493})
	c.complete(contracts.Media, nil)
	c.succeed()
	task = c.waits(contracts.Success, "Imported Lakeside Open Days")
	require.Equal(t, itoa(c.event), at(task.body, "result", "id"))
	require.Equal(t, "notify", task.body["stage"])
	require.NotNil(t, task.body["finished_at"])
	require.Empty(t, task.header.Get("Retry-After"), "it will not change any more")
}

func TestTaskOfAFailureSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.fail(contracts.Event, contracts.IssueCounts{Error: 2}, contracts.Issue{
		Severity: contracts.Error, Code: "required_field_missing", File: "sessions", Line: 12, Message: "Required field 'title' is missing",
	})
	why := "sessions line 12: Required field 'title' is missing (and 1 more)"
	task := c.waits(contracts.Failure, why)
	require.Equal(t, why, task.body["result"])
	require.Equal(t, "invalid_archive", at(task.body, "error", "code"))
	require.Equal(t, "event", at(task.body, "error", "stage"))
	require.Equal(t, "required_field_missing", at(task.body, "error", "issues", 0, "code"))
	attributes := at(b.ok(t, olga, "/v1/import-jobs/"+c.id).body, "data", "attributes")
	require.Equal(t, "FAILURE", at(attributes, "result-status"))
	require.Equal(t, why, at(attributes, "result"))
	require.Empty(t, b.ok(t, olga, "/v1/events").data(t))
}

func TestWhatIsUnknownOrOfOthersIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	for _, path := range []string{
		"/v1/tasks/%s", "/v1/imports/%s", "/v1/import-jobs/%s", "/v1/imports/%s/issues", "/v1/imports/%s/remaps", "/v1/imports/%s/history",
	} {
		b.ok(t, olga, fmt.Sprintf(path, c.id))
		b.ok(t, admin, fmt.Sprintf(path, c.id))
		b.refused(t, paul, fmt.Sprintf(path, c.id), http.StatusNotFound, "not_found")
		b.refused(t, nobody, fmt.Sprintf(path, c.id), http.StatusUnauthorized, "token_missing")
		for _, id := range []string{uuid.NewString(), strings.ToUpper(c.id), strings.ReplaceAll(c.id, "-", ""), "x", "*", "%3E", "a.b", "1"} {
			b.refused(t, admin, fmt.Sprintf(path, id), http.StatusNotFound, "not_found")
		}
	}
	event := itoa(c.event)
	for _, path := range append([]string{""}, lists...) {
		for _, key := range []string{event, "c4f1a9e2"} {
			b.ok(t, olga, "/v1/events/"+key+path)
			b.ok(t, admin, "/v1/events/"+key+path)
			b.refused(t, paul, "/v1/events/"+key+path, http.StatusNotFound, "not_found")
			b.refused(t, nobody, "/v1/events/"+key+path, http.StatusNotFound, "not_found")
		}
		b.refused(t, admin, "/v1/events/999999"+path, http.StatusNotFound, "not_found")
		b.refused(t, admin, "/v1/events/99999999999999999999"+path, http.StatusNotFound, "not_found")
		b.refused(t, admin, "/v1/events/%00"+path, http.StatusNotFound, "not_found")
		b.refused(t, admin, "/v1/events/%ff"+path, http.StatusNotFound, "not_found")
		b.refused(t, admin, "/v1/events/deadbeef"+path, http.StatusNotFound, "not_found")
	}
	require.Len(t, b.ok(t, olga, "/v1/events").data(t), 1)
	require.Len(t, b.ok(t, admin, "/v1/events").data(t), 1)
	require.Empty(t, b.ok(t, paul, "/v1/events").data(t))
	require.Empty(t, b.ok(t, paul, "/v1/imports").data(t))
}

func TestImportsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var own []string
	for range 3 {
		c := b.conference(t, olga)
		c.request()
		own = append([]string{c.id}, own...)
	}
	others := b.conference(t, paul)
	others.request()
	b.project(t)
	others.waits(contracts.Pending, "Waiting for event")
	require.Eventually(t, func() bool { return at(b.ok(t, admin, "/v1/imports").body, "meta", "total") == number("4") }, soon, 10*time.Millisecond)

	page := b.ok(t, olga, "/v1/imports?page[size]=2")
	require.Equal(t, "application/vnd.api+json", page.header.Get("Content-Type"))
	require.Equal(t, number("3"), at(page.body, "meta", "total"))
	require.Equal(t, own[0], at(page.body, "data", 0, "id"))
	require.Equal(t, own[1], at(page.body, "data", 1, "id"))
	require.Equal(t, "import", at(page.body, "data", 0, "type"))
	attributes := at(page.body, "data", 0, "attributes")
	require.Equal(t, "lakeside.zip", at(attributes, "file-name"))
	require.Equal(t, number("4711"), at(attributes, "size"))
	require.Equal(t, "/v1/tasks/"+own[0], at(attributes, "task"))
	require.Equal(t, "olga", at(attributes, "owner", "sub"))
	require.Nil(t, at(attributes, "result-status"))

	require.Nil(t, at(page.body, "links", "prev"))
	next := b.ok(t, olga, at(page.body, "links", "next").(string))
	require.Len(t, next.data(t), 1)
	require.Equal(t, own[2], at(next.body, "data", 0, "id"))
	require.Nil(t, at(next.body, "links", "next"))
	require.Equal(t, at(page.body, "links", "self"), at(next.body, "links", "prev"))

	old := b.ok(t, olga, "/v1/import-jobs?page[size]=2")
	require.Equal(t, page.body["data"], old.body["data"])
	require.Equal(t, at(page.body, "data", 0), b.ok(t, olga, "/v1/imports/"+own[0]).body["data"])
}

func TestBadPagesAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	paths := []string{"/v1/imports", "/v1/import-jobs", "/v1/events", "/v1/imports/" + c.id + "/issues", "/v1/imports/" + c.id + "/remaps"}
	for _, list := range lists {
		paths = append(paths, "/v1/events/c4f1a9e2"+list)
	}
	for _, path := range paths {
		for _, page := range []string{"page[number]=0", "page[number]=x", "page[size]=0", "page[size]=201", "page[size]=-1"} {
			b.refused(t, olga, path+"?"+page, http.StatusBadRequest, "bad_page")
		}
		require.Empty(t, b.ok(t, olga, path+"?page[number]=1000&page[size]=200").data(t))
	}
}

func TestIssuesAreListedErrorsFirstAndThenInTheOrderOfThePipeline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.carried.Issues = contracts.IssueCounts{Error: 1, Warning: 3, Info: 20_000}
	c.complete(contracts.Event, nil)
	c.waits(contracts.Started, "Waiting for people")
	issue := func(s contracts.Stage, attempt, n int, severity contracts.Severity, code, file string) {
		_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO ?.issues
			(import_id, stage, attempt, n, severity, code, file, pointer, line, col, source_id, record_index, message, value, hint)
			VALUES (?, ?, ?, ?, ?, ?, ?, '/0/title', 3, 4, '7', 0, 'What was found', 'x', 'Mend it')`,
			ident(s), c.id, s, attempt, n, severity, code, file)
		require.NoError(t, err)
	}
	issue(contracts.Media, 1, 0, contracts.Warning, "file_missing", "")
	issue(contracts.People, 1, 0, contracts.Info, "of_an_old_attempt", "speakers")
	issue(contracts.People, 2, 1, contracts.Warning, "second", "speakers")
	issue(contracts.People, 2, 0, contracts.Error, "first", "sponsors")
	issue(contracts.Event, 1, 11, contracts.Info, "zeroth", "event")
	other := b.conference(t, paul)
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO event.issues (import_id, stage, attempt, n, severity, code, message)
		VALUES (?, 'event', 1, 0, 'error', 'of_another', '')`, other.id)
	require.NoError(t, err)

	codes := func(filter string) []any {
		var all []any
		for _, entry := range b.ok(t, olga, "/v1/imports/"+c.id+"/issues?"+filter).data(t) {
			all = append(all, at(entry, "code"))
		}
		return all
	}
	require.Equal(t, []any{"first", "second", "file_missing", "zeroth"}, codes(""))
	require.Equal(t, []any{"second", "file_missing"}, codes("filter[severity]=warning"))
	require.Equal(t, []any{"first"}, codes("filter[code]=first"))
	require.Equal(t, []any{"second"}, codes("filter[file]=speakers"))
	require.Equal(t, []any{"file_missing"}, codes("filter[severity]=warning&page[size]=1&page[number]=2"))
	require.Nil(t, codes("filter[code]=of_an_old_attempt"))
	b.refused(t, olga, "/v1/imports/"+c.id+"/issues?filter[severity]=fatal", http.StatusBadRequest, "bad_filter")
	b.refused(t, olga, "/v1/imports/"+c.id+"/issues?filter[code]=%00", http.StatusBadRequest, "bad_filter")

	page := b.ok(t, olga, "/v1/imports/"+c.id+"/issues?page[size]=1&page[number]=2")
	require.Equal(t, number("4"), at(page.body, "meta", "total"))
	require.Equal(t, map[string]any{"error": number("1"), "warning": number("3"), "info": number("20000")}, at(page.body, "meta", "counts"))
	require.Equal(t, map[string]any{
		"severity": "warning", "code": "second", "file": "speakers", "pointer": "/0/title", "line": number("3"), "column": number("4"),
		"source_id": "7", "record_index": number("0"), "message": "What was found", "value": "x", "hint": "Mend it",
	}, at(page.body, "data", 0))
	require.Contains(t, at(page.body, "links", "next"), "/issues?page%5Bnumber%5D=3")
}

func TestRemapsSayWhatIdsBecame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()
	c.waits(contracts.Pending, "Waiting for event")
	session := c.insert("schedule.sessions", map[string]any{"source_id": "7", "title": "Sailing"})
	first := c.insert("people.speakers", map[string]any{"source_id": "7", "name": "Ada", "origin": "9"})
	last := c.insert("people.speakers", map[string]any{"source_id": "7", "name": "Ada again", "origin": "10"})
	require.Less(t, first, last)
	b.conference(t, paul).insert("people.speakers", map[string]any{"source_id": "1", "name": "of another"})

	page := b.ok(t, olga, "/v1/imports/"+c.id+"/remaps")
	require.Equal(t, []any{
		map[string]any{"type": "speakers", "source_id": "7", "id": itoa(last)},
		map[string]any{"type": "sessions", "source_id": "7", "id": itoa(session)},
	}, page.data(t))
	page = b.ok(t, olga, "/v1/imports/"+c.id+"/remaps?filter[type]=sessions")
	require.Len(t, page.data(t), 1)
	require.Equal(t, number("1"), at(page.body, "meta", "total"))
	require.Empty(t, b.ok(t, olga, "/v1/imports/"+c.id+"/remaps?filter[type]=tracks").data(t))
	b.refused(t, olga, "/v1/imports/"+c.id+"/remaps?filter[type]=cakes", http.StatusBadRequest, "bad_filter")
}
