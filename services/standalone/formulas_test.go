package standalone_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	tabular "github.com/usher-events/usher/pkg/table"
)

// written says for every route that answers with a table how it is asked for one.
var written = map[string][]tableAsked{
	"GET /v1/imports/{id}/issues": {{"/v1/imports/{import}/issues?format=csv", tabular.CSV}},
	"GET /v1/imports/{id}/failed-rows": {
		{"/v1/imports/{import}/failed-rows?format=csv", tabular.CSV}, {"/v1/imports/{import}/failed-rows?format=xlsx", tabular.XLSX},
	},
	"GET /v1/users/import/template.csv":  {{"/v1/users/import/template.csv", tabular.CSV}},
	"GET /v1/users/import/template.xlsx": {{"/v1/users/import/template.xlsx", tabular.XLSX}},
}

type tableAsked struct {
	path   string
	format tabular.Format
}

// mediaOf are the media types of tables.
var mediaOf = map[string]tabular.Format{
	"text/csv": tabular.CSV,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": tabular.XLSX,
}

// aFormula is what a spreadsheet may take for one.
var aFormula = regexp.MustCompile(`(^|[;|\t\r\n])[ "]*[=+\-@]`)

func TestNoTableThatIsWrittenHasAFormula(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	admin := as(t, p, folder, "operator@admins.example", true)
	id := admin.sendList(t, "/v1/users/import/csv?mode=lenient", "crew.csv", []byte("nick,email,password,=1+1;=2+2,-3\n"+
		"ada,=HYPERLINK(1),the horse of ada,+1,-1\n"+
		"bob,@x;=cmd|y,the horse of bob,=3,+3\n"), http.StatusAccepted)
	admin.ended(t, id)

	asked := make(map[string]bool)
	for _, route := range tableRoutes(t, admin) {
		require.NotEmpty(t, written[route], "%s answers with a table: say how to ask for it", route)
		asked[route] = true
		for _, one := range written[route] {
			res := admin.answer(t, strings.Replace(one.path, "{import}", id, 1))
			content, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, res.StatusCode, "%s: %s", one.path, content)
			file := string(content)
			tab, err := tabular.Open(strings.NewReader(file), int64(len(file)), one.format)
			require.NoError(t, err)
			neutralized := 0
			for rec, err := range tab.Records() {
				require.NoError(t, err)
				for _, cell := range rec.Cells {
					require.NotRegexp(t, aFormula, cell, one.path)
					if aFormula.MatchString(tabular.Plain(cell)) {
						neutralized++
					}
				}
			}
			require.Positive(t, neutralized, "%s has nothing that could be a formula: this shows nothing", one.path)
			require.NoError(t, tab.Close())
		}
	}
	for route := range written {
		require.True(t, asked[route], "%s answers with no table", route)
	}
}

// tableRoutes are the routes that answer with tables, as the interface says.
func tableRoutes(t *testing.T, a api) []string {
	t.Helper()
	var document map[string]any
	a.get(t, "/openapi.json", &document)
	// inside follows members of objects, and references on the way.
	var inside func(tree any, path ...string) any
	inside = func(tree any, path ...string) any {
		object, _ := tree.(map[string]any)
		if reference, ok := object["$ref"].(string); ok {
			return inside(inside(document, strings.Split(strings.TrimPrefix(reference, "#/"), "/")...), path...)
		}
		if len(path) == 0 {
			return tree
		}
		return inside(object[path[0]], path[1:]...)
	}
	var routes []string
	paths, ok := document["paths"].(map[string]any)
	require.True(t, ok)
	for path, operations := range paths {
		methods, ok := operations.(map[string]any)
		require.True(t, ok)
		for method := range methods {
			content, _ := json.Marshal(inside(methods[method], "responses", "200", "content"))
			for media := range mediaOf {
				if strings.Contains(string(content), `"`+media) {
					routes = append(routes, strings.ToUpper(method)+" "+path)
					break
				}
			}
		}
	}
	return routes
}
