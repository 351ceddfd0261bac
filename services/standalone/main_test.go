package standalone_test

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"
	"testing"

	_ "github.com/usher-events/usher/pkg/bucket/drivers"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/services/standalone/internal/command"
)

// asUsher makes the test binary the program under test: the tests start real
// processes of it and kill them.
const asUsher = "USHER_TEST_AS_USHER"

// sharedAddress is where the database server that the tests share listens for TLS.
var sharedAddress string

func TestMain(m *testing.M) {
	if os.Getenv(asUsher) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := command.Main(ctx, "test", os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	// How many archives are generated: each is two imports and an export. Flags that are
	// given come after.
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	port := freePort()
	sharedAddress = loopback(port)
	if os.Getenv("USHER_TEST_DATABASE_URL") != "" {
		sharedAddress = "" // that server has its own
	}
	postgrestest.Main(m, overTLS(port))
}
