package standalone_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/contracttest"
)

// The four who read, in the order of every column of the matrix.
const (
	anonymous = iota
	stranger
	owner
	administrator
	readers
)

// answers are the statuses for the four, while the event is a draft and once it
// is published.
type answers [2][readers]int

var (
	// forAll is there for everybody, whatever the event's state.
	forAll = answers{{200, 200, 200, 200}, {200, 200, 200, 200}}
	// ofEvent is there with the event, hidden is what others never see of it.
	ofEvent = answers{{404, 404, 200, 200}, {200, 200, 200, 200}}
	hidden  = answers{{404, 404, 200, 200}, {404, 404, 200, 200}}
	// ofImport is its owner's, ofCaller everybody's own, ofAdmins for administrators.
	ofImport = answers{{401, 404, 200, 200}, {401, 404, 200, 200}}
	ofCaller = answers{{401, 200, 200, 200}, {401, 200, 200, 200}}
	ofAdmins = answers{{401, 403, 403, 200}, {401, 403, 403, 200}}
	// ofAccount is for who has signed in to an account, as none of the four has.
	ofAccount = answers{{401, 404, 404, 404}, {401, 404, 404, 404}}
	// gone is for administrators, who find nothing there.
	gone = answers{{401, 403, 403, 404}, {401, 403, 403, 404}}
	// missing is what this import has none of.
	missing = answers{{401, 404, 404, 404}, {401, 404, 404, 404}}
	// ofGuests is there for who has signed in, ofImporter for an import's owner;
	// others are led to where one signs in. spent is a link that nobody can use.
	ofGuests   = answers{{303, 200, 200, 200}, {303, 200, 200, 200}}
	ofImporter = answers{{303, 404, 200, 200}, {303, 404, 200, 200}}
	// ofOffice is a page of administrators, emptied one of what is not there.
	ofOffice = answers{{303, 404, 404, 200}, {303, 404, 404, 200}}
	emptied  = answers{{303, 404, 404, 404}, {303, 404, 404, 404}}
	spent    = answers{{410, 410, 410, 410}, {410, 410, 410, 410}}
)

// counts are how many entries a list has for the four, in both states; -1 is
// for what is no list.
type counts [2][readers]int

var noList = counts{{-1, -1, -1, -1}, {-1, -1, -1, -1}}

// shown counts a list of which others see so many entries, and the rest all.
func shown(others, all int) counts { return counts{{0, 0, all, all}, {others, others, all, all}} }

// own counts a list of the caller's own, and what administrators see of it.
func own(owners, admins int) counts {
	return counts{{0, 0, owners, admins}, {0, 0, owners, admins}}
}

// reading is one line of the matrix.
type reading struct {
	path    string
	answers answers
	counts  counts
}

