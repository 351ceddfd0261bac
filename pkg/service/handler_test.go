package service_test

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/service"
)

func TestHandlerSaysWhereTheDatabaseIsAwayThatItIsWorthTryingAgain(t *testing.T) {
	t.Parallel()
	away := fmt.Errorf("list accounts: %w", driver.ErrBadConn)
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{away, http.StatusServiceUnavailable, "unavailable"},
		{errors.New("a bug"), http.StatusInternalServerError, "internal"},
		{problem.New(http.StatusBadGateway, "store_broken", "The store is broken.").Because(away), http.StatusBadGateway, "store_broken"},
	} {
		var logged bytes.Buffer
		answer := httptest.NewRecorder()
		service.Handler(slog.New(slog.NewJSONHandler(&logged, nil)), func(http.ResponseWriter, *http.Request) error { return c.err }).
			ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/v1/users", nil))
		require.Equal(t, c.status, answer.Code)
		require.Contains(t, answer.Body.String(), `"code":"`+c.code+`"`)
		require.NotContains(t, answer.Body.String(), "list accounts")
		require.Equal(t, c.code == "unavailable", answer.Header().Get("Retry-After") != "")
		require.Contains(t, logged.String(), c.err.Error())
	}
}
