package service

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Main is the main function of a service that runs on its own: it reads the
// settings from the environment, runs until SIGTERM or SIGINT, and exits with 1
// after an error that it tells in one line.
func Main(s Service) {
	if err := runAlone(s); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "usher %s: %v\n", s.Name, err)
		os.Exit(1)
	}
}

func runAlone(s Service) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := ConfigFromEnv()
	if err != nil {
		return err
	}
	return Serve(ctx, cfg, s)
}

// Serve opens and verifies what the services need and runs them on the address
// of the settings until ctx is cancelled.
func Serve(ctx context.Context, cfg Config, services ...Service) error {
	log := cfg.Logger(os.Stderr)
	listener, err := Listen(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // Run closes it; this is for when Run is not reached
	if cfg.PublicURL == "" {
		cfg.PublicURL = URLOf(listener)
	}
	res, err := Open(ctx, cfg, log, services)
	if err != nil {
		return err
	}
	defer res.Close()
	if err := res.Verify(ctx, services...); err != nil {
		return err
	}
	return Run(ctx, res, listener, func() {
		log.Info("ready", "address", listener.Addr().String())
	}, services...)
}
