package query_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnswersThatHaveNotChangedAreNotSentAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	for _, path := range []string{
		"/v1/events", p.at, p.at + "/sessions?page[size]=2", p.at + "/sessions/" + itoa(p.accepted), p.at + "/sessions/" + itoa(p.accepted) + "/track",
		"/v1/tasks/" + p.id, "/v1/imports", "/v1/imports/" + p.id, "/v1/imports/" + p.id + "/issues", "/v1/imports/" + p.id + "/remaps",
	} {
		tag := b.ok(t, olga, path).header.Get("ETag")
		require.NotEmpty(t, tag)
		for _, sent := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			again := b.getIfNot(t, olga, path, sent)
			require.Equal(t, http.StatusNotModified, again.status, path)
			require.Equal(t, tag, again.header.Get("ETag"))
			require.Equal(t, "private, no-cache", again.header.Get("Cache-Control"))
			require.Equal(t, "Authorization, Cookie", again.header.Get("Vary"))
		}
		require.Equal(t, http.StatusOK, b.getIfNot(t, olga, path, `"other"`).status)
	}
	require.Equal(t, http.StatusNotFound, b.getIfNot(t, nobody, p.at, "*").status, "what is not there matches nothing")
}

func TestETagOfAnEventBeginsWithItsRevision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	tag := b.ok(t, olga, "/v1/events/c4f1a9e2").header.Get("ETag")
	require.True(t, strings.HasPrefix(tag, `"1-`), tag)
	require.Equal(t, tag, b.ok(t, admin, "/v1/events/"+itoa(c.event)).header.Get("ETag"))
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET revision = 12, name = 'Lakeside' WHERE id = ?`, c.event)
	require.NoError(t, err)
	changed := b.getIfNot(t, olga, "/v1/events/c4f1a9e2", tag)
	require.Equal(t, http.StatusOK, changed.status)
	require.True(t, strings.HasPrefix(changed.header.Get("ETag"), `"12-`))
}
