package service

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/stage"
)

// scraped is what /metrics shows of a media service with one message before it.
func scraped(t *testing.T, close bool) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, log)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b, err := broker.Connect(t.Context(), broker.Config{Replicas: 1}, log, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Provision(t.Context()))
	subject := b.Names().Outcome(contracts.EventArchive, contracts.Schedule, uuid.NewString(), 1, contracts.OutcomeCompleted)
	require.NoError(t, b.Publisher().Publish(subject, message.NewMessage(uuid.NewString(), []byte("{}"))))

	own := prometheus.NewGauge(prometheus.GaugeOpts{Name: "own", Help: "Of the service."})
	mux, err := NewMux(&Resources{Broker: b, Log: log, stages: stage.NewMetrics()}, func(*http.Request) error { return nil }, Service{
		Name:    contracts.MediaService,
		Stages:  func(*Resources) []stage.Stage { return nil },
		Metrics: func(*Resources) []prometheus.Collector { return []prometheus.Collector{own} },
	})
	require.NoError(t, err)
	if close {
		b.Close()
	}
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	res, err := web.Client().Get(web.URL + "/metrics")
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(text)
}

func TestMetricsShowWhatWaitsForTheStage(t *testing.T) {
	t.Parallel()
	text := scraped(t, false)
	require.Contains(t, text, `usher_stage_lag{kind="event-archive",stage="media"} 1`)
	require.Contains(t, text, `usher_stage_in_flight{kind="event-archive",stage="media"} 0`)
	require.Contains(t, text, "own 0")
	require.Contains(t, text, "go_goroutines")
	require.NotContains(t, text, `stage="people"`, "it is another service's")
}

func TestMetricsShowTheRestWhereTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	text := scraped(t, true)
	require.NotContains(t, text, "usher_stage_lag{")
	require.Contains(t, text, "own 0")
}