// readings says for every route that can be read who gets what. The names in
// braces are those of the archive below.
var readings = map[string][]reading{
	"GET /openapi.json":            {{"/openapi.json", forAll, noList}},
	"GET /v1/tasks/{id}":           {{"/v1/tasks/{import}", ofImport, noList}},
	"GET /v1/tasks/{id}/stream":    {{"/v1/tasks/{import}/stream", ofImport, noList}},
	"GET /v1/imports":              {{"/v1/imports", ofCaller, own(1, 1)}, {"/v1/imports?filter[state]=FAILURE", ofCaller, own(0, 0)}},
	"GET /v1/imports/stream":       {{"/v1/imports/stream", ofCaller, noList}},
	"GET /v1/import-jobs":          {{"/v1/import-jobs", ofCaller, own(1, 1)}},
	"GET /v1/imports/{id}":         {{"/v1/imports/{import}", ofImport, noList}},
	"GET /v1/import-jobs/{id}":     {{"/v1/import-jobs/{import}", ofImport, noList}},
	"GET /v1/imports/{id}/issues":  {{"/v1/imports/{import}/issues", ofImport, own(0, 0)}},
	"GET /v1/imports/{id}/remaps":  {{"/v1/imports/{import}/remaps?filter[type]=sessions", ofImport, own(3, 3)}},
	"GET /v1/imports/{id}/history": {{"/v1/imports/{import}/history", ofImport, noList}},
	"GET /v1/imports/{id}/preview": {{"/v1/imports/{import}/preview", missing, noList}},
	"GET /v1/exports/{id}":         {{"/v1/exports/{import}", missing, noList}}, // it is none
	"GET /v1/stages":               {{"/v1/stages", ofAdmins, noList}},
	"GET /v1/users":                {{"/v1/users", ofAdmins, own(0, 1)}, {"/v1/users?filter[search]=nobody", ofAdmins, own(0, 0)}},
	"GET /v1/users/me":             {{"/v1/users/me", ofAccount, noList}},
	"GET /v1/users/{id}":           {{"/v1/users/{account}", ofAdmins, noList}},
	"GET /v1/notifications":        {{"/v1/notifications", ofCaller, own(1, 0)}},
	"GET /v1/mails":                {{"/v1/mails", ofAdmins, own(0, 1)}},
	"GET /v1/dead":                 {{"/v1/dead", ofAdmins, own(0, 0)}},
	"GET /v1/dead/{sequence}":      {{"/v1/dead/1", gone, noList}},
	"GET /v1/events":               {{"/v1/events", forAll, shown(1, 1)}},
	"GET /v1/events/{event}":       {{"{event}", ofEvent, noList}, {"{identifier}", ofEvent, noList}},
	"GET /v1/events/{event}/media": {{"{event}/media", ofEvent, shown(4, 6)}},
	"GET /v1/events/{event}/media/{id}": {
		{"{event}/media/{/images/logo.png}", ofEvent, noList},
		{"{event}/media/{/slides/sailing.pdf}", ofEvent, noList},
		{"{event}/media/{/slides/motors.pdf}", hidden, noList},
		{"{event}/media/{/images/ada.png}", ofEvent, noList},
		{"{event}/media/{/images/ben.png}", hidden, noList},
	},
	"GET /v1/events/{event}/media/{media}/{variant}": {
		{"{event}/media/{/images/logo.png}/original", ofEvent, noList},
		{"{event}/media/{/slides/sailing.pdf}/original", ofEvent, noList},
		{"{event}/media/{/slides/motors.pdf}/original", hidden, noList},
		{"{event}/media/{/images/ada.png}/original", ofEvent, noList},
		{"{event}/media/{/images/ben.png}/original", hidden, noList},
	},
	"GET /e/{identifier}": {
		{"{page}", ofEvent, noList},
		{"{page}?view=list", ofEvent, noList},
		{"{page}?view=tracks", ofEvent, noList},
	},
	"GET /e/{identifier}/schedule.ics": {{"{page}/schedule.ics", ofEvent, noList}},
	"GET /e/{identifier}/sessions/{id}": {
		{"{page}/sessions/{Sailing}", ofEvent, noList},
		{"{page}/sessions/{Motors}", hidden, noList},
	},
	"GET /e/{identifier}/speakers": {{"{page}/speakers", ofEvent, noList}},
	"GET /e/{identifier}/speakers/{id}": {
		{"{page}/speakers/{Ada}", ofEvent, noList},
		{"{page}/speakers/{Ben}", hidden, noList},
	},
	"GET /{$}":            {{"/", ofGuests, noList}},
	"GET /imports":        {{"/imports", ofGuests, noList}, {"/imports?filter[search]=&filter[state]=SUCCESS", ofGuests, noList}},
	"GET /imports/{id}":   {{"/imports/{import}", ofImporter, noList}},
	"GET /users":          {{"/users", ofOffice, noList}},
	"GET /mails":          {{"/mails", ofOffice, noList}},
	"GET /mails/{id}":     {{"/mails/1", ofOffice, noList}, {"/mails/999999", emptied, noList}, {"/mails/x", emptied, noList}},
	"GET /notifications":  {{"/notifications", ofGuests, noList}},
	"GET /operations":     {{"/operations", ofOffice, noList}},
	"GET /signin":         {{"/signin", forAll, noList}},
	"GET /invitation":     {{"/invitation", forAll, noList}},
	"GET /signin/{code}":  {{"/signin/nonsense", spent, noList}},
	"GET /static/{file}":  {{"/static/usher.css", forAll, noList}},
	"GET /help/archive":   {{"/help/archive", forAll, noList}},
	"GET /help/client.js": {{"/help/client.js", forAll, noList}},

	"GET /imports/{id}/users":         {{"/imports/{import}/users", ofOffice, noList}},
	"GET /operations/dead/{sequence}": {{"/operations/dead/1", emptied, noList}},

	"GET /v1/imports/{id}/failed-rows": {{"/v1/imports/{import}/failed-rows", gone, noList}},

	"GET /v1/users/import/template.csv":  {{"/v1/users/import/template.csv", forAll, noList}},
	"GET /v1/users/import/template.xlsx": {{"/v1/users/import/template.xlsx", forAll, noList}},

	"GET /help/archive/example.zip": {{"/help/archive/example.zip", forAll, noList}},

	"GET /v1/events/{event}/sessions": {
		{"{event}/sessions", ofEvent, shown(2, 3)},
		{"{event}/sessions?filter[state]=rejected", ofEvent, shown(0, 1)},
		{"{event}/sessions?filter[speaker]={Ben}", ofEvent, shown(0, 1)},
	},
	"GET /v1/events/{event}/sessions/{id}": {
		{"{event}/sessions/{Sailing}", ofEvent, noList},
		{"{event}/sessions/{Rowing}?include=track,microlocation,session-type,speakers", ofEvent, noList},
		{"{event}/sessions/{Motors}", hidden, noList},
	},
	"GET /v1/events/{event}/sessions/{id}/speakers": {
		{"{event}/sessions/{Sailing}/speakers", ofEvent, shown(2, 2)},
		{"{event}/sessions/{Motors}/speakers", hidden, shown(0, 2)},
	},
	"GET /v1/events/{event}/sessions/{id}/track": {
		{"{event}/sessions/{Sailing}/track", ofEvent, noList},
		{"{event}/sessions/{Motors}/track", hidden, noList},
	},
	"GET /v1/events/{event}/sessions/{id}/microlocation": {
		{"{event}/sessions/{Sailing}/microlocation", ofEvent, noList},
		{"{event}/sessions/{Motors}/microlocation", hidden, noList},
	},
	"GET /v1/events/{event}/sessions/{id}/session-type": {
		{"{event}/sessions/{Sailing}/session-type", ofEvent, noList},
		{"{event}/sessions/{Motors}/session-type", hidden, noList},
	},
	"GET /v1/events/{event}/speakers": {
		{"{event}/speakers", ofEvent, shown(3, 4)},
		{"{event}/speakers?filter[name]=BEN", ofEvent, shown(0, 1)},
		{"{event}/speakers?include=sessions", ofEvent, shown(3, 4)},
	},
	"GET /v1/events/{event}/speakers/{id}": {
		{"{event}/speakers/{Ada}", ofEvent, noList},
		{"{event}/speakers/{Ben}", hidden, noList},
		{"{event}/speakers/{Dora}", ofEvent, noList},
	},
	"GET /v1/events/{event}/speakers/{id}/sessions": {
		{"{event}/speakers/{Cleo}/sessions", ofEvent, shown(1, 2)},
		{"{event}/speakers/{Ben}/sessions", hidden, shown(0, 1)},
	},
	"GET /v1/events/{event}/tracks":                       {{"{event}/tracks", ofEvent, shown(1, 1)}},
	"GET /v1/events/{event}/tracks/{id}":                  {{"{event}/tracks/{Water}", ofEvent, noList}},
	"GET /v1/events/{event}/tracks/{id}/sessions":         {{"{event}/tracks/{Water}/sessions", ofEvent, shown(2, 3)}},
	"GET /v1/events/{event}/microlocations":               {{"{event}/microlocations", ofEvent, shown(1, 1)}},
	"GET /v1/events/{event}/microlocations/{id}":          {{"{event}/microlocations/{Pier}", ofEvent, noList}},
	"GET /v1/events/{event}/microlocations/{id}/sessions": {{"{event}/microlocations/{Pier}/sessions", ofEvent, shown(2, 3)}},
	"GET /v1/events/{event}/session-types":                {{"{event}/session-types", ofEvent, shown(1, 1)}},
	"GET /v1/events/{event}/session-types/{id}":           {{"{event}/session-types/{Talk}", ofEvent, noList}},
	"GET /v1/events/{event}/session-types/{id}/sessions":  {{"{event}/session-types/{Talk}/sessions", ofEvent, shown(2, 3)}},
	"GET /v1/events/{event}/sponsors":                     {{"{event}/sponsors", ofEvent, shown(1, 1)}},
	"GET /v1/events/{event}/sponsors/{id}":                {{"{event}/sponsors/{Boats}", ofEvent, noList}},
	"GET /v1/events/{event}/social-links":                 {{"{event}/social-links", ofEvent, shown(1, 1)}},
	"GET /v1/events/{event}/social-links/{id}":            {{"{event}/social-links/{Fediverse}", ofEvent, noList}},
	"GET /v1/events/{event}/custom-forms":                 {{"{event}/custom-forms", ofEvent, shown(1, 1)}},
	"GET /v1/events/{event}/custom-forms/{id}":            {{"{event}/custom-forms/{title}", ofEvent, noList}},
}

