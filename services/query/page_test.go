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
	refused := c.speaks("rejected", ben)
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
			"<h1 dir=\"auto\">Lakeside Open Days</h1>", "2 – 4 May 2031", `<time datetime="2031-05-02T07:00Z">Fri 09:00</time> – <time datetime="2031-05-04T16:30Z">Sun 18:30</time>, <span class="zone">Europe/Zurich (UTC&#43;2:00)</span>`, "Boathouse", "Three days of water",
			"Friday 2 May", `<time datetime="2031-05-02T08:00Z">10:00</time> – <time datetime="2031-05-02T09:00Z">11:00</time>`,
			"Sailing &lt;at&gt; noon", fmt.Sprintf("/e/c4f1a9e2/sessions/%d", shown), "Ada Strand", "Pier &amp; Co",
			fmt.Sprintf("/v1/events/c4f1a9e2/media/%d/thumbnail", photo), "Gold", "https://boats.example/logo.png",
			"https://social.example/@lakeside", "CC BY 4.0", "2031",
		} {
			require.Contains(t, a.text, text)
		}
		session := b.ask(t, who, http.MethodGet, fmt.Sprintf("/e/c4f1a9e2/sessions/%d", shown))
		require.Contains(t, session.text, "<p>Bring <b>a coat</b></p>")
		require.Contains(t, session.text, "Friday 2 May 2031")
		require.Contains(t, session.text, fmt.Sprintf("/e/c4f1a9e2/speakers/%d", ada))
		speaker := b.ask(t, who, http.MethodGet, fmt.Sprintf("/e/c4f1a9e2/speakers/%d", ada))
		require.Contains(t, speaker.text, "Sailing &lt;at&gt; noon")
		all := b.ask(t, who, http.MethodGet, "/e/c4f1a9e2/speakers")
		require.Contains(t, all.text, "Ada Strand")
		for _, page := range []answer{a, session, speaker, all} {
			require.Equal(t, http.StatusOK, page.status)
			require.Equal(t, 1, strings.Count(page.text, "<script"), "the page's own")
			for _, text := range []string{"alert(1)", "javascript:", "Secret plans", "Ben Hidden", "ada@speakers.example", "555", "draft\""} {
				require.NotContains(t, page.text, text)
			}
		}
	}
	for _, address := range []string{
		fmt.Sprintf("/sessions/%d", refused), fmt.Sprintf("/speakers/%d", ben), "/sessions/0", "/sessions/nosuch", "/speakers/01", "/speakers/99999999999999999999",
	} {
		a := b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2"+address)
		require.Equal(t, http.StatusNotFound, a.status, address)
		require.Equal(t, missing.text, a.text)
		require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	}
	require.Equal(t, http.StatusOK, b.ask(t, olga, http.MethodGet, fmt.Sprintf("/e/c4f1a9e2/sessions/%d", refused)).status)
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

// A browser shows the styles if their hashes are those that the policy names.
func TestPageAllowsItsOwnStylesAndTheScriptsOfItsOrigin(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	water := c.insert("schedule.tracks", map[string]any{"name": "Water", "color": "rgb(0,0,255)"})
	talk := c.insert("schedule.sessions", map[string]any{
		"title": "Sailing", "state": "accepted", "starts_at": "2031-05-02T08:00:00Z", "ends_at": "2031-05-02T09:00:00Z", "track_id": water,
	})
	c.made("c4f1a9e2").publish()
	for address, styles := range map[string]int{
		"/e/c4f1a9e2": 2, "/e/c4f1a9e2?view=tracks": 2, fmt.Sprintf("/e/c4f1a9e2/sessions/%d", talk): 2, "/e/c4f1a9e2/speakers": 1, "/e/nosuch": 1,
	} {
		a := b.ask(t, nobody, http.MethodGet, address)
		policy := a.header.Get("Content-Security-Policy")
		parts := strings.Split(a.text, "<style>")[1:]
		require.Len(t, parts, styles, address)
		for _, part := range parts {
			style, _, _ := strings.Cut(part, "</style>")
			sum := sha256.Sum256([]byte(style))
			require.Contains(t, policy, " 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
		require.True(t, strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; img-src 'self' https:; style-src 'sha256-"), policy)
		require.NotContains(t, policy, "unsafe")
		require.NotContains(t, a.text, " style=")
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
	}
	require.Contains(t, b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2").text, "--ground:#0000ff;--ink-on:#fff")
}

func TestPageTellsWhoLinksToItWhatItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	ada := c.insert("people.speakers", map[string]any{"name": "Ada Strand", "long_biography": "<p>Sails &amp; rows.</p>", "photo_url": "https://pictures.example/ada.jpg"})
	talk := c.speaks("accepted", ada)
	c.made("c4f1a9e2").publish()
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET description = ? WHERE id = ?`, "<p>Three days of <b>water</b>\n"+strings.Repeat(" and wind", 100)+"</p>", c.event)
	require.NoError(t, err)
	_, err = b.res.DB.ExecContext(t.Context(), `UPDATE schedule.sessions SET title = 'Say "hello"' WHERE id = ?`, talk)
	require.NoError(t, err)
	logo := c.stored(file{owner: "events", ownerID: c.event, kind: "image", path: "/logo.png", contentType: "image/png", content: pngOf(t, drawn(60, 60))})
	_, err = b.res.DB.ExecContext(t.Context(), `UPDATE media.files SET field = 'logo' WHERE id = ?`, logo)
	require.NoError(t, err)

	event := b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2?view=list").text
	for _, text := range []string{
		`<meta property="og:title" content="Lakeside Open Days">`, `<meta property="og:type" content="website">`,
		`<meta name="description" content="Three days of water and wind and wind`, `…">`,
		`<meta property="og:url" content="https://usher.example/e/c4f1a9e2">`, `<link rel="canonical" href="https://usher.example/e/c4f1a9e2">`,
		fmt.Sprintf(`<meta property="og:image" content="https://usher.example/v1/events/c4f1a9e2/media/%d/large">`, logo), `<meta name="theme-color"`,
		`<link rel="alternate" type="text/calendar" href="/e/c4f1a9e2/schedule.ics"`,
	} {
		require.Contains(t, event, text)
	}
	session := b.ask(t, nobody, http.MethodGet, fmt.Sprintf("/e/c4f1a9e2/sessions/%d", talk)).text
	require.Contains(t, session, `<meta property="og:title" content="Say &#34;hello&#34; – Lakeside Open Days">`)
	require.Contains(t, session, fmt.Sprintf(`<link rel="canonical" href="https://usher.example/e/c4f1a9e2/sessions/%d">`, talk))
	speaker := b.ask(t, nobody, http.MethodGet, fmt.Sprintf("/e/c4f1a9e2/speakers/%d", ada)).text
	require.Contains(t, speaker, `<meta name="description" content="Sails &amp; rows.">`)
	require.Contains(t, speaker, `<meta property="og:image" content="https://pictures.example/ada.jpg">`)
}
