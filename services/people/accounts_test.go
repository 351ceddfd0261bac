package people

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
)

const password = "Lantern & Öl 1848"

// desk is the people service as it is asked over HTTP.
type desk struct {
	db       *bun.DB
	url      string
	signer   *auth.Signer
	inviter  *auth.Inviter
	verifier *auth.Verifier
	client   *http.Client
	admin    string
	said     *said
}

// said is all that was answered and logged.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{db: postgrestest.New(t), said: new(said)}
	require.NoError(t, postgres.Migrate(t.Context(), d.db, service.Migrations(Service())...))
	config := auth.Config{Secret: "a secret for tests that is long enough", Issuer: "usher", Audience: "usher"}
	var err error
	d.verifier, err = auth.NewVerifier(config)
	require.NoError(t, err)
	d.signer, err = auth.NewSigner(config)
	require.NoError(t, err)
	d.inviter, err = auth.NewInviter(config)
	require.NoError(t, err)
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	nats, err := broker.Connect(t.Context(), broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(nats.Close)
	mux, err := service.NewMux(&service.Resources{
		DB: d.db, Broker: nats, Auth: d.verifier, Log: slog.New(slog.NewTextHandler(d.said, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Config: service.Config{Auth: config, PublicURL: "https://usher.example"},
	}, func(*http.Request) error { return nil }, Service())
	require.NoError(t, err)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	d.url = web.URL
	d.client = contracttest.Client(t, &http.Client{
		Transport:     web.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	d.admin, err = d.signer.Issue(auth.Identity{Subject: "ada", Admin: true}, time.Hour)
	require.NoError(t, err)
	// Whatever a test does: nobody is shown a password or what is made of it.
	t.Cleanup(func() {
		require.NotContains(t, d.said.String(), "argon2")
		require.NotContains(t, d.said.String(), "Lantern & ")
	})
	return d
}

// reply is an answer that has been read.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func (d *desk) ask(t *testing.T, method, path, token, contentType string, body []byte, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := d.client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	_, _ = d.said.Write(text)
	a := reply{status: res.StatusCode, header: res.Header, text: string(text)}
	if len(text) > 0 {
		require.NoError(t, json.Unmarshal(text, &a.body), a.text)
	}
	if a.body["code"] == "busy" { // a slow machine has not come to it, and nothing was counted
		return d.ask(t, method, path, token, contentType, body, headers...)
	}
	return a
}

func (d *desk) get(t *testing.T, path, token string) reply {
	t.Helper()
	return d.ask(t, http.MethodGet, path, token, "", nil)
}

func (d *desk) post(t *testing.T, path, token string, body any) reply {
	t.Helper()
	b, err := json.Marshal(body)
	require.NoError(t, err)
	return d.ask(t, http.MethodPost, path, token, "application/json", b)
}

func (d *desk) signIn(t *testing.T, login, password string) reply {
	t.Helper()
	return d.post(t, "/v1/auth/session", "", map[string]string{"login": login, "password": password})
}

func (d *desk) add(t *testing.T, nick string, more map[string]any) string {
	t.Helper()
	body := map[string]any{"nick": nick, "email": nick + "@people.example", "password": password}
	maps.Copy(body, more)
	added := d.post(t, "/v1/users", d.admin, body)
	require.Equal(t, http.StatusCreated, added.status, added.text)
	return added.body["data"].(map[string]any)["id"].(string)
}

func (d *desk) token(t *testing.T, login string) string {
	t.Helper()
	a := d.signIn(t, login, password)
	require.Equal(t, http.StatusOK, a.status, a.text)
	return a.body["token"].(string)
}

func TestSignInByNickAndByAddressOverCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, "Olga.Weiß", map[string]any{"email": "Olga@Organizers.example"})
	var subject string
	require.NoError(t, d.db.NewSelect().Table("people.users").Column("subject").Scan(t.Context(), &subject))

	for _, login := range []string{"Olga.Weiß", "OLGA.WEISS", " olga.weiß ", "Olga@Organizers.example", "olga@organizers.EXAMPLE"} {
		a := d.signIn(t, login, password)
		require.Equal(t, http.StatusOK, a.status, "%s: %s", login, a.text)
		require.Equal(t, "no-store", a.header.Get("Cache-Control"))
		require.Equal(t, "Bearer", a.body["token_type"])
		require.Equal(t, map[string]any{"id": id, "nick": "Olga.Weiß", "email": "Olga@Organizers.example", "admin": false}, a.body["user"])
		who, err := d.verifier.Verify(a.body["token"].(string))
		require.NoError(t, err)
		require.Equal(t, auth.Identity{Issuer: "usher", Subject: subject, Email: "Olga@Organizers.example", Until: who.Until}, who)
		require.Empty(t, a.header.Values("Set-Cookie"), "a program has no use for it")
	}

	d.add(t, "ada", map[string]any{"admin": true})
	who, err := d.verifier.Verify(d.token(t, "ADA"))
	require.NoError(t, err)
	require.True(t, who.Admin)
	require.NotContains(t, strings.ReplaceAll(d.said.String(), `"token":"`+d.admin, ""), d.admin)
}

func TestRefusedSignInsLookTheSame(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "olga", nil)
	var first *reply
	for login, guess := range map[string]string{
		"olga":                 password + "!",
		"olga@people.example":  strings.ToLower(password),
		"nobody":               password,
		"nobody@there.example": password,
		"olga\x00":             password,
		"paul' OR ''='":        password,
		"":                     password,
		"OLGA":                 "",
		"OLga":                 strings.Repeat("x", 1025),
	} {
		a := d.signIn(t, login, guess)
		require.Equal(t, http.StatusUnauthorized, a.status, "%q: %s", login, a.text)
		require.Equal(t, "sign_in_refused", a.body["code"])
		a.header.Del("Date")
		if first == nil {
			first = &a
		}
		require.Equal(t, *first, a, "%q", login)
	}
	require.Equal(t, http.StatusOK, d.signIn(t, "olga", password).status)
}