// secrets are what must never be in an answer to others: a speaker's ways to be
// reached, and the names of what is hidden.
var secrets = []string{"@speakers.example", "+41 79 000", "Motors", "Ben", "motors.pdf", "ben.png"}

func TestEveryRouteShowsEachReaderWhatIsForThem(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := c.run(t, "ingest", "event", "people", "schedule", "media", "notify", "query")
	olga := c.as(t, p, "olga@organizers.example")
	tokens := [readers]string{
		stranger: c.as(t, p, "paul@organizers.example").token, owner: olga.token,
		administrator: output(t, c.env, "token", "--email", "ada@admins.example", "--admin"),
	}
	id := olga.upload(t, lakeside(t))
	result := olga.succeeded(t, id)
	names := namesOf(t, olga, id, result)
	db := openDatabase(t, c.databaseURL)
	browser := contracttest.Client(t, client)
	added := output(t, c.env, "user", "add", "--nick", "cleo", "--email", "cleo@accounts.example", "--generate",
		"--server", p.url, "--token", tokens[administrator])
	account, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(added, "User")), "\n")
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	var matrix strings.Builder
	table := tabwriter.NewWriter(&matrix, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(table, "\tdraft\t\t\t\tpublished\n\tnobody\tother\towner\tadmin\tnobody\tother\towner\tadmin\n")
	lines := make(map[string]string)
	var whole strings.Builder // all that the owner has read
	var order []string
	for state, word := range []string{"draft", "published"} {
		_, err := db.ExecContext(t.Context(), `UPDATE event.events SET state = ? WHERE id = ?`, word, result.ID)
		require.NoError(t, err)
		for _, route := range contracts.Routes() {
			if route.Method != http.MethodGet {
				continue
			}
			require.NotEmpty(t, readings[route.Pattern()], "%s is not in the matrix: say who may read it", route.Pattern())
			for _, reading := range readings[route.Pattern()] {
				if state == 0 {
					order = append(order, reading.path)
				}
				for reader := range readers {
					where := fmt.Sprintf("%s as %d, %s", reading.path, reader, word)
					status, body := fetched(t, browser, p.url+strings.Replace(names.Replace(reading.path), "{account}", account, 1), tokens[reader])
					cell := strconv.Itoa(status)
					require.Equal(t, reading.answers[state][reader], status, "%s: %s", where, body)
					if want := reading.counts[state][reader]; want >= 0 && status == http.StatusOK {
						total := totalOf(t, body)
						require.Equal(t, want, total, "%s: %s", where, body)
						cell += fmt.Sprintf(" (%d)", total)
					}
					if reader == owner {
						whole.WriteString(body)
					}
					if reader == anonymous || reader == stranger {
						for _, secret := range secrets {
							require.NotContains(t, body, secret, where)
						}
					}
					lines[reading.path] += "\t" + cell
				}
			}
		}
	}
	for _, path := range order {
		_, _ = fmt.Fprintln(table, strings.Replace(path, "{event}", "…", 1)+lines[path])
	}
	require.NoError(t, table.Flush())
	t.Log("\n" + matrix.String())
	for _, secret := range secrets {
		require.Contains(t, whole.String(), secret, "what is hidden from others is there for the owner")
	}
	known := make(map[string]bool)
	for _, route := range contracts.Routes() {
		known[route.Pattern()] = true
	}
	for pattern := range readings {
		require.True(t, known[pattern], "%s is no route", pattern)
	}
}

