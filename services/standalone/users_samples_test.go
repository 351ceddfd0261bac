//go:build samples

package standalone_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// attributesOf says which attribute of the API a column of the lists is; none where it
// is left out.
var attributesOf = map[string]string{
	"Nick Name": "nick", "First Name": "first-name", "Last Name": "last-name", "Email": "email", "Age": "age",
	"Current City": "city", "Mobile Number": "mobile", "Password": "",
	"username": "nick", "firstname": "first-name", "lastname": "last-name", "email": "email", "password": "",
	"pronoun": "pronoun", "mobile": "mobile", "dect": "dect", "tshirt_size": "tshirt-size",
	"planned_arrival_date": "planned-arrival", "email_shiftinfo": "", "angel_types": "",
	"nick": "nick", "prename": "first-name", "mail": "email", "current_city": "city", "timezone": "time-zone", "tel": "", "age": "age",
	"hometown": "", "organization": "organization", "organization_web": "web", "facebook": "", "github": "", "twitter": "", "jabber": "",
}

// lists are the lists that nothing is wrong with, and what stands between their cells.
var lists = map[string]rune{
	"blog8_valid.csv": ',', "fossasia20_header_valid.csv": ',', "modern_valid.csv": ',', "modern_bom_crlf.csv": ',',
	"modern_latin1.csv": ',', "modern_semicolon.csv": ';',
}

// The lists are read here by encoding/csv alone, and each cell is held against
// the account that was made of its row.
func TestListsOfUsersComeToExactlyTheirUsers(t *testing.T) {
	t.Parallel()
	for name, delimiter := range lists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := os.ReadFile(filepath.Join(os.Getenv("SAMPLES"), "users", name))
			require.NoError(t, err)
			text := strings.TrimPrefix(string(list), "\ufeff")
			if !utf8.ValidString(text) {
				text = latin1(list)
			}
			reader := csv.NewReader(strings.NewReader(text))
			reader.Comma = delimiter
			rows, err := reader.ReadAll()
			require.NoError(t, err)
			header, rows := rows[0], rows[1:]
			require.NotEmpty(t, rows)

			folder := dataFolder(t)
			p := up(t, folder)
			admin := as(t, p, folder, "operator@admins.example", true)
			id := admin.uploadList(t, string(list))
			require.Equal(t, len(rows), admin.succeeded(t, id).Created)
			users := admin.usersOf(t, id)
			require.Len(t, users, len(rows))
			require.Equal(t, len(rows), admin.total(t, "/v1/users"))

			accounts := make([]api, 0, len(rows))
			for _, row := range rows {
				want := map[string]any{
					"first-name": nil, "last-name": nil, "age": nil, "city": nil, "mobile": nil, "pronoun": nil, "dect": nil,
					"tshirt-size": nil, "planned-arrival": nil, "time-zone": nil, "organization": nil, "web": nil, "admin": false, "invited": false, "import": id,
				}
				password := ""
				for n, title := range header {
					attribute, known := attributesOf[title]
					require.True(t, known, title)
					switch {
					case strings.EqualFold(title, "password"):
						password = row[n]
					case attribute == "age":
						age, err := strconv.Atoi(row[n])
						require.NoError(t, err)
						want[attribute] = float64(age)
					case attribute != "":
						want[attribute] = orNil(row[n])
					}
				}
				nick, ok := want["nick"].(string)
				require.True(t, ok)
				email, ok := want["email"].(string)
				require.True(t, ok)
				got := users[nick]
				require.NotEmpty(t, got["created-at"])
				delete(got, "created-at")
				require.Equal(t, want, got)

				accounts = append(accounts, signedIn(t, p.url, nick, password))
				signedIn(t, p.url, email, password)
			}
			ownsWhatItImports(t, accounts[0], accounts[1])
		})
	}
}

// orNil is how the API says what a cell says.
func orNil(cell string) any {
	if cell == "" {
		return nil
	}
	return cell
}

// latin1 reads text in which each byte is a character.
func latin1(content []byte) string {
	characters := make([]rune, len(content))
	for i, b := range content {
		characters[i] = rune(b)
	}
	return string(characters)
}
