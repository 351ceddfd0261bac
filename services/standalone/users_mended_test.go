package standalone_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	spreadsheet "github.com/usher-events/usher/pkg/table"
)

// sendList uploads a list to an address and returns the import's id.
func (a api) sendList(t *testing.T, path, name string, list []byte, status int) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	require.NoError(t, err)
	_, err = part.Write(list)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+path, &body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	var accepted struct {
		ID string `json:"id"`
	}
	a.do(t, req, status, &accepted)
	return accepted.ID
}

// download gets what is no JSON.
func (a api) download(t *testing.T, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+a.token)
	response, err := client.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", content)
	return content
}

// succeededIn waits for the end of an attempt, which must be a success.
func (a api) succeededIn(t *testing.T, id string, attempt int) contracts.Result {
	t.Helper()
	a.endedIn(t, id, attempt)
	return a.succeeded(t, id)
}

// rowsOf reads a table.
func rowsOf(t *testing.T, content []byte, format spreadsheet.Format) [][]string {
	t.Helper()
	file, err := spreadsheet.Open(bytes.NewReader(content), int64(len(content)), format)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	var rows [][]string
	for record, err := range file.Records() {
		require.NoError(t, err)
		rows = append(rows, record.Cells)
	}
	return rows
}

func TestRowsThatWereLeftOutAreMendedAndBecomeAccountsOfTheSameImport(t *testing.T) {
	t.Parallel()
	folder, blobs, database := dataFolder(t), t.TempDir(), postgrestest.URL(t)
	p := up(t, folder, "USHER_BUCKET_URL=file://"+blobs, "USHER_DATABASE_URL="+database)
	admin := as(t, p, folder, "operator@admins.example", true)
	const secret = "Zinnober"
	id := admin.sendList(t, "/v1/users/import/csv?mode=lenient", "crew.csv", []byte("nick,email,password,city\n"+
		"ada,ada@crew.example,"+secret+"-of-ada,Oslo\n"+
		"bob,nowhere,"+secret+"-of-bob,Bern\n"+
		"bad nick,cy@crew.example,,=Rome\n"+
		"di,di@crew.example,Zinno,Lima\n"), http.StatusAccepted)
	require.Equal(t, contracts.Accounts{Created: 1, Failed: 3}, *admin.succeeded(t, id).Accounts)

	path := "/v1/imports/" + id + "/failed-rows"
	workbook := rowsOf(t, admin.download(t, path+"?format=xlsx"), spreadsheet.XLSX)
	text := admin.download(t, path+"?format=csv")
	require.NotContains(t, string(text), "Zinno")
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, rows, workbook)
	require.Equal(t, []string{"nick", "email", "password", "city", "usher_issue", "usher_row"}, rows[0])
	require.Equal(t, []string{"bad nick", "cy@crew.example", "", "'=Rome"}, rows[2][:4])
	require.Len(t, rows, 4)

	// Two rows are mended in a text, and the last one in a workbook.
	rows[1][1], rows[2][0] = "bob@crew.example", "cy"
	var mended bytes.Buffer
	require.NoError(t, csv.NewWriter(&mended).WriteAll(rows[:3]))
	require.Equal(t, id, admin.sendList(t, "/v1/imports/"+id+"/rows/csv", "failed-rows.csv", mended.Bytes(), http.StatusAccepted))
	require.Equal(t, contracts.Accounts{Created: 3, Failed: 1, Invited: 1}, *admin.succeededIn(t, id, 2).Accounts)

	workbook = rowsOf(t, admin.download(t, path+"?format=xlsx"), spreadsheet.XLSX)
	require.Equal(t, []string{"di", "di@crew.example", "", "Lima"}, workbook[1][:4])
	require.Len(t, workbook, 2)
	workbook[1][2] = secret + "-of-di"
	mended.Reset()
	out, err := spreadsheet.NewWriter(&mended, spreadsheet.XLSX)
	require.NoError(t, err)
	for _, row := range workbook {
		require.NoError(t, out.Write(row))
	}
	require.NoError(t, out.Close())
	admin.sendList(t, "/v1/imports/"+id+"/rows/xlsx", "failed-rows.xlsx", mended.Bytes(), http.StatusAccepted)
	require.Equal(t, contracts.Accounts{Created: 4, Invited: 1}, *admin.succeededIn(t, id, 3).Accounts)

	users := admin.usersOf(t, id)
	require.Len(t, users, 4)
	require.Equal(t, "=Rome", users["cy"]["city"])
	for _, nick := range []string{"ada", "bob", "di"} {
		signedIn(t, p.url, nick, secret+"-of-"+nick)
	}
	admin.sendList(t, "/v1/imports/"+id+"/rows/csv", "failed-rows.csv", text, http.StatusConflict)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin.url+path, nil)
	require.NoError(t, err)
	admin.do(t, req, http.StatusNotFound, nil)

	var mails struct {
		Data []struct {
			MessageID string `json:"message_id"`
		}
	}
	admin.get(t, "/v1/mails?page[size]=100", &mails)
	invitations := 0
	for _, mail := range mails.Data {
		if strings.HasPrefix(mail.MessageID, "invitation.") {
			invitations++
		}
	}
	require.Equal(t, 1, invitations)
	// The list goes behind the outcome of its stage, so the import may have ended before.
	require.Eventually(t, func() bool { return !strings.Contains(everyFile(t, blobs), secret) }, patience, glance, "the bucket")
	for what, text := range map[string]string{
		"the database": everyTable(t, database), "the broker": everyMessage(t, p), "the log": p.log.String(),
	} {
		require.NotContains(t, text, secret, what)
	}
}
