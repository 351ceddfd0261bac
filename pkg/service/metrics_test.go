package service

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
)

// away is what cannot be had at the moment.
type away struct{ what *prometheus.Desc }

func (a away) Describe(to chan<- *prometheus.Desc) { to <- a.what }

func (a away) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.NewInvalidMetric(a.what, errors.New("the broker is away"))
}

func TestMetricsShowWhatCanBeHad(t *testing.T) {
	t.Parallel()
	own := prometheus.NewGauge(prometheus.GaugeOpts{Name: "own", Help: "Of the service."})
	mux, err := NewMux(&Resources{Log: slog.New(slog.DiscardHandler), stages: stage.NewMetrics()}, func(*http.Request) error { return nil }, Service{
		Name: contracts.MediaService,
		Metrics: func(*Resources) []prometheus.Collector {
			return []prometheus.Collector{own, away{prometheus.NewDesc("gone", "Of the service.", nil, nil)}}
		},
	})
	require.NoError(t, err)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	res, err := web.Client().Get(web.URL + "/metrics")
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "own 0")
	require.Contains(t, string(text), "go_goroutines")
	require.NotContains(t, string(text), "gone")
}
