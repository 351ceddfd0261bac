package standalone_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/contracttest"
)

// open are the routes that look at no token: those by which one signs in or out,
// and what is the same for everybody.
var open = map[string]bool{
	"GET /v1/users/import/template.csv": true, "GET /v1/users/import/template.xlsx": true,
	"GET /invitation": true, "POST /v1/invitations/accept": true,
	"GET /signin": true, "GET /signin/{code}": true, "POST /signout": true, "POST /v1/auth/session": true,
	"GET /static/{file}": true, "GET /help/archive": true, "GET /help/archive/example.zip": true, "GET /help/client.js": true, "GET /openapi.json": true,
}

// writing is a request that would change something, made in a way in which it
// changes nothing even for those who may, and how it is answered.
type writing struct {
	path, body string
	header     http.Header
	answers    [readers]int
}

// writings says of every route that changes something who may use it. What is
// somebody else's is 404, what is for administrators 403.
var writings = map[string]writing{
	"POST /v1/events/import/{source_type}":     {path: "/v1/events/import/json", answers: [readers]int{401, 415, 415, 415}},
	"POST /v1/users/import/{source_type}":      {path: "/v1/users/import/csv", answers: [readers]int{401, 403, 403, 415}},
	"POST /v1/imports/{id}/replay":             {path: "/v1/imports/{import}/replay", answers: [readers]int{401, 404, 409, 409}},
	"POST /v1/imports/{id}/rows/{source_type}": {path: "/v1/imports/{import}/rows/csv", answers: [readers]int{401, 403, 403, 409}},
	"POST /v1/imports/{id}/cancel":             {path: "/v1/imports/{import}/cancel", answers: [readers]int{401, 404, 409, 409}},
	"DELETE /v1/imports/{id}":                  {path: "/v1/imports/{import}?force=perhaps", answers: [readers]int{401, 404, 400, 400}},
	"DELETE /v1/dead/{sequence}":               {path: "/v1/dead/999999", answers: [readers]int{401, 403, 403, 404}},
	"POST /v1/sweep":                           {path: "/v1/sweep?dry_run=perhaps", answers: [readers]int{401, 403, 403, 400}},
	"POST /v1/stages/{stage}/pause":            {path: "/v1/stages/elsewhere/pause", answers: [readers]int{401, 403, 403, 404}},
	"POST /v1/stages/{stage}/resume":           {path: "/v1/stages/elsewhere/resume", answers: [readers]int{401, 403, 403, 404}},
	"POST /v1/imports/{id}/start":              {path: "/v1/imports/{import}/start", answers: [readers]int{401, 404, 409, 409}},
	"POST /v1/tasks/{id}/ticket":               {path: "/v1/tasks/{import}/ticket", answers: [readers]int{401, 404, 201, 201}},
	"POST /v1/imports/ticket":                  {path: "/v1/imports/ticket", answers: [readers]int{401, 201, 201, 201}},
	"POST /v1/notifications/read":              {path: "/v1/notifications/read", answers: [readers]int{401, 415, 415, 415}},
	"POST /v1/users":                           {path: "/v1/users", answers: [readers]int{401, 403, 403, 415}},
	"POST /v1/invitations":                     {path: "/v1/invitations", answers: [readers]int{401, 403, 403, 415}},
	"POST /v1/invitations/accept":              {path: "/v1/invitations/accept", answers: [readers]int{415, 415, 415, 415}},
	"POST /v1/auth/session":                    {path: "/v1/auth/session", answers: [readers]int{415, 415, 415, 415}},
	"POST /signout":                            {path: "/signout", answers: [readers]int{303, 303, 303, 303}},
	"POST /v1/events/{event}/export/json":      {path: "{event}/export/json?dialect=perhaps", answers: [readers]int{401, 404, 400, 400}},
	"PATCH /v1/events/{event}": {
		path: "{event}", body: `{"data":{"type":"event","attributes":{"name":"Mine"}}}`,
		header:  http.Header{"If-Match": {`"999-0"`}, "Content-Type": {"application/vnd.api+json"}},
		answers: [readers]int{401, 404, 412, 412},
	},
	"DELETE /v1/events/{event}": {
		path: "{event}", header: http.Header{"If-Match": {`"999-0"`}}, answers: [readers]int{401, 404, 412, 412},
	},
}