func TestHashOfAnotherProgramSignsInAndIsReplacedByOneOfOurs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "olga", nil)
	stored := func() string {
		var hash string
		require.NoError(t, d.db.NewSelect().Table("people.users").Column("password_hash").Scan(t.Context(), &hash))
		return hash
	}
	for _, foreign := range []string{
		"$2y$04$JvBea5Qn4z5xZaqIRXeV2OUd5YSG2l6INBw2akCQR4Y9kFPQ/jas6",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	} {
		_, err := d.db.NewUpdate().Table("people.users").Set("password_hash = ?", foreign).Where("TRUE").Exec(t.Context())
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, d.signIn(t, "olga", "passwords").status)
		require.Equal(t, foreign, stored(), "a guess changes nothing")
		require.Equal(t, http.StatusOK, d.signIn(t, "olga", "password").status)
		ours := stored()
		require.True(t, auth.HashUsual(ours))
		require.Equal(t, http.StatusOK, d.signIn(t, "olga", "password").status)
		require.Equal(t, ours, stored(), "once is enough")
	}
}

func TestNobodySignsInBeforeAPasswordIsChosen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "olga", nil)
	_, err := d.db.NewUpdate().Table("people.users").Set("password_hash = NULL").Where("TRUE").Exec(t.Context())
	require.NoError(t, err)
	unknown := d.signIn(t, "nobody", password)
	for _, guess := range []string{password, " ", "NULL"} {
		a := d.signIn(t, "olga", guess)
		a.header.Set("Date", unknown.header.Get("Date"))
		require.Equal(t, unknown, a, "%q", guess)
	}
	require.Equal(t, http.StatusOK, d.get(t, "/v1/users/1", d.admin).status, "it is an account all the same")
}

func TestSignInTakesNoOtherBodies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "olga", nil)
	right := []byte(fmt.Sprintf(`{"login": "olga", "password": %q}`, password))
	for _, c := range []struct {
		contentType string
		body        []byte
		status      int
		code        string
	}{
		{"", right, http.StatusUnsupportedMediaType, "not_json"},
		{"text/plain", right, http.StatusUnsupportedMediaType, "not_json"},
		{"multipart/form-data; boundary=x", right, http.StatusUnsupportedMediaType, "not_json"},
		{"application/json", nil, http.StatusBadRequest, "malformed_document"},
		{"application/json", []byte(`{"login": "olga", "password": Lantern & `), http.StatusBadRequest, "malformed_document"},
		{"application/json", []byte(`{"login": "olga", "password": ["Lantern & "]}`), http.StatusBadRequest, "malformed_document"},
		{"application/x-www-form-urlencoded", []byte("login=olga&password=%zz"), http.StatusBadRequest, "malformed_document"},
		{"application/json", []byte(`{"login": "` + strings.Repeat("o", 5000) + `"}`), http.StatusRequestEntityTooLarge, "too_large"},
		{"application/x-www-form-urlencoded", []byte("login=" + strings.Repeat("o", 5000)), http.StatusRequestEntityTooLarge, "too_large"},
	} {
		a := d.ask(t, http.MethodPost, "/v1/auth/session", "", c.contentType, c.body)
		require.Equal(t, c.status, a.status, "%s %s: %s", c.contentType, c.body, a.text)
		require.Equal(t, c.code, a.body["code"])
		require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	}
}

