package standalone_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// uploadList sends a list of users and returns the import's id.
func (a api) uploadList(t *testing.T, list string) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "crew.csv")
	require.NoError(t, err)
	_, err = io.WriteString(part, list)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/v1/users/import/csv", &body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	var accepted struct {
		ID string `json:"id"`
	}
	a.do(t, req, http.StatusAccepted, &accepted)
	return accepted.ID
}

// usersOf returns the accounts that an import has made, by their nicks.
func (a api) usersOf(t *testing.T, importID string) map[string]map[string]any {
	t.Helper()
	var list struct{ Data []resource }
	a.get(t, "/v1/users?page[size]=200&filter[import]="+importID, &list)
	users := make(map[string]map[string]any)
	for _, r := range list.Data {
		nick, ok := r.Attributes["nick"].(string)
		require.True(t, ok)
		users[nick] = r.Attributes
	}
	return users
}

const historic = "Nick Name,First Name,Last Name,Email,Age,Current City,Password,Mobile Number\r\n"

// Fault 4 of the old importer was that it made a user of the header, fault 5 that
// it cut lines after a thousand bytes and made two users of them.
func TestFaults4And5AHeaderIsNobodyAndALongLineIsOneUser(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	admin := as(t, p, folder, "operator@admins.example", true)
	list := strings.Replace(historic, "\r\n", ",Notes\r\n", 1) +
		"ada,Ada,Berg,ada@crew.example,41,Oslo,the horse of ada,+47 90 00 00 01," + strings.Repeat("long ", 2000) + "\r\n" +
		"bob,Bob,\"Dahl\r\nDahl\",bob@crew.example,,Bergen,the horse of bob,," + strings.Repeat("x", 1000) + "\r\n"
	id := admin.uploadList(t, list)
	result := admin.succeeded(t, id)
	require.Equal(t, contracts.Result{Accounts: &contracts.Accounts{Created: 2}, URL: p.url + "/imports/" + id}, result)
	require.Equal(t, "2 users imported", admin.task(t, id).Message)

	users := admin.usersOf(t, id)
	require.Len(t, users, 2)
	require.Equal(t, "Ada", users["ada"]["first-name"])
	require.Equal(t, 41.0, users["ada"]["age"])
	require.Equal(t, "Dahl\nDahl", users["bob"]["last-name"])
	require.Nil(t, users["bob"]["age"])

	var issues struct{ Data []contracts.Issue }
	admin.get(t, "/v1/imports/"+id+"/issues", &issues)
	require.Len(t, issues.Data, 2)
	require.Equal(t, "list_format", issues.Data[0].Code)
	require.Equal(t, "unknown_column", issues.Data[1].Code)
	require.Equal(t, "Notes", issues.Data[1].Value)

	var told struct {
		Data []struct{ Title string }
	}
	admin.get(t, "/v1/notifications", &told)
	require.Equal(t, "2 users imported", told.Data[0].Title)
}

// Fault 6 was that the last row alone said whether all had gone well, that what
// was wrong with the others was lost, and that no row was named.
func TestFault6EveryBadRowIsToldWithItsLineAlsoWhereTheLastIsGood(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	admin := as(t, p, folder, "operator@admins.example", true)
	id := admin.uploadList(t, historic+
		"ada,Ada,Berg,ada@crew.example,41,Oslo,the horse of ada,\r\n"+
		"bad nick,Bob,Dahl,bob@crew.example,7,Oslo,the horse of bob,\r\n"+
		"cy,Cy,Dahl,cy-at-crew,,Oslo,the horse of cy,\r\n"+
		"ADA,Di,Dahl,di@crew.example,,Oslo,the horse of di,\r\n"+
		"eve,Eve,Dahl,eve@crew.example,,Oslo,the horse of eve,\r\n")
	task := admin.ended(t, id)
	require.Equal(t, contracts.Failure, task.State)
	require.Equal(t, "invalid_list", task.Error.Code)
	require.Equal(t, "crew.csv line 3: The nick has characters that a nick cannot have (and 2 more)", task.Result)
	require.Empty(t, admin.usersOf(t, id))

	var issues struct{ Data []contracts.Issue }
	admin.get(t, "/v1/imports/"+id+"/issues", &issues)
	var lines []string
	for _, i := range issues.Data {
		lines = append(lines, fmt.Sprintf("%d:%d %s", i.Line, i.Column, i.Code))
	}
	require.Equal(t, []string{"3:1 nick_characters", "4:12 email_invalid", "5:1 nick_repeated", "0:0 list_format"}, lines)
}