// fetched asks as the holder of a token, or as nobody.
func fetched(t *testing.T, browser *http.Client, url, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := browser.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	return res.StatusCode, bodyOf(t, res)
}

// bodyOf reads an answer; of the stream that has no end its first event.
func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/v1/imports/stream" {
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return string(body)
	}
	var first strings.Builder
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
		first.WriteString(lines.Text() + "\n")
	}
	require.NoError(t, lines.Err())
	return first.String() + lines.Text()
}

// totalOf is how many entries a list says it has; it must show as many.
func totalOf(t *testing.T, body string) int {
	t.Helper()
	var list struct {
		Data []any
		Meta struct{ Total int }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &list))
	require.Len(t, list.Data, list.Meta.Total)
	return list.Meta.Total
}

// namesOf replaces the names in braces by what they are called in addresses.
func namesOf(t *testing.T, olga api, id string, result contracts.Result) *strings.Replacer {
	t.Helper()
	event := "/v1/events/" + result.ID
	pairs := []string{"{import}", id, "{event}", event, "{identifier}", "/v1/events/" + result.Identifier, "{page}", "/e/" + result.Identifier}
	for list, attribute := range map[string]string{
		"/sessions": "title", "/speakers": "name", "/tracks": "name", "/microlocations": "name", "/session-types": "name",
		"/sponsors": "name", "/social-links": "name", "/custom-forms": "field-identifier", "/media": "path",
	} {
		for _, r := range olga.all(t, event+list) {
			pairs = append(pairs, fmt.Sprintf("{%v}", r.Attributes[attribute]), r.ID)
		}
	}
	return strings.NewReplacer(pairs...)
}

