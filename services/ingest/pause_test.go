package ingest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/contracttest"
)

// asked posts a body, where there is one, and returns status and answer.
func asked(t *testing.T, url, token, body string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := contracttest.Client(t, &http.Client{Timeout: time.Minute}).Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	var answer map[string]any
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return response.StatusCode, answer
}

func TestAdministratorsPauseAllKindsOfAStageAndResumeThem(t *testing.T) {
	t.Parallel()
	res, url, logged := serve(t)
	admin := token(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"admin": true, "sub": "root"})
	paused := func() map[string]time.Time {
		all := make(map[string]time.Time)
		for _, c := range res.Broker.Names().Consumers() {
			backlog, err := res.Broker.Backlog(t.Context(), c)
			require.NoError(t, err)
			if !backlog.PausedUntil.IsZero() {
				all[string(c.Kind)+" "+string(c.Stage)] = backlog.PausedUntil
			}
		}
		return all
	}
	before := time.Now()
	status, answer := asked(t, url+"/v1/stages/notify/pause", admin, `{"for":"1h"}`)
	require.Equal(t, http.StatusOK, status, "%v", answer)
	require.Equal(t, "notify", answer["stage"])
	until, err := time.Parse(time.RFC3339, answer["paused_until"].(string))
	require.NoError(t, err)
	require.WithinRange(t, until, before.Add(time.Hour-time.Second), time.Now().Add(time.Hour+time.Second))
	have := paused()
	require.Len(t, have, len(contracts.Pipelines()))
	for _, p := range contracts.Pipelines() {
		require.True(t, until.Equal(have[string(p.Kind)+" notify"]), "%v", have)
	}
	require.Contains(t, logged.String(), `"to":"paused"`)
	require.Contains(t, logged.String(), `"subject":"root"`)

	status, answer = asked(t, url+"/v1/stages/notify/pause", admin, `{"for":"168h"}`)
	require.Equal(t, http.StatusOK, status)
	for _, until := range paused() {
		require.WithinDuration(t, before.Add(contracts.MaxPause), until, time.Minute, "the newest pause counts: %v", answer)
	}
	for range 2 { // the second time there is nothing to resume
		status, answer = asked(t, url+"/v1/stages/notify/resume", admin, "")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, map[string]any{"stage": "notify", "paused_until": nil}, answer)
		require.Empty(t, paused())
	}
	require.Contains(t, logged.String(), `"to":"resumed"`)
}

func TestPauseThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	_, url, _ := serve(t)
	admin := token(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"admin": true})
	somebody := token(t, jwt.SigningMethodHS256, []byte(secret), nil)
	for _, c := range []struct {
		what, token, path, body string
		status                  int
		code                    string
	}{
		{"by nobody", "", "media/pause", `{"for":"1h"}`, http.StatusUnauthorized, "token_missing"},
		{"by somebody", somebody, "media/pause", `{"for":"1h"}`, http.StatusForbidden, "admin_only"},
		{"resume by somebody", somebody, "media/resume", "", http.StatusForbidden, "admin_only"},
		{"of no stage", admin, "cake/pause", `{"for":"1h"}`, http.StatusNotFound, "unknown_stage"},
		{"of one that consumes nothing", admin, "ingest/pause", `{"for":"1h"}`, http.StatusNotFound, "unknown_stage"},
		{"resume of no stage", admin, "cake/resume", "", http.StatusNotFound, "unknown_stage"},
		{"without a body", admin, "media/pause", "", http.StatusBadRequest, "bad_body"},
		{"of a misspelt member", admin, "media/pause", `{"until":"1h"}`, http.StatusBadRequest, "bad_body"},
		{"of two objects", admin, "media/pause", `{"for":"1h"}{}`, http.StatusBadRequest, "bad_body"},
		{"for a number", admin, "media/pause", `{"for":60}`, http.StatusBadRequest, "bad_body"},
		{"for no time", admin, "media/pause", `{"for":"a while"}`, http.StatusUnprocessableEntity, "bad_duration"},
		{"for nothing", admin, "media/pause", `{}`, http.StatusUnprocessableEntity, "bad_duration"},
		{"for too short", admin, "media/pause", `{"for":"999ms"}`, http.StatusUnprocessableEntity, "bad_duration"},
		{"for too long", admin, "media/pause", `{"for":"168h0m1s"}`, http.StatusUnprocessableEntity, "bad_duration"},
		{"into the past", admin, "media/pause", `{"for":"-1h"}`, http.StatusUnprocessableEntity, "bad_duration"},
	} {
		status, answer := asked(t, url+"/v1/stages/"+c.path, c.token, c.body)
		require.Equal(t, c.status, status, c.what)
		require.Equal(t, c.code, answer["code"], c.what)
		if c.code == "unknown_stage" {
			require.Equal(t, []any{"event", "people", "schedule", "media", "notify", "query"}, answer["possible"])
		}
	}
}
