//go:build samples

package standalone_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// attributesOf says which attribute of the API a column of the two lists is;
// none where it is left out.
var attributesOf = map[string]string{
	"Nick Name": "nick", "First Name": "first-name", "Last Name": "last-name", "Email": "email", "Age": "age",
	"Current City": "city", "Mobile Number": "mobile", "Password": "",
	"username": "nick", "firstname": "first-name", "lastname": "last-name", "email": "email", "password": "",
	"pronoun": "pronoun", "mobile": "mobile", "dect": "dect", "tshirt_size": "tshirt-size",
	"planned_arrival_date": "planned-arrival", "email_shiftinfo": "", "angel_types": "",
}

// The lists are read here by encoding/csv alone, and each cell is held against
// the account that was made of its row.
func TestListsOfUsersComeToExactlyTheirUsers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"blog8_valid.csv", "modern_valid.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := os.ReadFile(filepath.Join(os.Getenv("SAMPLES"), "users", name))
			require.NoError(t, err)
			rows, err := csv.NewReader(strings.NewReader(string(list))).ReadAll()
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
					"tshirt-size": nil, "planned-arrival": nil, "admin": false, "import": id,
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
						want[attribute] = row[n]
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
