package notify

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

// office is the service's interface, and who asks it.
type office struct {
	stagetest.World
	url    string
	client *http.Client
	signer *auth.Signer
}

func newOffice(t *testing.T) office {
	t.Helper()
	o := office{World: stagetest.NewWorld(t, tables()...)}
	config := auth.Config{Secret: "a secret for tests that is long enough", Issuer: "usher", Audience: "usher"}
	verifier, err := auth.NewVerifier(config)
	require.NoError(t, err)
	o.signer, err = auth.NewSigner(config)
	require.NoError(t, err)
	mux, err := service.NewMux(&service.Resources{
		DB: o.DB, Broker: o.Broker, Auth: verifier, Log: o.Log, Config: service.Config{Auth: config, PublicURL: "https://usher.example"},
	}, func(*http.Request) error { return nil }, Service())
	require.NoError(t, err)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	o.url, o.client = web.URL, contracttest.Client(t, &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	return o
}

// told makes a notification and returns its id.
func (o office) told(t *testing.T, subject string) (id string) {
	t.Helper()
	require.NoError(t, o.DB.NewRaw(`INSERT INTO notify.notifications (import_id, attempt, owner_iss, owner_sub, kind, title, message)
		VALUES (?, 1, 'usher', ?, 'success', 'Done', 'All of it') RETURNING id`, uuid.NewString(), subject).Scan(t.Context(), &id))
	return id
}

// asks sends a request as somebody; pairs of header fields may follow.
func (o office) asks(t *testing.T, subject, method, path, body string, header ...string) (status int, text string, answered http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, o.url+path, strings.NewReader(body))
	require.NoError(t, err)
	token, err := o.signer.Issue(auth.Identity{Issuer: "usher", Subject: subject}, time.Hour)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	for n := 0; n < len(header); n += 2 {
		request.Header.Set(header[n], header[n+1])
	}
	response, err := o.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(all), response.Header
}

// unread are how many notifications of somebody are not read.
func (o office) unread(t *testing.T, subject string) string {
	t.Helper()
	status, text, _ := o.asks(t, subject, http.MethodGet, "/v1/notifications?filter[read]=false&page[size]=1", "")
	require.Equal(t, http.StatusOK, status, text)
	_, total, _ := strings.Cut(text, `"total":`)
	return strings.TrimRight(total, "}\n")
}

func TestNotificationsUpToTheOneThatWasSeenAreRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.told(t, "olga")
	seen := o.told(t, "olga")
	others := o.told(t, "paul")
	late := o.told(t, "olga")
	require.Equal(t, "3", o.unread(t, "olga"))

	const path, kind = "/v1/notifications/read", "Content-Type"
	for range 2 { // two windows may show the same
		status, text, _ := o.asks(t, "olga", http.MethodPost, path, `{"up_to":"`+seen+`"}`, kind, "application/json")
		require.Equal(t, http.StatusOK, status, text)
		require.JSONEq(t, `{"unread":1}`, text)
	}
	require.Equal(t, "1", o.unread(t, "olga"))
	require.Equal(t, "1", o.unread(t, "paul"), "nobody reads what is another's")
	_, read, _ := o.asks(t, "olga", http.MethodGet, "/v1/notifications?filter[read]=true", "")
	require.NotContains(t, read, `"id":"`+late+`"`)
	require.Contains(t, read, `"id":"`+seen+`"`)

	status, text, header := o.asks(t, "olga", http.MethodPost, path, url.Values{"up_to": {late}}.Encode(), kind, "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusSeeOther, status, text)
	require.Equal(t, "/notifications", header.Get("Location"))
	require.Equal(t, "0", o.unread(t, "olga"))
	require.Equal(t, "1", o.unread(t, "paul"))
	status, _, _ = o.asks(t, "paul", http.MethodPost, path, `{"up_to":"`+others+`"}`, kind, "application/json")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "0", o.unread(t, "paul"))
}

func TestWhatNamesNoNotificationReadsNone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.told(t, "olga")
	for _, body := range []string{``, `{}`, `{"up_to":"all"}`, `{"up_to":7}`, `{"up_to":"99999999999999999999"}`, `[`, `{"up_to":"` + strings.Repeat("9", 8<<10) + `"}`} {
		status, text, _ := o.asks(t, "olga", http.MethodPost, "/v1/notifications/read", body, "Content-Type", "application/json")
		require.Equal(t, http.StatusBadRequest, status, text)
		require.Contains(t, text, "malformed_document")
	}
	status, text, _ := o.asks(t, "olga", http.MethodPost, "/v1/notifications/read", "1", "Content-Type", "text/plain")
	require.Equal(t, http.StatusUnsupportedMediaType, status, text)
	status, text, _ = o.asks(t, "olga", http.MethodGet, "/v1/notifications?filter[read]=perhaps", "")
	require.Equal(t, http.StatusBadRequest, status, text)
	require.Contains(t, text, "bad_filter")
	require.Equal(t, "1", o.unread(t, "olga"))
}
