package service

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPagesOfTheGivenOriginsMayUseTheInterface(t *testing.T) {
	t.Parallel()
	served := 0
	h := crossOrigin([]string{"https://app.example"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served++
		w.WriteHeader(http.StatusNoContent)
	}))
	ask := func(method, origin string, header ...string) http.Header {
		r := httptest.NewRequest(method, "/v1/events/1", nil)
		r.Header.Set("Origin", origin)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Header()
	}
	preflight := []string{"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,content-type,if-match"}

	answer := ask(http.MethodOptions, "https://app.example", preflight...)
	require.Equal(t, "https://app.example", answer.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "PATCH", answer.Get("Access-Control-Allow-Methods"))
	require.Equal(t, "authorization,content-type,if-match", answer.Get("Access-Control-Allow-Headers"))
	require.Empty(t, answer.Get("Access-Control-Allow-Credentials"))
	require.Zero(t, served, "a preflight is no request yet")

	answer = ask(http.MethodGet, "https://app.example")
	require.Equal(t, "https://app.example", answer.Get("Access-Control-Allow-Origin"))
	require.Contains(t, answer.Get("Access-Control-Expose-Headers"), "Retry-After")
	require.Contains(t, answer.Values("Vary"), "Origin")

	require.Empty(t, ask(http.MethodOptions, "https://evil.example", preflight...).Get("Access-Control-Allow-Origin"))
	require.Empty(t, ask(http.MethodGet, "https://evil.example").Get("Access-Control-Allow-Origin"))
}

func TestWithoutOriginsNothingIsSaidAboutThem(t *testing.T) {
	t.Parallel()
	h := crossOrigin(nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Origin", "https://app.example")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Empty(t, w.Header())
}

func TestOriginsThatAreNoneAreNamed(t *testing.T) {
	t.Parallel()
	require.NoError(t, validateOrigins([]string{"https://app.example", "http://localhost:5173", "*"}))
	for _, bad := range []string{"app.example", "https://app.example/", "https://app.example/path", "https://*.example/x", ""} {
		require.ErrorContains(t, validateOrigins([]string{bad}), "USHER_CORS_ORIGINS", bad)
	}
}
