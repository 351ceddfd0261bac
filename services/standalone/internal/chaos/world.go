package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
)

// replicas is how many processes of each service there are: two, so that one
// takes over what the other holds, and both have it when the other wakes up.
const replicas = 2

const secret = "a secret of the world of chaos, known to all"

// signing is what everything that Usher signs is signed with.
var signing = auth.Config{Secret: secret, Issuer: "usher", Audience: "usher"}

// startPatience is how long all processes may take until they are ready.
const startPatience = 2 * time.Minute

// programs are what a world is made of.
type programs struct {
	// usher and nats are the paths of the binaries.
	usher, nats string
	// environment is what usher is started with beside its settings.
	environment []string
}

// world is all of Usher in processes of this machine.
type world struct {
	programs  programs
	folder    string
	settings  []string
	addresses map[string]string

	database *database
	// databaseLog is what our keeper of the database writes to.
	databaseLog *os.File

	broker   *process
	services map[string]*process
	mails    *catcher
	stop     context.CancelFunc

	// db and js are ours, to look with.
	db     *bun.DB
	nc     *nats.Conn
	js     jetstream.JetStream
	signer *auth.Signer
	client *http.Client
	turn   atomic.Int64
}

// openWorld starts everything in the folder, which is to be an empty one, and
// returns when all of it is ready.
func openWorld(ctx context.Context, p programs, folder string) (_ *world, err error) {
	w := &world{
		programs: p, folder: folder, services: make(map[string]*process),
		client: &http.Client{Timeout: 20 * time.Second},
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.signer, err = auth.NewSigner(signing); err != nil {
		return nil, err
	}
	if w.mails, err = startCatcher(); err != nil {
		return nil, err
	}
	if w.databaseLog, err = os.Create(w.log("database")); err != nil {
		return nil, err
	}
	if w.database, err = startDatabase(ctx, filepath.Join(folder, "postgres"), slog.New(slog.NewTextHandler(w.databaseLog, nil))); err != nil {
		return nil, err
	}
	if w.addresses, err = freeAddresses(ctx, append(names(), "nats")); err != nil {
		return nil, err
	}
	if err := w.startBroker(running); err != nil {
		return nil, err
	}
	w.settings = append(slices.Clone(p.environment),
		"USHER_NATS_URL=nats://"+w.addresses["nats"],
		"USHER_DATABASE_URL="+w.database.server.URL(),
		"USHER_BUCKET_URL=file://"+w.blobs(),
		"USHER_JWT_SECRET="+secret,
		"USHER_SMTP_URL=smtp://"+w.mails.address,
		"USHER_PUBLIC_URL=http://usher.example",
		"USHER_LOG_FORMAT=json",
	)
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	for _, once := range []string{"provision", "migrate"} {
		cmd := exec.CommandContext(ctx, p.usher, once)
		cmd.Env = w.settings
		if said, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("usher %s: %w: %s", once, err, said)
		}
	}
	for _, name := range names() {
		w.services[name] = keep(running, w.log(name), func() *exec.Cmd {
			service, _, _ := strings.Cut(name, "-")
			//nolint:noctx // keep ends it
			cmd := exec.Command(p.usher, "run", service, "--listen", w.addresses[name])
			cmd.Env = w.settings
			return cmd
		})
	}
	return w, w.ready(ctx)
}

// names lists the processes of the services: ingest-1, ingest-2, event-1 and so on.
func names() []string {
	var all []string
	for _, s := range contracts.Services() {
		for n := range replicas {
			all = append(all, fmt.Sprintf("%s-%d", s, n+1))
		}
	}
	return all
}

// victims are all that can be harmed, by name.
func (w *world) victims() map[string]victim {
	all := map[string]victim{"nats": w.broker, "postgres": w.database}
	for name, p := range w.services {
		all[name] = p
	}
	return all
}

