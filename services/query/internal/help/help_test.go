package help_test

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/query/internal/help"
)

// ask answers a request for a page of this package.
func ask(t *testing.T, f func(http.ResponseWriter, *http.Request) error, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/help/archive", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	require.NoError(t, f(w, r))
	return w
}

// rowsOf are the rows of the table of a file's fields, as text.
func rowsOf(t *testing.T, page, file string) []string {
	t.Helper()
	_, table, found := strings.Cut(page, `aria-label="Fields of `+file+`"`)
	require.True(t, found, file)
	table, _, _ = strings.Cut(table, "</table>")
	var rows []string
	for _, row := range regexp.MustCompile(`(?s)<tr><td>(.*?)</tr>`).FindAllStringSubmatch(table, -1) {
		text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(strings.ReplaceAll(row[1], "</td>", " | "), "")
		rows = append(rows, html.UnescapeString(strings.TrimSpace(text)))
	}
	return rows
}

func TestPageShowsEveryFieldOfTheFormat(t *testing.T) {
	t.Parallel()
	page := ask(t, help.Archive).Body.String()
	files := 0
	for _, entity := range contracts.EntityTypes() {
		fields := openevent.Fields(entity)
		if fields == nil {
			continue
		}
		files++
		file := strings.ReplaceAll(string(entity), "-", "_")
		switch entity {
		case contracts.Events:
			file = "event"
		case contracts.CustomForms:
			file = "forms"
		}
		rows := rowsOf(t, page, file)
		var check func(in string, fields []openevent.Field)
		check = func(in string, fields []openevent.Field) {
			for _, f := range fields {
				require.NotEmpty(t, rows, "%s of %s", f.Name, file)
				cells := strings.Split(rows[0], "|")
				require.Len(t, cells, 4, rows[0])
				require.Equal(t, in+f.Name, strings.TrimSpace(cells[0]), file)
				require.NotEmpty(t, strings.TrimSpace(cells[1]), "there are words for the kind %q", f.Kind)
				require.Equal(t, f.Required, strings.HasSuffix(strings.TrimSpace(cells[1]), " needed"), rows[0])
				require.Equal(t, f.Wanted && !f.Required, strings.HasSuffix(strings.TrimSpace(cells[1]), " expected"), rows[0])
				require.Equal(t, strings.Join(f.Aliases, ", "), strings.TrimSpace(cells[2]))
				rows = rows[1:]
				check(in+f.Name+"/", f.Fields)
			}
		}
		check("", fields)
		require.Empty(t, rows, file)
	}
	require.Equal(t, files, strings.Count(page, `class="fields"`))
}

func TestPageSaysOfEveryCodeWhatItMeans(t *testing.T) {
	t.Parallel()
	page := html.UnescapeString(ask(t, help.Archive).Body.String())
	for _, c := range contracts.IssueCodes() {
		_, article, found := strings.Cut(page, fmt.Sprintf(`<article class="code" id="%s">`, c.Code))
		require.True(t, found, c.Code)
		article, _, _ = strings.Cut(article, "</article>")
		for _, text := range []string{c.Code, string(c.Severity), c.Means, c.Done, c.Mend} {
			require.Contains(t, article, text, c.Code)
		}
	}
	for _, limit := range []string{"100,000", "16 GiB", "2 GiB", "16 MiB", "200", "64", "10,000"} {
		require.Contains(t, page, "<td>"+limit+"</td>")
	}
}

func TestPlacesOfThePageCanBeLinkedTo(t *testing.T) {
	t.Parallel()
	page := ask(t, help.Archive).Body.String()
	var ids []string
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		require.NotContains(t, ids, id[1])
		ids = append(ids, id[1])
	}
	links := regexp.MustCompile(` href="#([^"]*)"`).FindAllStringSubmatch(page, -1)
	require.Greater(t, len(links), len(contracts.IssueCodes()))
	for _, link := range links {
		require.True(t, slices.Contains(ids, link[1]), link[1])
	}
}

func TestPageNeedsNoScriptAndAllowsNone(t *testing.T) {
	t.Parallel()
	answer := ask(t, help.Archive)
	require.Equal(t, http.StatusOK, answer.Code)
	policy := answer.Header().Get("Content-Security-Policy")
	require.True(t, strings.HasPrefix(policy, "default-src 'none'; "), policy)
	require.NotContains(t, policy, "script-src")
	require.NotContains(t, policy, "unsafe")
	require.NotRegexp(t, `(?i)<script|<style| style=| on[a-z]+=`, answer.Body.String())
}

func TestExampleIsAnArchiveWithoutAnyIssue(t *testing.T) {
	t.Parallel()
	answer := ask(t, help.Example)
	require.Equal(t, "application/zip", answer.Header().Get("Content-Type"))
	require.Contains(t, answer.Header().Get("Content-Disposition"), "attachment")
	content := answer.Body.Bytes()
	require.Less(t, len(content), 60<<10)
	a, err := openevent.Open(bytes.NewReader(content), int64(len(content)), openevent.Limits{})
	require.NoError(t, err)
	summary, err := openevent.Check(a, func(i contracts.Issue) { t.Errorf("issue: %s", i) })
	require.NoError(t, err)
	for _, made := range contracts.EntityTypes() {
		if made != contracts.Users {
			require.Positive(t, summary.Totals[made], made)
		}
	}

	again := ask(t, help.Example, "If-None-Match", answer.Header().Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.Code)
	require.Empty(t, again.Body.String())
}

func TestClientIsAScriptThatAnyPageMayLoad(t *testing.T) {
	t.Parallel()
	answer := ask(t, help.Client)
	require.Equal(t, "text/javascript; charset=utf-8", answer.Header().Get("Content-Type"))
	require.Contains(t, answer.Body.String(), "export async function importArchive(")
	require.Equal(t, http.StatusNotModified, ask(t, help.Client, "If-None-Match", answer.Header().Get("ETag")).Code)
}
