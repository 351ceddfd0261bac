package openevent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// sessionWith reads a session with one more key.
func sessionWith(t *testing.T, key, value string) (openevent.Session, []contracts.Issue) {
	t.Helper()
	const session = `[{"id":1,"title":"Knots","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00",%q:%q}]`
	records, issues := readAll(t, open(t, item{"sessions", fmt.Sprintf(session, key, value)}), openevent.Sessions)
	require.Len(t, records, 1)
	return records[0].Value, issues
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"English": "English", "english": "English", "en": "English", "eng": "English", "EN_us": "English (United States)", "zh-Hant-TW": "Chinese (Traditional Han) (Taiwan)", "British english": "British English", "Deutsch": "German", "de-DE": "German (Germany)",
		"français": "French", "日本語": "Japanese", "Tiếng Việt": "Vietnamese", "ht": "Haitian Creole", "Latin": "Latin", "Bengali": "Bengali", "bangla": "Bangla",
		"Spanish; Castilian": "Spanish", "Bahasa Indonesia": "Indonesian", "german (Germany)": "German (Germany)", "Persian (Farsi)": "Persian", "norwegian": "Norwegian",
	} {
		session, issues := sessionWith(t, "language", in)
		require.Equal(t, want, session.Language, in)
		require.Empty(t, issues, in)
	}
	for _, in := range []string{"Germany", "Singapore", "Knots (German)", "German (x", "English, German", "any", "und", "x-knots", "unknown language", strings.Repeat("en-", 50_000)} {
		session, issues := sessionWith(t, "language", in)
		require.Equal(t, in, session.Language)
		require.Equal(t, []string{openevent.CodeUnknownValue}, codes(issues), in)
		require.Equal(t, contracts.Warning, issues[0].Severity)
	}
}

func TestStatesOfSessions(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"accepted": "accepted", "Accepted": "accepted", "PENDING": "pending", "Cancelled": "canceled", "canceled": "canceled", "withdrawn": "withdrawn",
	} {
		session, issues := sessionWith(t, "state", in)
		require.Equal(t, want, session.State, in)
		require.Empty(t, issues, in)
	}
	session, issues := sessionWith(t, "state", "Published")
	require.Equal(t, "Published", session.State)
	require.Equal(t, []string{openevent.CodeUnknownValue}, codes(issues))
	require.Equal(t, "Published", issues[0].Value)
	require.Contains(t, issues[0].Hint, "withdrawn")
}
