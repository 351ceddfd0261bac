// Command usher is all of Usher in one binary: every service in one process
// (usher up), single ones (usher run), and the command line of those who use it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/usher-events/usher/pkg/bucket/drivers" // the stores that USHER_BUCKET_URL may name
	"github.com/usher-events/usher/services/standalone/internal/command"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Main(ctx, version, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
