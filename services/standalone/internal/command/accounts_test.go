package command

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAccountsArePrintedUnderThePrefixAndForServicesThatRunTogether(t *testing.T) {
	t.Setenv("USHER_PREFIX", "staging")
	together := crews{Together: []string{"ingest+query"}}
	terminal := newRecorder(false)
	require.NoError(t, (&AccountsBroker{together}).Run(&terminal.Terminal))
	said := terminal.out.String()
	require.Contains(t, said, `"staging.usher.import.event-archive.people.*.*.*"`)
	require.Contains(t, said, `"_INBOX_staging-people.>"`)
	require.NotContains(t, said, `"usher.`)
	require.Contains(t, said, "user: ingest-query\n      password: $NATS_INGEST_QUERY_PASSWORD\n")

	terminal = newRecorder(false)
	require.NoError(t, (&AccountsDatabase{together}).Run(&terminal.Terminal))
	_, role, ok := strings.Cut(terminal.out.String(), `\getenv password POSTGRES_INGEST_QUERY_PASSWORD`)
	require.True(t, ok)
	require.Contains(t, role, `GRANT :"query" TO :"ingest_query";`)
	require.NotContains(t, role, `GRANT :"ingest"`, "it has no tables")

	require.ErrorContains(t, (&AccountsBroker{crews{Together: []string{"ingest+nobody"}}}).Run(&terminal.Terminal), `there is no service "nobody"`)
}