func TestFormOfThePageStartsASession(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "olga", nil)
	send := func(path string, form url.Values, headers ...string) reply {
		return d.ask(t, http.MethodPost, path, "", "application/x-www-form-urlencoded", []byte(form.Encode()), headers...)
	}
	right := url.Values{"login": {"olga"}, "password": {password}}
	at := strings.TrimPrefix(d.url, "http://")

	for name, headers := range map[string][]string{
		"of a browser":         {"Sec-Fetch-Site", "same-origin", "Origin", "https://" + at},
		"of an older browser":  {"Origin", "http://" + at},
		"that is typed":        {"Sec-Fetch-Site", "none"},
		"that does not say so": nil,
	} {
		a := send("/v1/auth/session", right, headers...)
		require.Equal(t, http.StatusSeeOther, a.status, name)
		require.Equal(t, "/", a.header.Get("Location"))
		require.Equal(t, "no-store", a.header.Get("Cache-Control"))
		cookies := (&http.Response{Header: a.header}).Cookies()
		require.Len(t, cookies, 1)
		require.True(t, cookies[0].HttpOnly && cookies[0].Secure)
		visit := httptest.NewRequest(http.MethodGet, "/v1/users/me", nil)
		visit.AddCookie(cookies[0])
		who, err := d.verifier.FromRequest(visit)
		require.NoError(t, err)
		require.Equal(t, "olga@people.example", who.Email)
	}
	for name, headers := range map[string][]string{
		"of another site":     {"Sec-Fetch-Site", "cross-site"},
		"of a sister":         {"Sec-Fetch-Site", "same-site"},
		"of an old browser":   {"Origin", "https://other.example"},
		"of a page in a file": {"Origin", "null"},
	} {
		a := send("/v1/auth/session", right, headers...)
		require.Equal(t, http.StatusForbidden, a.status, name)
		require.Equal(t, "cross_origin", a.body["code"])
		require.Empty(t, a.header.Values("Set-Cookie"))
	}
	for name, form := range map[string]url.Values{
		"wrong password": {"login": {"olga"}, "password": {"wrong"}},
		"unknown":        {"login": {"nobody"}, "password": {password}},
		"empty":          {},
	} {
		a := send("/v1/auth/session", form)
		require.Equal(t, http.StatusSeeOther, a.status, name)
		require.Equal(t, "/signin?refused=1", a.header.Get("Location"))
		require.Empty(t, a.header.Values("Set-Cookie"))
	}
}

func TestLoginThatFailsTooOftenWaitsAlsoWithTheRightPassword(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "olga", nil)
	d.add(t, "paul", nil)
	for range 3 { // a success does not count
		require.Equal(t, http.StatusOK, d.signIn(t, "olga", password).status)
	}
	// An unknown login is treated in the same way.
	for _, login := range []string{"olga", "nobody"} {
		var statuses sync.Map
		var group sync.WaitGroup
		for n := range 16 { // many at once are not more than one after another
			group.Go(func() { statuses.Store(n, d.signIn(t, login, "a guess").status) })
		}
		group.Wait()
		count := make(map[any]int)
		statuses.Range(func(_, status any) bool { count[status]++; return true })
		require.Equal(t, map[any]int{http.StatusUnauthorized: 10, http.StatusTooManyRequests: 6}, count, login)

		a := d.signIn(t, strings.ToUpper(login), password)
		require.Equal(t, http.StatusTooManyRequests, a.status, a.text)
		require.Equal(t, "too_many_attempts", a.body["code"])
		require.Regexp(t, `^[1-9][0-9]*$`, a.header.Get("Retry-After"))
		form := url.Values{"login": {login}, "password": {password}}
		a = d.ask(t, http.MethodPost, "/v1/auth/session", "", "application/x-www-form-urlencoded", []byte(form.Encode()))
		require.Regexp(t, `^/signin\?later=[1-9][0-9]*$`, a.header.Get("Location"))
	}
	require.Equal(t, http.StatusOK, d.signIn(t, "paul", password).status, "others sign in")
}

