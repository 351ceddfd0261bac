package command

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// crew writes a list of users into a folder of its own.
func crew(t *testing.T, name, rows string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte("Spitzname;Mail;password\n"+rows), 0o600))
	return path
}

const (
	goodRow = "ada;ada@conf.example;a long password\n"
	badRow  = "olga;olga at conf;another secret\n"
)

func TestValidateOfAListSaysWhatItDidNotLookAt(t *testing.T) {
	t.Parallel()
	r := newRecorder(false)
	out, status := validated(t, r, Validate{File: crew(t, "crew.csv", goodRow)})
	require.Zero(t, status, out)
	require.Contains(t, out, "users                  1\n")
	require.Contains(t, out, "Accounts that there are already were not looked at")
	require.Contains(t, out, "the import would succeed")
}

func TestValidateOfAListTellsEachWrongRowAndNoPassword(t *testing.T) {
	t.Parallel()
	path := crew(t, "crew.csv", goodRow+badRow)
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Equal(t, 1, status)
	require.Contains(t, out, "line 3, column 6")
	require.Contains(t, out, "email_invalid")
	require.NotContains(t, out, "another secret")

	out, status = validated(t, newRecorder(false), Validate{File: path, Mode: "lenient", Format: "json"})
	require.Zero(t, status, out)
	var document validationDocument
	require.NoError(t, json.Unmarshal([]byte(out), &document))
	require.True(t, document.OK)
	require.Equal(t, 1, document.Counts[contracts.Users])
	require.Equal(t, accountsUnseen, document.Note)
}

func TestValidateOfAListTakesAMapping(t *testing.T) {
	t.Parallel()
	path := crew(t, "crew.csv", goodRow)
	out, status := validated(t, newRecorder(false), Validate{File: path, Mapping: map[string]string{"Mail": ""}})
	require.Equal(t, 1, status, out)
	require.Contains(t, out, "column_missing")
}

func TestValidateSaysWhatBecomesOfThoseWithoutAPassword(t *testing.T) {
	t.Parallel()
	path := crew(t, "crew.csv", "ada;ada@conf.example;\n")
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Zero(t, status, out)
	require.Contains(t, out, "chooses it by an invitation")
	out, status = validated(t, newRecorder(false), Validate{File: path, NoInvite: true})
	require.Zero(t, status, out)
	require.Contains(t, out, "nobody is to be invited")

	archive := zipOf(t, "archive.zip", [2]string{"event.json", `{"name":"Conf"}`})
	_, status = validated(t, newRecorder(false), Validate{File: archive, NoInvite: true})
	require.Equal(t, usage, status)
}

func TestValidateKnowsAWorkbookByWhatIsInIt(t *testing.T) {
	t.Parallel()
	path := zipOf(t, "crew", [2]string{"xl/workbook.xml", "<workbook/>"})
	out, status := validated(t, newRecorder(false), Validate{File: path})
	require.Equal(t, 1, status)
	require.Contains(t, out, "not_a_list")
}

func TestImportOfAListIsSentWithItsOptionsAndWatched(t *testing.T) {
	t.Parallel()
	begun, ended := state(contracts.Started, contracts.People, "Importing users (0/1)", nil), success(nil, contracts.IssueCounts{})
	begun.Kind, ended.Kind = contracts.UserList, contracts.UserList
	ended.Result = contracts.Result{Accounts: &contracts.Accounts{Created: 1}, URL: "/v1/users?filter[import]=" + importID}
	u := newUsher(t, begun, ended)
	var query, mapping, content string
	tasks := u.Config.Handler
	u.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/users/import/csv" {
			tasks.ServeHTTP(w, r)
			return
		}
		query, mapping = r.URL.RawQuery, r.FormValue("mapping")
		if file, _, err := r.FormFile("file"); err == nil {
			all, _ := io.ReadAll(file)
			content = string(all)
		}
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(client.Accepted{ID: importID, TaskURL: "/v1/tasks/" + importID})
	})
	path := crew(t, "crew.csv", goodRow)
	c := Import{
		Config: u.config(), File: path, Mode: "lenient", OnConflict: "update", NoInvite: true,
		Mapping: map[string]string{"Spitzname": "nick"}, Watch: true,
		pace: client.Pace{Shortest: time.Millisecond, Longest: time.Millisecond, Patience: time.Minute},
	}
	terminal := newRecorder(false)
	require.NoError(t, c.Run(t.Context(), &terminal.Terminal))
	require.Equal(t, `Import    `+importID+`
Task      URL/v1/tasks/`+importID+`
       Importing users (0/1)
SUCCESS after 12.3s: 1 user imported
Issues    none
URL/v1/users?filter[import]=`+importID+`
`, u.told(terminal.out.String()))
	require.Equal(t, "invite=false&mode=lenient&on_conflict=update", query)
	require.JSONEq(t, `{"Spitzname":"nick"}`, mapping)
	require.Equal(t, "Spitzname;Mail;password\n"+goodRow, content)
}

func TestMappingIsTakenFromTheCommandLine(t *testing.T) {
	t.Parallel()
	u := newUsher(t)
	asked := make(map[string]string)
	u.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mapping := r.FormValue("mapping")
		if strings.HasSuffix(r.URL.Path, "/start") {
			body, _ := io.ReadAll(r.Body)
			mapping = string(body)
		}
		asked[r.URL.Path] = mapping
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(client.Accepted{ID: importID, TaskURL: "/v1/tasks/" + importID})
	})
	run := func(args ...string) {
		terminal := newRecorder(false)
		args = append(args, "--server", u.config().Server, "--token", u.config().Token)
		require.Zero(t, Main(t.Context(), "test", args, &terminal.out, &terminal.err), "%s", terminal.err.String())
	}
	run("import", crew(t, "crew.csv", goodRow), "--mapping", "Spitzname=nick", "--mapping", "Mail, dienstlich=email", "--mapping", "#3=")
	run("start", "of-the-check", "--mapping", "Spitzname=nick", "--mapping", "#3=")
	require.JSONEq(t, `{"Spitzname": "nick", "Mail, dienstlich": "email", "#3": ""}`, asked["/v1/users/import/csv"])
	require.JSONEq(t, `{"mapping": {"Spitzname": "nick", "#3": ""}}`, asked["/v1/imports/of-the-check/start"])
	run("start", "of-the-check")
	require.JSONEq(t, `{}`, asked["/v1/imports/of-the-check/start"])
}

func TestImportRefusesWhatIsOfTheOtherKind(t *testing.T) {
	t.Parallel()
	u := newUsher(t)
	list := Import{Config: u.config(), File: crew(t, "crew.csv", goodRow), Mode: "default", OnConflict: "fail", Publish: true}
	require.ErrorContains(t, list.Run(t.Context(), &newRecorder(false).Terminal), "is a list of users")
	archive := Import{Config: u.config(), File: harbour(t, knots), Mode: "default", OnConflict: "skip"}
	require.ErrorContains(t, archive.Run(t.Context(), &newRecorder(false).Terminal), "is an archive")
}