// lakeside is an event with something of everything, and with what others must
// not see: the session Motors, and Ben who speaks only there.
func lakeside(t *testing.T) []byte {
	t.Helper()
	session := func(id int, title, state, slides, speakers string) string {
		return fmt.Sprintf(`{"id": %d, "title": %q, "state": %q, "slides": "/slides/%s.pdf", "speakers": [%s],
			"start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T11:00:00",
			"track": {"id": 1}, "microlocation": {"id": 1}, "session_type": {"id": 1}}`, id, title, state, slides, speakers)
	}
	speaker := func(id int, name, photo string) string {
		return fmt.Sprintf(`{"id": %d, "name": %q, "email": "%s@speakers.example", "mobile": "+41 79 000 00 0%[1]d", "photo": %[4]q}`,
			id, name, strings.ToLower(name), photo)
	}
	return zipped(t, map[string]string{
		"event": `{"id": 1, "name": "Lakeside Open Days", "timezone": "Europe/Zurich", "logo": "/images/logo.png",
			"start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00",
			"social_links": [{"id": 1, "name": "Fediverse", "link": "https://social.example/@lakeside"}]}`,
		"sessions": "[" + strings.Join([]string{
			session(1, "Sailing", "accepted", "sailing", `{"id": 1}, {"id": 3}`),
			session(2, "Rowing", "confirmed", "rowing", ``),
			session(3, "Motors", "rejected", "motors", `{"id": 2}, {"id": 3}`),
		}, ",") + "]",
		"speakers": "[" + strings.Join([]string{
			speaker(1, "Ada", "/images/ada.png"), speaker(2, "Ben", "/images/ben.png"), speaker(3, "Cleo", ""), speaker(4, "Dora", ""),
		}, ",") + "]",
		"tracks":             `[{"id": 1, "name": "Water", "color": "#0000ff"}]`,
		"microlocations":     `[{"id": 1, "name": "Pier"}]`,
		"session_types":      `[{"id": 1, "name": "Talk", "length": "01:00"}]`,
		"sponsors":           `[{"id": 1, "name": "Boats", "level": 1}]`,
		"forms":              `[{"id": 1, "session_form": "{\"title\": {\"include\": 1, \"require\": 1}}", "speaker_form": "{}"}]`,
		"images/logo.png":    "GIF89a logo",
		"images/ada.png":     "GIF89a ada",
		"images/ben.png":     "GIF89a ben",
		"slides/sailing.pdf": "sailing",
		"slides/rowing.pdf":  "rowing",
		"slides/motors.pdf":  "motors",
	})
}