func TestAccountsAreForAdministratorsAndEverybodySeesTheirOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	olga := d.add(t, "olga", map[string]any{
		"first_name": "Olga", "last_name": " Weiß ", "age": 41, "city": "Basel", "mobile": "+41 79 000 00 01", "pronoun": "she",
		"dect": "4711", "tshirt_size": "xxl", "planned_arrival": "2031-05-01", "time_zone": "Europe/Zurich",
		"organization": "Fair of Lanterns", "web": "https://lanterns.example/olga",
	})
	paul := d.add(t, "paul", nil)
	ofOlga, ofPaul := d.token(t, "olga"), d.token(t, "paul")

	me := d.get(t, "/v1/users/me", ofOlga)
	require.Equal(t, http.StatusOK, me.status)
	data := me.body["data"].(map[string]any)
	require.Equal(t, olga, data["id"])
	attributes := data["attributes"].(map[string]any)
	require.NotEmpty(t, attributes["created-at"])
	delete(attributes, "created-at")
	require.Equal(t, map[string]any{
		"nick": "olga", "email": "olga@people.example", "first-name": "Olga", "last-name": "Weiß", "age": 41.0, "city": "Basel",
		"mobile": "+41 79 000 00 01", "pronoun": "she", "dect": "4711", "tshirt-size": "2XL", "planned-arrival": "2031-05-01",
		"time-zone": "Europe/Zurich", "organization": "Fair of Lanterns", "web": "https://lanterns.example/olga",
		"admin": false, "invited": false, "import": nil,
	}, attributes)
	require.Equal(t, paul, d.get(t, "/v1/users/me", ofPaul).body["data"].(map[string]any)["id"])

	for _, subject := range []string{"olga", "olga@people.example", olga, "00000000-0000-4000-8000-000000000000"} {
		token, err := d.signer.Issue(auth.Identity{Subject: subject, Email: "olga@people.example"}, time.Hour)
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, d.get(t, "/v1/users/me", token).status, "a token of the command line is of no account")
	}
	for _, path := range []string{"/v1/users", "/v1/users/" + olga, "/v1/users/" + paul} {
		require.Equal(t, http.StatusUnauthorized, d.get(t, path, "").status, path)
		require.Equal(t, http.StatusForbidden, d.get(t, path, ofOlga).status, path)
		require.Equal(t, http.StatusOK, d.get(t, path, d.admin).status, path)
	}
	require.Equal(t, http.StatusForbidden, d.post(t, "/v1/users", ofOlga, map[string]any{"nick": "x", "admin": true}).status)
	require.Equal(t, http.StatusUnauthorized, d.post(t, "/v1/users", "", map[string]any{"nick": "x"}).status)
	for _, id := range []string{"0", "99999", "99999999999999999999", "x", "-1"} {
		require.Equal(t, http.StatusNotFound, d.get(t, "/v1/users/"+id, d.admin).status, id)
	}

	// An account that is gone has no session, whatever its token says.
	_, err := d.db.NewDelete().Table("people.users").Where("id = ?", olga).Exec(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, d.get(t, "/v1/users/me", ofOlga).status)
	require.Equal(t, http.StatusUnauthorized, d.signIn(t, "olga", password).status)
}

