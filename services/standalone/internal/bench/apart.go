package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// apart is Usher with each service in a process of its own, on a broker, a database and a
// bucket of its own. The database is another one of the same server, the broker runs in
// this process.
type apart struct {
	clients
	cfg      Config
	broker   *embedded.Server
	settings []string
	// database is where it has its tables.
	database string
	// processes are those that run, by service.
	processes map[contracts.Service][]*replica
}

// replica is one process of a service.
type replica struct {
	*program
	// url is where it serves.
	url string
}

// openApart makes broker and database, with no process yet. An empty bucket is a folder.
func (w *world) openApart(ctx context.Context, name, bucket string) (_ *apart, err error) {
	if w.usher != nil { // it would go on asking the database
		if _, err := w.end(); err != nil {
			return nil, err
		}
	}
	a := &apart{cfg: w.cfg, clients: clients{stages: newStageLog()}, processes: make(map[contracts.Service][]*replica)}
	folder := filepath.Join(w.folder, name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	if bucket == "" {
		bucket = "file://" + filepath.Join(folder, "blobs")
	}
	if _, err := w.db.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return nil, err
	}
	at, err := url.Parse(w.server.URL())
	if err != nil {
		return nil, err
	}
	at.Path = "/" + name
	a.database = at.String()
	log := slog.New(slog.NewTextHandler(w.cfg.Log, nil))
	if a.broker, err = embedded.Start(ctx, embedded.Config{Dir: filepath.Join(folder, "nats"), Listen: "127.0.0.1:0"}, log); err != nil {
		return nil, err
	}
	a.settings = []string{
		"USHER_NATS_URL=" + a.broker.URL(), "USHER_DATABASE_URL=" + a.database, "USHER_BUCKET_URL=" + bucket,
		"USHER_JWT_SECRET=a secret of the bench, known to everybody", "USHER_LOG_FORMAT=json",
		// What a bucket of S3 needs, whatever they are.
		"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench",
	}
	for _, once := range []string{"provision", "migrate"} {
		if _, err := a.cfg.output(ctx, a.settings, once); err != nil {
			return nil, errors.Join(err, a.close())
		}
	}
	return a, nil
}

// run starts one process of a service, with settings beside those of all, and waits until it
// is ready.
func (a *apart) run(ctx context.Context, service contracts.Service, settings ...string) error {
	cmd, err := a.cfg.command(context.WithoutCancel(ctx), append(settings, a.settings...), "run", string(service), "--listen", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p, err := start(cmd, a.stages, a.cfg.Log)
	if err != nil {
		return err
	}
	address, ready := <-p.at[itself]
	if !ready {
		return errors.Join(fmt.Errorf("usher run %s has ended before it was ready", service), p.stop())
	}
	a.processes[service] = append(a.processes[service], &replica{program: p, url: "http://" + address})
	return nil
}

// runAll starts one process of each service, and makes the clients.
func (a *apart) runAll(ctx context.Context, settings ...string) error {
	for _, service := range contracts.Services() {
		if err := a.run(ctx, service, settings...); err != nil {
			return err
		}
	}
	token, err := a.cfg.token(ctx, a.settings)
	if err != nil {
		return err
	}
	if a.uploads, err = client.New(client.Config{Server: a.processes[contracts.IngestService][0].url, Token: token}); err != nil {
		return err
	}
	a.tasks, err = client.New(client.Config{Server: a.processes[contracts.QueryService][0].url, Token: token})
	return err
}

// end ends all processes of a service.
func (a *apart) end(service contracts.Service) error {
	var errs []error
	for _, p := range a.processes[service] {
		errs = append(errs, p.stop())
	}
	delete(a.processes, service)
	return errors.Join(errs...)
}

// endAll ends the processes of all services.
func (a *apart) endAll() error {
	var errs []error
	for _, service := range contracts.Services() {
		errs = append(errs, a.end(service))
	}
	return errors.Join(errs...)
}

// close ends everything but the database, which goes with its server.
func (a *apart) close() error {
	err := a.endAll()
	a.broker.Close()
	return err
}
