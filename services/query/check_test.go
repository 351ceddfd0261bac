package query_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// checked tells of a check that has succeeded.
func (b *bench) checked(t *testing.T) *conference {
	t.Helper()
	c := b.conference(t, olga)
	c.kind = contracts.EventCheck
	c.request()
	c.carried.EventName = "Lakeside Open Days"
	c.carried.Totals = map[contracts.EntityType]int{contracts.Events: 1, contracts.Sessions: 48, contracts.Tracks: 0}
	c.outcome(contracts.Event, contracts.OutcomeCompleted, contracts.CompletionOf(contracts.Event, contracts.Completed{
		Carried: c.carried, Counts: map[contracts.EntityType]int{}, StartedAt: time.Now().UTC(),
	}))
	c.send(contracts.Notify, c.res.Broker.Names().Control(c.kind, c.id), &contracts.ImportFinished{
		State: contracts.Success, Result: &contracts.Result{
			DryRun: true, EventName: "Lakeside Open Days", Counts: c.carried.Totals,
			Mails: []string{"olga@organizers.example"}, URL: "https://usher.example/imports/" + c.id,
		},
	})
	c.waits(contracts.Success, "Checked Lakeside Open Days")
	return c
}

func TestTaskOfACheckSaysWhatWouldBeMadeAndThatNothingIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.checked(t)
	task := b.ok(t, olga, "/v1/tasks/"+c.id)
	require.Equal(t, map[string]any{
		"dry_run": true, "event_name": "Lakeside Open Days", "mails": []any{"olga@organizers.example"},
		"counts": map[string]any{"events": json.Number("1"), "sessions": json.Number("48"), "tracks": json.Number("0")}, "url": "https://usher.example/imports/" + c.id,
	}, task.body["result"])
	require.Empty(t, task.body["progress"])
	require.Equal(t, "event-check", task.body["kind"])
	require.Nil(t, at(b.ok(t, olga, "/v1/imports/"+c.id).body, "data", "attributes", "event-id"))
}

func TestPageOfACheckOffersTheImportAndNoEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.checked(t)
	page := b.ask(t, olga, http.MethodGet, "/imports/"+c.id)
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{
		`<strong dir="auto">Lakeside Open Days</strong> is checked. Nothing is imported yet.`,
		`<li data-would="sessions">Sessions: <b>48</b></li>`, "olga@organizers.example is told when the import has ended.",
		`<button id="start" type="button" data-start data-script disabled>Import now</button>`, `data-mark="done">Checked</span>`,
	} {
		require.Contains(t, page.text, text)
	}
	require.NotContains(t, page.text, `data-would="tracks"`, "there are none")
	require.NotContains(t, page.text, `id="event"`)
	require.NotContains(t, page.text, `data-type=`, "nothing is made")
	home := b.ask(t, olga, http.MethodGet, "/")
	require.Contains(t, home.text, `data-mark="done">Checked</span>`)

	made := b.conference(t, olga).made("c4f1a9e2")
	page = b.ask(t, olga, http.MethodGet, "/imports/"+made.id)
	require.NotContains(t, page.text, `id="start"`)
	require.NotContains(t, page.text, `data-would`)
}

func TestIssuesAsATableAreAllOfThemAndNoFormulas(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.waits(contracts.Pending, "Waiting for event")
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO event.issues (import_id, stage, attempt, n, severity, code, file, pointer, line, col, source_id, record_index, message, value, hint)
		SELECT ?0::uuid, 'event', 1, n, 'warning', 'odd', 'sessions', '/0', 7, 3, '', 0, 'This is odd', '', '' FROM generate_series(10, 2509) AS n
		UNION ALL SELECT ?0, 'event', 1, 1, 'error', 'bad', 'speakers', '', 0, 0, '-12', NULL, E'two\nlines, "quoted"', '=HYPERLINK("https://evil.example")', '@mend'
		UNION ALL SELECT ?0, 'event', 1, 2, 'info', 'odd', E'\tname', '', 0, 0, '+1', NULL, E'\rreturn', ' = 1', ''`, c.id)
	require.NoError(t, err)
	path := "/v1/imports/" + c.id + "/issues"
	header := []string{"severity", "code", "file", "pointer", "line", "column", "source_id", "record_index", "message", "value", "hint"}
	for name, ask := range map[string]func(query string) answer{
		"by the parameter": func(query string) answer { return b.ask(t, olga, http.MethodGet, path+"?format=csv&"+query) },
		"by the header": func(query string) answer {
			return b.ask(t, olga, http.MethodGet, path+"?"+query, "Accept", "text/html;q=0.5, text/csv, application/json")
		},
	} {
		all := ask("")
		require.Equal(t, http.StatusOK, all.status, all.text)
		require.Equal(t, "text/csv; charset=utf-8; header=present", all.header.Get("Content-Type"), name)
		require.Equal(t, `attachment; filename="issues-`+c.id+`.csv"`, all.header.Get("Content-Disposition"))
		require.Equal(t, "private, no-store", all.header.Get("Cache-Control"))
		rows, err := csv.NewReader(strings.NewReader(all.text)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+2502, "all of them, the errors first")
		require.Equal(t, header, rows[0])
		require.Equal(t, []string{"error", "bad", "speakers", "", "", "", "'-12", "", "two\nlines, \"quoted\"", `'=HYPERLINK("https://evil.example")`, "'@mend"}, rows[1])
		require.Equal(t, []string{"warning", "odd", "sessions", "/0", "7", "3", "", "0", "This is odd", "", ""}, rows[2])
		require.Equal(t, []string{"info", "odd", "'\tname", "", "", "", "'+1", "", "'\rreturn", "' = 1", ""}, rows[2502])

		rows, err = csv.NewReader(strings.NewReader(ask("filter[severity]=error&filter[file]=speakers").text)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		none, err := csv.NewReader(strings.NewReader(ask("filter[code]=nothing").text)).ReadAll()
		require.NoError(t, err)
		require.Equal(t, [][]string{header}, none)
	}
	for _, accept := range []string{"", "*/*", "application/json, text/csv", "text/csv;q=0", "nonsense"} {
		a := b.ask(t, olga, http.MethodGet, path, "Accept", accept)
		require.Equal(t, "application/json", a.header.Get("Content-Type"), accept)
	}
	require.Equal(t, "application/json", b.ask(t, olga, http.MethodGet, path+"?format=json", "Accept", "text/csv").header.Get("Content-Type"))
	b.refused(t, olga, path+"?format=xml", http.StatusBadRequest, "bad_format")
	b.refused(t, olga, path+"?format=csv&filter[severity]=fatal", http.StatusBadRequest, "bad_filter")
	b.refused(t, paul, path+"?format=csv", http.StatusNotFound, "not_found")
}