// startBroker starts a NATS server with the settings of deployments/nats.conf
// that matter: each message is on the disk before it is confirmed. How much it may keep is
// said, because else it is a part of what is free, and the streams ask for more than that on
// a disk that is nearly full.
func (w *world) startBroker(running context.Context) error {
	settings := filepath.Join(w.folder, "nats.conf")
	content := fmt.Sprintf("listen: %q\njetstream {\n  store_dir: %q\n  sync_interval: always\n  max_file_store: 100GB\n}\n",
		w.addresses["nats"], filepath.Join(w.folder, "nats"))
	if err := os.WriteFile(settings, []byte(content), 0o600); err != nil {
		return err
	}
	w.broker = keep(running, w.log("nats"), func() *exec.Cmd {
		//nolint:noctx // keep ends it
		return exec.Command(w.programs.nats, "--config", settings)
	})
	return nil
}

// connect makes the connections of our own.
func (w *world) connect(ctx context.Context) (err error) {
	if w.db, err = postgres.Open(ctx, w.database.server.URL(), postgres.WithName("chaos"), postgres.WithMaxConns(2)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		w.nc, err = nats.Connect("nats://"+w.addresses["nats"], nats.MaxReconnects(-1))
		if err == nil {
			break
		}
		if !pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("broker: %w", err)
		}
	}
	w.js, err = jetstream.New(w.nc)
	return err
}

// ready waits until every process is well.
func (w *world) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for _, name := range names() {
		for {
			status, _, err := w.ask(ctx, request{method: http.MethodGet, path: "/readyz"}, w.addresses[name])
			if err == nil && status == http.StatusOK {
				break
			}
			if !pause(ctx, 50*time.Millisecond) {
				return fmt.Errorf("%s is not ready within %s; see %s", name, startPatience, w.log(name))
			}
		}
	}
	return nil
}

// close ends all processes. The folder stays.
func (w *world) close() error {
	w.stop()
	var errs []error
	if w.db != nil {
		errs = append(errs, w.db.Close())
	}
	if w.nc != nil {
		w.nc.Close()
	}
	for _, p := range w.services {
		<-p.done
	}
	if w.broker != nil {
		<-w.broker.done
	}
	if w.database != nil {
		errs = append(errs, w.database.close())
	}
	if w.databaseLog != nil {
		errs = append(errs, w.databaseLog.Close())
	}
	if w.mails != nil {
		errs = append(errs, w.mails.close())
	}
	return errors.Join(errs...)
}

func (w *world) blobs() string { return filepath.Join(w.folder, "blobs") }

func (w *world) log(name string) string { return filepath.Join(w.folder, name+".log") }

// token is one of a person.
func (w *world) token(who auth.Identity) (string, error) { return w.signer.Issue(who, 24*time.Hour) }

// request is one to the HTTP interface.
type request struct {
	method, path string
	token        string
	header       map[string]string
	body         string
}

// to sends a request to one of the processes of a service, each in turn.
func (w *world) to(ctx context.Context, s contracts.Service, r request) (int, []byte, error) {
	n := w.turn.Add(1) % replicas
	return w.ask(ctx, r, w.addresses[fmt.Sprintf("%s-%d", s, n+1)])
}

func (w *world) ask(ctx context.Context, r request, address string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, "http://"+address+r.path, strings.NewReader(r.body))
	if err != nil {
		return 0, nil, err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	res, err := w.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// freeAddresses finds one for each name that nobody listens on. They lie below the
// ports that systems give to outgoing connections: one of those could take it
// while its process is away, and a client that keeps connecting to such a port of
// its own machine is at last connected to itself.
func freeAddresses(ctx context.Context, names []string) (map[string]string, error) {
	var listen net.ListenConfig
	found := make(map[string]string)
	for len(found) < len(names) {
		listener, err := listen.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))) //nolint:gosec // no secret
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue // somebody listens
		}
		defer listener.Close() //nolint:errcheck // all are held until all are found
		found[names[len(found)]] = listener.Addr().String()
	}
	return found, nil
}