const accessSecret = "the secret of the test of every route"

// claimsOf are those of a good token.
func claimsOf(subject string, admin bool) map[string]any {
	return map[string]any{
		"iss": "usher", "aud": "usher", "sub": subject, "email": subject, "admin": admin, "exp": time.Now().Add(time.Hour).Unix(),
	}
}

// handmade makes a token by hand, since libraries make no bad ones.
func handmade(head, claims map[string]any, hash func() hash.Hash, key string) string {
	part := func(v map[string]any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err) // texts and numbers
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := part(head) + "." + part(claims)
	if hash == nil {
		return signed + "."
	}
	mac := hmac.New(hash, []byte(key))
	_, _ = mac.Write([]byte(signed)) // a hash takes everything
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func goodToken(subject string, admin bool) string {
	return handmade(map[string]any{"alg": "HS256", "typ": "JWT"}, claimsOf(subject, admin), sha256.New, accessSecret)
}

// badTokens are headers that must not count, though all of them claim to be an
// administrator's.
func badTokens() map[string][]string {
	with := func(change map[string]any) string {
		claims := claimsOf("ada@admins.example", true)
		maps.Copy(claims, change)
		for name, value := range claims {
			if value == nil {
				delete(claims, name)
			}
		}
		return "Bearer " + handmade(map[string]any{"alg": "HS256"}, claims, sha256.New, accessSecret)
	}
	by := func(alg string, hash func() hash.Hash, key string) string {
		return "Bearer " + handmade(map[string]any{"alg": alg}, claimsOf("ada@admins.example", true), hash, key)
	}
	good := goodToken("ada@admins.example", true)
	parts := strings.Split(goodToken("paul@organizers.example", false), ".")
	return map[string][]string{
		"of another scheme":       {"Basic " + base64.StdEncoding.EncodeToString([]byte("ada:"+good))},
		"of no scheme":            {good},
		"empty":                   {"Bearer "},
		"nonsense":                {"Bearer nonsense"},
		"expired":                 {with(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()})},
		"not valid yet":           {with(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()})},
		"valid for ever":          {with(map[string]any{"exp": nil})},
		"of another issuer":       {with(map[string]any{"iss": "somebody"})},
		"of no issuer":            {with(map[string]any{"iss": nil})},
		"for another audience":    {with(map[string]any{"aud": "somebody"})},
		"for no audience":         {with(map[string]any{"aud": nil})},
		"a code to sign in":       {with(map[string]any{"aud": "usher/sign-in", "jti": "1"})},
		"of nobody":               {with(map[string]any{"sub": ""})},
		"of a name with NUL":      {with(map[string]any{"sub": "ada\x00"})},
		"by another secret":       {by("HS256", sha256.New, "another secret of thirty-two bytes")},
		"by no secret":            {by("HS256", sha256.New, "")},
		"alg HS512":               {by("HS512", sha512.New, accessSecret)},
		"alg HS384":               {by("HS384", sha512.New384, accessSecret)},
		"alg RS256, by HMAC":      {by("RS256", sha256.New, accessSecret)},
		"alg none":                {by("none", nil, "")},
		"alg None":                {by("None", nil, "")},
		"alg none, signed":        {by("none", sha256.New, accessSecret)},
		"no alg":                  {by("", sha256.New, accessSecret)},
		"without its signature":   {"Bearer " + good[:strings.LastIndex(good, ".")+1]},
		"claims of another token": {"Bearer " + parts[0] + "." + strings.Split(good, ".")[1] + "." + parts[2]},
		"of nine kilobytes":       {with(map[string]any{"x": strings.Repeat("x", 9<<10)})},
		"two of them":             {"Bearer " + good, "Bearer " + good},
	}
}

