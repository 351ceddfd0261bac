package service_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/service"
)

const tokenLife = time.Hour

func TestSettingsThatAreWrongAreAllNamed(t *testing.T) {
	t.Setenv("USHER_WORKERS", "0")
	t.Setenv("USHER_MAX_UPLOAD", "-1")
	t.Setenv("USHER_NATS_REPLICAS", "2")
	t.Setenv("USHER_PUBLIC_URL", "usher.example")
	t.Setenv("USHER_LOG_FORMAT", "xml")
	_, err := service.ConfigFromEnv()
	for _, name := range []string{"USHER_WORKERS", "USHER_MAX_UPLOAD", "REPLICAS", "USHER_PUBLIC_URL", "USHER_LOG_FORMAT"} {
		require.ErrorContains(t, err, name)
	}
}

func TestNothingHasToBeSet(t *testing.T) {
	cfg, err := service.ConfigFromEnv()
	require.NoError(t, err)
	require.Equal(t, 4, cfg.Workers)
	require.EqualValues(t, 1<<30, cfg.MaxUpload)
	require.Equal(t, 1, cfg.Broker.Replicas)
	require.Equal(t, "usher", cfg.Auth.Issuer)
}
