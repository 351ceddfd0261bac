package accounts

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/userlist"
)

// alone are accounts without a database: what is refused before needs none.
func alone(t *testing.T) *Accounts {
	t.Helper()
	config := auth.Config{Secret: strings.Repeat("s", auth.MinSecret), Issuer: "usher", Audience: "usher"}
	signer, err := auth.NewSigner(config)
	require.NoError(t, err)
	inviter, err := auth.NewInviter(config)
	require.NoError(t, err)
	return New(nil, signer, inviter, userlist.Rules{}, "http://usher.example")
}

func send(contentType, target, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

func TestClientThatFailsTooOftenWaitsWhateverTheLogin(t *testing.T) {
	t.Parallel()
	a := alone(t)
	later := time.Now().Add(time.Hour) // so that none is forgotten before the next one
	for range clientAttempts {
		require.Zero(t, a.byClient.take("198.51.100.7", later))
	}
	r := send("application/json", "/v1/auth/session", `{"login": "olga", "password": "a guess"}`)
	r.RemoteAddr = "198.51.100.7:4711"
	w := httptest.NewRecorder()
	var answer *problem.Problem
	require.ErrorAs(t, a.SignIn(w, r), &answer)
	require.Equal(t, http.StatusTooManyRequests, answer.Status)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.Empty(t, a.byLogin.spent, "the login has nothing to do with it")
}

func TestLoginThatNobodyCanHaveIsNotRemembered(t *testing.T) {
	t.Parallel()
	a := alone(t)
	login := strings.Repeat("o", maxSignIn/2)
	r := send("application/json", "/v1/auth/session", `{"login": "`+login+`", "password": "a guess"}`)
	require.ErrorIs(t, a.SignIn(httptest.NewRecorder(), r), errRefused)
	require.Empty(t, a.byLogin.spent, "else guessing would take as much memory as it likes")
}

func TestWhatStandsInTheAddressIsNotTaken(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	query := url.Values{"login": {"olga"}, "password": {"Lantern & Öl 1848"}}.Encode()
	require.NoError(t, alone(t).SignIn(w, send("application/x-www-form-urlencoded", "/v1/auth/session?"+query, "")))
	require.Equal(t, "/signin?refused=1", w.Header().Get("Location"))
}

func TestSlotsAreGivenToOneAfterTheOtherAndNobodyWaitsForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := make(slots, 1)
		w := httptest.NewRecorder()
		require.NoError(t, s.take(t.Context(), w))
		var answer *problem.Problem
		require.ErrorAs(t, s.take(t.Context(), w), &answer)
		require.Equal(t, http.StatusTooManyRequests, answer.Status)
		require.Equal(t, "busy", answer.Code)
		require.Equal(t, "3", w.Header().Get("Retry-After"))

		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.take(gone, w), context.Canceled)

		taken := make(chan error)
		go func() { taken <- s.take(t.Context(), w) }()
		synctest.Wait()
		s.release()
		require.NoError(t, <-taken)
	})
}
