package service_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/userlist"
)

const tokenLife = time.Hour

func TestSettingsThatAreWrongAreAllNamed(t *testing.T) {
	t.Setenv("USHER_WORKERS", "0")
	t.Setenv("USHER_MAX_UPLOAD", "-1")
	t.Setenv("USHER_NATS_REPLICAS", "2")
	t.Setenv("USHER_PUBLIC_URL", "usher.example")
	t.Setenv("USHER_LOG_FORMAT", "xml")
	t.Setenv("USHER_PASSWORD_MIN", "7")
	t.Setenv("USHER_BUILDUP_START", "2031-05-02")
	t.Setenv("USHER_TEARDOWN_END", "2031-05-01")
	t.Setenv("USHER_REQUIRED_USER_FIELDS", "tshirt_size,shoe_size")
	_, err := service.ConfigFromEnv()
	for _, name := range []string{"USHER_WORKERS", "USHER_MAX_UPLOAD", "REPLICAS", "USHER_PUBLIC_URL", "USHER_LOG_FORMAT", "USHER_PASSWORD_MIN", "USHER_TEARDOWN_END", "shoe_size"} {
		require.ErrorContains(t, err, name)
	}
}

func TestSettingsSayWhatIsWantedOfUsers(t *testing.T) {
	t.Setenv("USHER_PASSWORD_MIN", "12")
	t.Setenv("USHER_BUILDUP_START", "2031-05-02")
	t.Setenv("USHER_TEARDOWN_END", "2031-05-09")
	t.Setenv("USHER_REQUIRED_USER_FIELDS", "tshirt_size,pronoun")
	cfg, err := service.ConfigFromEnv()
	require.NoError(t, err)
	require.Equal(t, userlist.Rules{
		MinPassword: 12,
		Buildup:     time.Date(2031, 5, 2, 0, 0, 0, 0, time.UTC),
		Teardown:    time.Date(2031, 5, 9, 0, 0, 0, 0, time.UTC),
		Required:    []userlist.Field{userlist.TShirtSize, userlist.Pronoun},
	}, cfg.UserRules())
}

func TestSettingThatIsNoDateIsRefused(t *testing.T) {
	t.Setenv("USHER_BUILDUP_START", "02.05.2031")
	_, err := service.ConfigFromEnv()
	require.ErrorContains(t, err, "2031-05-02")
}

func TestNothingHasToBeSet(t *testing.T) {
	cfg, err := service.ConfigFromEnv()
	require.NoError(t, err)
	require.Equal(t, 4, cfg.Workers)
	require.EqualValues(t, 1<<30, cfg.MaxUpload)
	require.Equal(t, 1, cfg.Broker.Replicas)
	require.Equal(t, "usher", cfg.Auth.Issuer)
}
