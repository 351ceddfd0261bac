package chaos

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	_ "github.com/usher-events/usher/pkg/bucket/drivers"
	"github.com/usher-events/usher/services/standalone/internal/command"
)

// asUsher makes the test binary the usher that is harmed.
const asUsher = "CHAOS_TEST_AS_USHER"

func TestMain(m *testing.M) {
	if os.Getenv(asUsher) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := command.Main(ctx, "test", os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}
