package query_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/table"
)

func TestFailedRowsAreTheOriginalColumnsWithTheIssueAndTheKeyOfEach(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, admin)
	c.kind = contracts.UserList
	c.request()
	c.waits(contracts.Pending, "Waiting for people")
	path := "/v1/imports/" + c.id + "/failed-rows"
	b.refused(t, admin, path, http.StatusNotFound, "no_failed_rows")
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO people.failed_titles (import_id, titles) VALUES (?0::uuid, ARRAY['Nick Name', 'Password', 'Email']);
		INSERT INTO people.failed_rows (import_id, n, line, cells, issues)
		SELECT ?0::uuid, n, n + 2, ARRAY['nick' || n, '', '=1+1'], 'This is odd. Mend it.' FROM generate_series(5, 2004) AS n
		UNION ALL SELECT ?0, 0, 2, ARRAY['short'], 'Too few.' UNION ALL SELECT ?0, 1, 3, ARRAY['long', '', '', 'more'], 'Too many.'`, c.id)
	require.NoError(t, err)

	keys, err := auth.NewRowKeys(b.res.Config.Auth)
	require.NoError(t, err)
	want := [][]string{
		{"Nick Name", "Password", "Email", "usher_issue", "usher_row"},
		{"short", "", "", "Too few.", keys.Key(c.id, 0)},
		{"long", "", "", "Too many.", keys.Key(c.id, 1)},
		{"nick5", "", "'=1+1", "This is odd. Mend it.", keys.Key(c.id, 5)},
	}
	const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	for query, accept := range map[string]string{"": "text/html, text/csv", "?format=csv": workbook} {
		a := b.ask(t, admin, http.MethodGet, path+query, "Accept", accept)
		require.Equal(t, http.StatusOK, a.status, a.text)
		require.Equal(t, "text/csv; charset=utf-8; header=present", a.header.Get("Content-Type"))
		require.Equal(t, `attachment; filename="failed-rows-`+c.id+`.csv"`, a.header.Get("Content-Disposition"))
		require.Equal(t, "private, no-store", a.header.Get("Cache-Control"))
		rows, err := csv.NewReader(strings.NewReader(a.text)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+2002)
		require.Equal(t, want, rows[:4])
	}
	for query, accept := range map[string]string{"": workbook + ", text/csv", "?format=xlsx": "text/csv"} {
		a := b.ask(t, admin, http.MethodGet, path+query, "Accept", accept)
		require.Equal(t, workbook, a.header.Get("Content-Type"))
		require.Equal(t, `attachment; filename="failed-rows-`+c.id+`.xlsx"`, a.header.Get("Content-Disposition"))
		file, err := table.Open(bytes.NewReader([]byte(a.text)), int64(len(a.text)), table.XLSX)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, file.Close()) })
		var rows [][]string
		for record, err := range file.Records() {
			require.NoError(t, err)
			rows = append(rows, record.Cells)
		}
		require.Len(t, rows, 1+2002)
		require.Equal(t, want, rows[:4])
	}
	b.refused(t, admin, path+"?format=json", http.StatusBadRequest, "bad_format")
	b.refused(t, olga, path, http.StatusForbidden, "admin_only")
	b.refused(t, nobody, path, http.StatusUnauthorized, "token_missing")
}
