// Package embedded runs a NATS server with JetStream inside the process: for
// `usher up`, which brings its own broker, and for tests. It is the only place
// that imports the server.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Config is where the server keeps its data and listens.
type Config struct {
	// Dir is the folder of the store, made if it is missing. One server at a
	// time may use it.
	Dir string
	// Listen is the address for other processes, such as "127.0.0.1:4222"; the
	// port 0 takes a free one. Empty opens no port: only this process connects.
	Listen string
}

const (
	// maxMemory bounds streams in memory, of which Usher has none.
	maxMemory = 64 << 20
	// minStore is what the streams of contracts may reserve together and more.
	// A reservation writes nothing, so a small disk must not forbid it.
	minStore = 64 << 30
	// startTimeout is for recovering a large store after a crash.
	startTimeout = 2 * time.Minute
)

// Server is a running server.
type Server struct {
	ns   *server.Server
	lock *os.File
	port bool
}

// Start starts a server on the store in cfg.Dir, also on one that a crash left
// behind, and returns when it accepts connections. Everything it confirms is
// synced to the disk.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	opts, err := options(cfg)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	s := &Server{ns: ns, lock: lock, port: cfg.Listen != ""}
	problems := &logger{log: log, fatal: make(chan string, 1)}
	ns.SetLoggerV2(problems, false, false, false)
	ns.Start()
	if err := s.ready(ctx, problems.fatal); err != nil {
		s.Close()
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	return s, nil
}

func options(cfg Config) (*server.Options, error) {
	opts := &server.Options{
		ServerName:         "usher",
		DontListen:         cfg.Listen == "",
		JetStream:          true,
		StoreDir:           cfg.Dir,
		JetStreamMaxMemory: maxMemory,
		JetStreamMaxStore:  max(minStore, free(cfg.Dir)),
		// The default confirms before it syncs: a power failure would take back
		// what a client was promised.
		SyncAlways: true,
		NoSigs:     true,
	}
	if cfg.Listen == "" {
		return opts, nil
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("embedded broker: listen address %q: %w", cfg.Listen, err)
	}
	opts.Host = host
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("embedded broker: listen address %q: the port is no number", cfg.Listen)
	}
	if opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	// A port that another process holds is to be told of before the server has
	// touched its store.
	if opts.Port > 0 {
		l, err := net.Listen("tcp", cfg.Listen)
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("embedded broker: %s is taken by another process", cfg.Listen)
		}
		if err != nil {
			return nil, fmt.Errorf("embedded broker: %w", err)
		}
		_ = l.Close()
	}
	return opts, nil
}

// ready waits until the server accepts connections or says why it never will.
func (s *Server) ready(ctx context.Context, fatal <-chan string) error {
	accepted := make(chan bool, 1)
	go func() { accepted <- s.ns.ReadyForConnections(startTimeout) }()
	select {
	case why := <-fatal:
		return errors.New(why)
	case <-ctx.Done():
		return ctx.Err()
	case ok := <-accepted:
		select {
		case why := <-fatal:
			return errors.New(why)
		default:
		}
		if !ok {
			return errors.New("the server does not accept connections")
		}
		if !s.ns.JetStreamEnabled() {
			return errors.New("JetStream did not start")
		}
		return nil
	}
}

// Option is how a client in this process connects, without a port.
func (s *Server) Option() nats.Option { return nats.InProcessServer(s.ns) }

// URL is what other processes connect to; empty without a port.
func (s *Server) URL() string {
	if !s.port {
		return ""
	}
	return s.ns.ClientURL()
}

// Close stops the server and waits until its store is written. It is safe to
// call twice.
func (s *Server) Close() {
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
	_ = s.lock.Close()
}

// lockDir keeps two servers from writing to one store. The lock goes with the
// process, so a crash leaves none behind.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("embedded broker: the folder %s is in use by another process", dir)
		}
		return nil, fmt.Errorf("embedded broker: lock %s: %w", dir, err)
	}
	return f, nil
}

// free is how many bytes the disk under dir has left, 0 where it does not tell.
func free(dir string) int64 {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0
	}
	return int64(fs.Bavail) * int64(fs.Bsize) //nolint:unconvert // 32 bits wide on macOS
}