func TestListOfAccountsIsNarrowedAndPaged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, nick := range []string{"Dora", "ben", "Cleo_x", "ada", "Éva"} {
		d.add(t, nick, nil)
	}
	const list = "0190a6ce-2b7e-7cc3-98f2-0242ac120002"
	_, err := d.db.NewUpdate().Table("people.users").Set("import_id = ?, attempt = 1, origin = nick", list).Where("nick IN ('ben', 'Dora')").Exec(t.Context())
	require.NoError(t, err)
	nicks := func(query string) []string {
		a := d.get(t, "/v1/users?"+query, d.admin)
		require.Equal(t, http.StatusOK, a.status, a.text)
		all := []string{}
		for _, entry := range a.body["data"].([]any) {
			all = append(all, entry.(map[string]any)["attributes"].(map[string]any)["nick"].(string))
		}
		return all
	}
	require.Len(t, nicks(""), 5)
	require.Equal(t, []string{"ben", "Dora"}, nicks("filter[import]="+list))
	require.Equal(t, []string{"Dora"}, nicks("filter[import]="+list+"&filter[search]=or"), "both must hold")
	require.Empty(t, nicks("filter[import]=0190a6ce-2b7e-7cc3-98f2-0242ac120003"))
	require.Equal(t, []string{"Dora"}, nicks("filter[search]=DOR"))
	require.Equal(t, []string{"Éva"}, nicks("filter[search]="+url.QueryEscape("ÉV")))
	require.Equal(t, []string{"Cleo_x"}, nicks("filter[search]=_"), "no pattern")
	require.Empty(t, nicks("filter[search]="+url.QueryEscape("%")))
	require.Len(t, nicks("filter[search]=people.example"), 5)

	first := nicks("page[size]=3")
	require.Equal(t, []string{"ada", "ben", "Cleo_x"}, first)
	second := d.get(t, "/v1/users?page[size]=3", d.admin).body["links"].(map[string]any)["next"].(string)
	require.Len(t, d.get(t, second, d.admin).body["data"], 2)
	for query, code := range map[string]string{
		"page[size]=0": "bad_page", "filter[import]=x": "bad_filter", "filter[hash]=x": "bad_filter", "filter[search]=%00": "bad_filter",
	} {
		a := d.get(t, "/v1/users?"+query, d.admin)
		require.Equal(t, http.StatusBadRequest, a.status, query)
		require.Equal(t, code, a.body["code"], query)
	}
}

func TestNewAccountThatCannotBeIsToldAllThatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.post(t, "/v1/users", d.admin, map[string]any{
		"nick": "ol ga", "email": "olga", "password": "Öl 1848", "age": -1, "planned_arrival": "1 May", "city": strings.Repeat("x", 1000),
		"tshirt_size": "huge", "time_zone": "Local", "web": "javascript:alert(1)",
	})
	require.Equal(t, http.StatusUnprocessableEntity, a.status, a.text)
	require.Equal(t, "invalid_user", a.body["code"])
	var fields []string
	for _, fault := range a.body["errors"].([]any) {
		field := fault.(map[string]any)["field"].(string)
		fields = append(fields, field)
		require.Contains(t, a.body["detail"], field+": ")
	}
	require.ElementsMatch(t, []string{"nick", "email", "password", "age", "planned_arrival", "city", "tshirt_size", "time_zone", "web"}, fields)
	require.NotContains(t, a.text, "1848")

	for body, code := range map[string]string{
		`{"nick": "olga", "email": "olga@people.example", "password": "Lantern & Öl", "is_admin": true}`: "malformed_document",
		`{"nick": "olga", "password": Lantern & `:                                                        "malformed_document",
		`{"nick": "olga", "age": "41"}`:                                                                  "malformed_document",
		`[]`:                                                                                             "malformed_document",
		`{"nick": "` + strings.Repeat("o", 20<<10) + `"}`:                                                "too_large",
	} {
		a := d.ask(t, http.MethodPost, "/v1/users", d.admin, "application/json", []byte(body))
		require.Equal(t, code, a.body["code"], a.text)
	}
	require.Equal(t, "not_json", d.ask(t, http.MethodPost, "/v1/users", d.admin, "text/csv", []byte("nick")).body["code"])
	require.Empty(t, d.get(t, "/v1/users", d.admin).body["data"], "none of them was made")
}

func TestNickAndAddressAreTakenOnceOverCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "olga", nil)
	for code, body := range map[string]map[string]any{
		"nick_taken":  {"nick": "OLGA", "email": "other@people.example", "password": password},
		"email_taken": {"nick": "other", "email": "OLGA@people.example", "password": password},
	} {
		a := d.post(t, "/v1/users", d.admin, body)
		require.Equal(t, http.StatusConflict, a.status, a.text)
		require.Equal(t, code, a.body["code"])
	}

	// Of many at once the key of the table lets one through.
	const many = 8
	statuses := make([]int, many)
	var group sync.WaitGroup
	for n := range many {
		group.Go(func() {
			statuses[n] = d.post(t, "/v1/users", d.admin, map[string]any{
				"nick": "paul", "email": fmt.Sprintf("paul%d@people.example", n), "password": password,
			}).status
		})
	}
	group.Wait()
	count := make(map[int]int)
	for _, status := range statuses {
		count[status]++
	}
	require.Equal(t, map[int]int{http.StatusCreated: 1, http.StatusConflict: many - 1}, count)
	require.Equal(t, 2.0, d.get(t, "/v1/users", d.admin).body["meta"].(map[string]any)["total"])
}
