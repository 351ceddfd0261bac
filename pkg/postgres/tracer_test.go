package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatementIsKnownByItsFirstWordAlone(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"SELECT 1":                        "SELECT",
		"\n\t(select 'secret')":           "SELECT",
		"INSERT INTO x VALUES ('secret')": "INSERT",
		"begin":                           "BEGIN",
		"'secret'":                        "OTHER",
		"":                                "OTHER",
	} {
		require.Equal(t, want, firstWord(sql), sql)
	}
}
