package userlist_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

func TestTemplateIsAListThatIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	for _, format := range []table.Format{table.CSV, table.XLSX} {
		var file bytes.Buffer
		out, err := table.NewWriter(&file, format)
		require.NoError(t, err)
		for _, row := range userlist.Template() {
			require.NoError(t, out.Write(row))
		}
		require.NoError(t, out.Close())

		list, err := userlist.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), userlist.Options{
			Name: "template", Format: format, Rules: userlist.Rules{Invite: true},
		})
		require.NoError(t, err)
		var fields []userlist.Field
		for _, column := range list.Columns() {
			fields = append(fields, column.Field)
		}
		require.Equal(t, userlist.Fields(), fields, "every column is known")
		var users []userlist.User
		for row, err := range list.Rows(func(i contracts.Issue) { require.Equal(t, contracts.Info, i.Severity, i) }) {
			require.NoError(t, err)
			require.False(t, slices.ContainsFunc(row.Issues, func(i contracts.Issue) bool { return i.Severity != contracts.Info }), row.Issues)
			users = append(users, row.User)
		}
		require.NoError(t, list.Close())
		require.Len(t, users, 2)
		require.Equal(t, "ada", users[0].Nick)
		require.Equal(t, "+41 79 123 45 67", users[0].Mobile, "it is no formula, and stays what it is")
		require.Equal(t, "bob@crew.example", users[1].Email)
		for _, user := range users {
			require.Empty(t, user.Password+user.PasswordHash)
			require.False(t, user.Admin)
		}
	}
}