// Fault 8 was that passwords travelled in plain. Here they do so once, in the
// upload, and nothing keeps them: no table, no message, no log, and no file once the
// list is imported, or a list that has failed is discarded.
func TestFault8NoPasswordIsFoundAnywhereAfterAnImport(t *testing.T) {
	t.Parallel()
	folder, blobs, database := dataFolder(t), t.TempDir(), postgrestest.URL(t)
	p := up(t, folder, "USHER_BUCKET_URL=file://"+blobs, "USHER_DATABASE_URL="+database)
	admin := as(t, p, folder, "operator@admins.example", true)
	const secret = "Zinnober"
	good := admin.uploadList(t, historic+"ada,Ada,Berg,ada@crew.example,41,Oslo,"+secret+"-of-ada,\r\nbob,Bob,Dahl,bob@crew.example,7,Oslo,"+secret+"-of-bob,\r\n")
	admin.succeeded(t, good)
	for _, bad := range []string{
		historic + "cy,Cy,Dahl,cy-at-crew,,Oslo," + secret + "-of-cy,\r\n",
		historic + "cy,Cy,Dahl,cy@crew.example," + secret + "-of-cy\r\n",          // cells are missing
		historic + "cy,Cy,Dahl," + secret + "-of-cy,12,Oslo,cy@crew.example,\r\n", // two are exchanged
		secret + ",of,cy,in,the,wrong,place\r\n",
		historic + "cy,Cy,Dahl,cy@crew.example,12,Oslo,\"" + secret + "\" of cy,\r\n", // quotes that do not fit
	} {
		id := admin.uploadList(t, bad)
		require.Equal(t, contracts.Failure, admin.ended(t, id).State)
		admin.discarded(t, id)
	}
	signedIn(t, p.url, "ada", secret+"-of-ada")

	// The list goes behind the outcome of its stage, so the import may have ended before.
	require.Eventually(t, func() bool { return !strings.Contains(everyFile(t, blobs), secret) }, patience, glance, "the bucket")
	for what, text := range map[string]string{
		"the database": everyTable(t, database), "the broker": everyMessage(t, p), "the log": p.log.String(),
	} {
		require.NotContains(t, text, secret, what)
	}
	require.Contains(t, everyTable(t, database), "$argon2id$v=19$m=19456,t=2,p=1$")
	require.Contains(t, everyMessage(t, p), "crew.csv")
	require.NotContains(t, p.log.String(), "argon2")
}

// everyTable gives every row of every table of a database as text.
func everyTable(t *testing.T, database string) string {
	t.Helper()
	db, err := postgres.Open(t.Context(), database)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var tables []string
	require.NoError(t, db.NewRaw(`SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`).Scan(t.Context(), &tables))
	require.NotEmpty(t, tables)
	var all strings.Builder
	for _, table := range tables {
		var rows []string
		require.NoError(t, db.NewRaw("SELECT r::text FROM "+table+" AS r").Scan(t.Context(), &rows))
		all.WriteString(table + "\n" + strings.Join(rows, "\n") + "\n")
	}
	return all.String()
}

// everyMessage gives everything that the broker of a process keeps.
func everyMessage(t *testing.T, p *process) string {
	t.Helper()
	_, rest, ok := strings.Cut(p.log.String(), "msg=broker url=")
	require.True(t, ok)
	address, _, _ := strings.Cut(rest, "\n")
	nc, err := nats.Connect(address, unhurried)
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	var all strings.Builder
	for name := range js.StreamNames(t.Context()).Name() {
		stream, err := js.Stream(t.Context(), name)
		require.NoError(t, err)
		info, err := stream.Info(t.Context())
		require.NoError(t, err)
		for n := max(info.State.FirstSeq, 1); n <= info.State.LastSeq; n++ {
			msg, err := stream.GetMsg(context.Background(), n)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue // a newer value has taken its place
			}
			require.NoError(t, err)
			fmt.Fprintln(&all, msg.Subject, msg.Header, string(msg.Data))
		}
	}
	return all.String()
}

// everyFile gives the content of every file below a folder, but for those that go meanwhile.
func everyFile(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var content []byte
			content, err = os.ReadFile(path)
			all.Write(content)
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}))
	return all.String()
}

// ownsWhatItImports shows that an account of a list imports an archive that is its own.
func ownsWhatItImports(t *testing.T, account, other api) {
	t.Helper()
	archive := made(t, 12, 6, 7)
	result := account.succeeded(t, account.upload(t, archive))
	require.Equal(t, expected(t, archive), account.inventory(t, result.ID))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, other.url+"/v1/events/"+url.PathEscape(result.ID), nil)
	require.NoError(t, err)
	other.do(t, req, http.StatusNotFound, nil)
}

func TestUsersOfAListSignInAndImportWhatIsTheirs(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	admin := as(t, p, folder, "operator@admins.example", true)
	admin.succeeded(t, admin.uploadList(t, "username,email,password\nada,ada@crew.example,the horse of ada\nbob,bob@crew.example, blanks \n"))
	ownsWhatItImports(t, signedIn(t, p.url, "ADA", "the horse of ada"), signedIn(t, p.url, "Bob@crew.example", " blanks "))
}
