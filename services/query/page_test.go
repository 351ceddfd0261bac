package query_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

func TestPageShowsAPublishedEventToEverybody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	ada := c.insert("people.speakers", map[string]any{"name": "Ada Strand", "email": "ada@speakers.example", "mobile": "555", "photo_url": "/ada.png", "organisation": "Pier & Co", "website": "javascript:alert(1)"})
	ben := c.insert("people.speakers", map[string]any{"name": "Ben Hidden"})
	photo := c.stored(file{owner: "speakers", ownerID: ada, kind: "image", path: "/ada.png", contentType: "image/png", content: pngOf(t, drawn(600, 600))})
	shown := c.speaks("accepted", ada)
	c.speaks("rejected", ben)
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE schedule.sessions SET title = CASE WHEN id = ? THEN 'Sailing <at> noon' ELSE 'Secret plans' END,
		long_abstract = '<p>Bring <b>a coat<script>alert(1)</script>' WHERE import_id = ?`, shown, c.id)
	require.NoError(t, err)
	c.insert("people.sponsors", map[string]any{"name": "Boats", "type": "Gold", "level": "1", "url": "https://boats.example/", "logo_url": "https://boats.example/logo.png"})
	c.insert("event.social_links", map[string]any{"name": "Fediverse", "link": "https://social.example/@lakeside"})
	c.made("c4f1a9e2")
	_, err = b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET location_name = 'Boathouse', description = 'Three days of water', copyright_holder = 'Lakeside', copyright_licence = 'CC BY 4.0', copyright_year = 2031 WHERE id = ?`, c.event)
	require.NoError(t, err)

	missing := b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2")
	require.Equal(t, http.StatusNotFound, missing.status)
	require.Equal(t, "text/html; charset=utf-8", missing.header.Get("Content-Type"))
	require.Contains(t, missing.text, "There is no event here")
	require.NotContains(t, missing.text, "Lakeside")
	require.Equal(t, missing.text, b.ask(t, paul, http.MethodGet, "/e/c4f1a9e2").text)
	require.Equal(t, missing.text, b.ask(t, nobody, http.MethodGet, "/e/nosuch").text)

	c.publish()
	for _, who := range []auth.Identity{nobody, paul} {
		a := b.ask(t, who, http.MethodGet, "/e/c4f1a9e2")
		require.Equal(t, http.StatusOK, a.status, a.text)
		for _, text := range []string{
			"<h1 dir=\"auto\">Lakeside Open Days</h1>", "2 – 4 May 2031", "Fri 09:00 – Sun 18:30, Europe/Zurich (UTC&#43;2:00)", "Boathouse", "Three days of water",
			"Friday 2 May", "10:00 – 11:00", "Sailing &lt;at&gt; noon", "<p>Bring <b>a coat</b></p>", "Ada Strand", "Pier &amp; Co",
			fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/thumbnail", photo), "Gold", "https://boats.example/logo.png",
			"https://social.example/@lakeside", "CC BY 4.0", "2031",
		} {
			require.Contains(t, a.text, text)
		}
		for _, text := range []string{"<script", "javascript:", "Secret plans", "Ben Hidden", "ada@speakers.example", "555", "draft\""} {
			require.NotContains(t, a.text, text)
		}
	}
	require.Equal(t, "public, max-age=60", b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2").header.Get("Cache-Control"))
	require.Equal(t, http.StatusOK, b.ask(t, nobody, http.MethodHead, "/e/c4f1a9e2").status)
	require.Equal(t, http.StatusOK, b.ask(t, nobody, http.MethodGet, fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/thumbnail", photo)).status)
}

func TestPageShowsADraftToItsOwner(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.speaks("pending", c.insert("people.speakers", map[string]any{"name": "Ada"}))
	c.made("c4f1a9e2")
	for _, who := range []auth.Identity{olga, admin} {
		a := b.ask(t, who, http.MethodGet, "/e/c4f1a9e2")
		require.Equal(t, http.StatusOK, a.status)
		require.Equal(t, "private, no-store", a.header.Get("Cache-Control"))
		require.Contains(t, a.text, "This is a draft")
		require.Contains(t, a.text, "Sailing")
		require.Contains(t, a.text, "pending")
	}
	bad := b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2", "Authorization", "Bearer nonsense")
	b.requireProblem(t, bad, http.StatusUnauthorized, "token_invalid")
}

// A browser shows the style if its hash is the one that the policy names.
func TestPageAllowsItsOwnStyleAndNoScript(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.conference(t, olga).made("c4f1a9e2").publish()
	for _, address := range []string{"/e/c4f1a9e2", "/e/nosuch"} {
		a := b.ask(t, nobody, http.MethodGet, address)
		_, rest, found := strings.Cut(a.text, "<style>")
		require.True(t, found)
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		policy := a.header.Get("Content-Security-Policy")
		require.Contains(t, policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';")
		require.True(t, strings.HasPrefix(policy, "default-src 'none';"), policy)
		require.NotContains(t, policy, "script-src")
		require.NotContains(t, a.text, " style=")
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
	}
}
