package service_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
)

const secret = "a secret for tests that is long enough"

func resources(t *testing.T) *service.Resources {
	t.Helper()
	verifier, err := auth.NewVerifier(auth.Config{Secret: secret, Issuer: "usher", Audience: "usher"})
	require.NoError(t, err)
	return &service.Resources{Auth: verifier, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

// notify is a service with the routes of notify, which answer who is asking.
func notify(handlers ...string) service.Service {
	return service.Service{Name: contracts.NotifyService, Routes: func(res *service.Resources) map[string]http.Handler {
		answer := func(w http.ResponseWriter, _ *http.Request, who auth.Identity) error {
			_, err := io.WriteString(w, who.Subject)
			return err
		}
		routes := map[string]http.Handler{}
		for _, pattern := range handlers {
			routes[pattern] = service.Authenticated(res.Log, res.Auth, answer)
		}
		routes["GET /v1/mails"] = service.AdminOnly(res.Log, res.Auth, answer)
		routes["POST /v1/notifications/read"] = service.Authenticated(res.Log, res.Auth, answer)
		return routes
	}}
}

func TestMuxAnswersEveryRouteAndEverythingElseWithAProblem(t *testing.T) {
	t.Parallel()
	ready := errors.New("starting")
	mux, err := service.NewMux(resources(t), func(*http.Request) error { return ready }, notify("GET /v1/notifications"))
	require.NoError(t, err)
	signer, err := auth.NewSigner(auth.Config{Secret: secret, Issuer: "usher", Audience: "usher"})
	require.NoError(t, err)
	olga, err := signer.Issue(auth.Identity{Subject: "olga"}, tokenLife)
	require.NoError(t, err)
	ada, err := signer.Issue(auth.Identity{Subject: "ada", Admin: true}, tokenLife)
	require.NoError(t, err)

	for _, c := range []struct {
		method, path, token string
		status              int
		body                string
	}{
		{"GET", "/v1/notifications", olga, 200, "olga"},
		{"GET", "/v1/notifications", "", 401, "token_missing"},
		{"GET", "/v1/notifications", olga + "x", 401, "token_invalid"},
		{"GET", "/v1/mails", olga, 403, "admin_only"},
		{"GET", "/v1/mails", ada, 200, "ada"},
		{"POST", "/v1/mails", ada, 405, "method_not_allowed"},
		{"GET", "/v1/nothing", ada, 404, "not_found"},
		{"GET", "/livez", "", 200, "ok"},
		{"GET", "/readyz", "", 503, "not_ready"},
	} {
		req := httptest.NewRequest(c.method, c.path, nil)
		if c.token != "" {
			req.Header.Set("Authorization", "Bearer "+c.token)
		}
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, req)
		require.Equal(t, c.status, rec.Code, c.path)
		require.Contains(t, rec.Body.String(), c.body, c.path)
		if c.status >= 400 {
			require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"), c.path)
		}
		if c.status == http.StatusUnauthorized {
			require.NotEmpty(t, rec.Header().Get("WWW-Authenticate"))
			require.NotContains(t, rec.Body.String(), olga)
		}
	}
	ready = nil
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	require.Equal(t, http.StatusOK, rec.Code)
}

func TestOptionalKnowsWhoHasATokenAndLetsInWhoHasNone(t *testing.T) {
	t.Parallel()
	res := resources(t)
	h := service.Optional(res.Log, res.Auth, func(w http.ResponseWriter, _ *http.Request, who auth.Identity) error {
		_, err := io.WriteString(w, "subject: "+who.Subject)
		return err
	})
	signer, err := auth.NewSigner(auth.Config{Secret: secret, Issuer: "usher", Audience: "usher"})
	require.NoError(t, err)
	olga, err := signer.Issue(auth.Identity{Subject: "olga"}, tokenLife)
	require.NoError(t, err)
	for _, c := range []struct {
		authorization []string
		status        int
		body          string
	}{
		{nil, 200, "subject: "},
		{[]string{"Bearer " + olga}, 200, "subject: olga"},
		{[]string{"JWT " + olga}, 200, "subject: olga"},
		{[]string{"Bearer " + olga + "x"}, 401, "token_invalid"},
		{[]string{"Bearer " + olga, "Bearer " + olga}, 401, "token_invalid"},
		{[]string{"Bearer "}, 401, "token_missing"},
		{[]string{""}, 401, "token_missing"},
	} {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Header["Authorization"] = c.authorization
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		require.Equal(t, c.status, rec.Code)
		require.Contains(t, rec.Body.String(), c.body)
	}
}

func TestMuxRefusesAServiceThatDoesNotAnswerExactlyItsRoutes(t *testing.T) {
	t.Parallel()
	ready := func(*http.Request) error { return nil }
	_, err := service.NewMux(resources(t), ready, notify())
	require.ErrorContains(t, err, "GET /v1/notifications")
	_, err = service.NewMux(resources(t), ready, notify("GET /v1/notifications", "GET /v1/more"))
	require.ErrorContains(t, err, "GET /v1/more")
}