func TestEveryRouteAsksWhoIsThereAndKnowsABadToken(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder, "USHER_JWT_SECRET="+accessSecret)
	olga := api{url: p.url, token: goodToken("olga@organizers.example", false)}
	admin := api{url: p.url, token: goodToken("ada@admins.example", true)}
	good := [readers]string{
		stranger: goodToken("paul@organizers.example", false), owner: olga.token, administrator: admin.token,
	}
	id := olga.upload(t, lakeside(t))
	names := namesOf(t, olga, id, olga.succeeded(t, id))
	addAccount(t, admin, "cleo", "the horse of cleo")
	bad := badTokens()
	browser := contracttest.Client(t, &http.Client{
		Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	ask := func(t *testing.T, w writing, method string, header http.Header) (int, string) {
		t.Helper()
		path := strings.Replace(names.Replace(w.path), "{account}", "1", 1)
		req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(w.body))
		require.NoError(t, err)
		maps.Copy(req.Header, w.header)
		maps.Copy(req.Header, header)
		res, err := browser.Do(req)
		require.NoError(t, err)
		defer func() { require.NoError(t, res.Body.Close()) }()
		if res.StatusCode == http.StatusUnauthorized {
			require.Contains(t, res.Header.Get("WWW-Authenticate"), "Bearer")
		}
		return res.StatusCode, bodyOf(t, res)
	}
	known, asked := make(map[string]bool), 0
	for _, route := range contracts.Routes() {
		pattern := route.Pattern()
		known[pattern] = true
		t.Run(pattern, func(t *testing.T) {
			w, ok := writings[pattern]
			if route.Method == http.MethodGet {
				require.NotEmpty(t, readings[pattern], "add a line to the readings of visibility_test.go: who may read it")
				w = writing{path: readings[pattern][0].path, answers: readings[pattern][0].answers[0]}
			} else {
				require.True(t, ok, "add a line to the writings above: who may use it, and a request for it that changes nothing")
			}
			for reader, token := range good {
				header := http.Header{"Authorization": {"Bearer " + token}}
				if token == "" {
					header = nil
				}
				status, body := ask(t, w, route.Method, header)
				require.Equal(t, w.answers[reader], status, "reader %d: %s", reader, body)
				if status == http.StatusUnauthorized {
					require.Contains(t, body, `"code":"token_missing"`)
				}
				asked++
			}
			for what, values := range bad {
				status, body := ask(t, w, route.Method, http.Header{"Authorization": values})
				asked++
				if open[pattern] {
					require.Equal(t, w.answers[anonymous], status, "%s: %s", what, body)
					continue
				}
				require.Equal(t, http.StatusUnauthorized, status, "%s: %s", what, body)
				var problem struct{ Type, Title, Code string }
				require.NoError(t, json.Unmarshal([]byte(body), &problem))
				require.Contains(t, []string{"token_invalid", "token_missing"}, problem.Code)
				require.NotEmpty(t, problem.Title)
				for _, value := range values {
					if sent := strings.TrimPrefix(value, "Bearer "); len(sent) > 20 {
						require.NotContains(t, body, sent, what)
					}
				}
			}
			// The session of a browser is a token like any; one that does not count
			// is nobody's where nobody is asked for.
			for _, what := range []string{"expired", "alg none", "for another audience", "a code to sign in"} {
				cookie := "usher_session=" + strings.TrimPrefix(bad[what][0], "Bearer ")
				status, body := ask(t, w, route.Method, http.Header{"Cookie": {cookie}})
				require.Equal(t, w.answers[anonymous], status, "session %s: %s", what, body)
				asked++
			}
		})
	}
	for _, list := range []map[string]bool{open, patternsOf(writings)} {
		for pattern := range list {
			require.True(t, known[pattern], "%s is no route", pattern)
		}
	}
	t.Logf("%d routes, %d requests, %d bad tokens", len(known), asked, len(bad))
	for what, values := range bad {
		for _, value := range values {
			if len(value) > 20 {
				require.NotContains(t, p.log.String(), value, "the token %s is in the log", what)
			}
		}
	}
	var event struct{ Data resource }
	olga.get(t, names.Replace("{event}"), &event)
	require.Equal(t, "Lakeside Open Days", event.Data.Attributes["name"], "nothing has been changed")
}

func patternsOf(w map[string]writing) map[string]bool {
	patterns := make(map[string]bool)
	for pattern := range w {
		patterns[pattern] = true
	}
	return patterns
}
