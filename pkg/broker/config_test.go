package broker

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigNamesAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	require.NoError(t, Config{URL: "nats://a.example, b.example:4222", Replicas: 3, Prefix: "x"}.Validate())
	err := Config{URL: "nats://ok.example,nats://u:s3cr%et@host", Replicas: 2, Prefix: "a.b"}.Validate()
	require.ErrorContains(t, err, "USHER_NATS_URL: server 2")
	require.ErrorContains(t, err, "USHER_NATS_REPLICAS")
	require.ErrorContains(t, err, "USHER_PREFIX")
	require.NotContains(t, err.Error(), "cr%et")
}

func TestConnectNeverShowsCredentials(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"nats://amy:s3cret@127.0.0.1:1",
		"nats://s3cret@127.0.0.1:1",
		"nats://amy:s3cret@127.0.0.1:port",
		"nats://amy:s3#cret@127.0.0.1:1",
		"nats://amy:s3cret@ 127.0.0.1:1",
		"s3cret@127.0.0.1:1,amy:s3cret@127.0.0.1:2",
		"ftp://amy:s3cret@127.0.0.1:1",
	} {
		_, err := Connect(t.Context(), Config{URL: url, Replicas: 1}, slog.New(slog.DiscardHandler))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "cret", url)
	}
	_, err := Connect(t.Context(), Config{Replicas: 1}, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "USHER_NATS_URL is not set")
}

// Accounts are named for services, whose names stand in subjects.
func TestNameOfAnAccountIsNoSecretAndIsLeftInErrors(t *testing.T) {
	t.Parallel()
	refused := errors.New(`permissions violation: "usher.import.event-archive.event" by event:s3cret`)
	require.EqualError(t, Config{URL: "nats://event:s3cret@host"}.scrub(refused),
		`permissions violation: "usher.import.event-archive.event" by xxxxx`)
	require.EqualError(t, Config{URL: "nats://t0ken@host"}.scrub(errors.New("by t0ken")), "by xxxxx")
}
