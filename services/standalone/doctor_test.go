package standalone_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/postgres/private"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/doctor"
)

// patient is an installation that a doctor looks at, with what a test needs to spoil it.
type patient struct {
	doctor.Patient
	broker *broker.Broker
	db     *bun.DB
	blobs  string
}

// newPatient is well, as far as it can be on a database of tests, which does not sync.
func newPatient(t *testing.T) *patient {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}, testLog(t))
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return patientOn(t, server.URL(), postgrestest.URL(t))
}

func patientOn(t *testing.T, brokerURL, databaseURL string) *patient {
	t.Helper()
	p := &patient{blobs: t.TempDir()}
	p.Services, p.Now = standalone.Services(), time.Now
	p.Config = service.Config{
		Broker:      broker.Config{URL: brokerURL, Replicas: 1},
		Auth:        auth.Config{Secret: clusterSecret, Issuer: "usher", Audience: "usher"},
		DatabaseURL: databaseURL,
		BucketURL:   "file://" + p.blobs,
		PublicURL:   "https://usher.example",
		MailFrom:    "usher@usher.example",
		SMTPURL:     "smtp://" + newCatcher(t).address,
	}
	var err error
	p.broker, err = broker.Connect(t.Context(), p.Config.Broker, testLog(t))
	require.NoError(t, err)
	t.Cleanup(p.broker.Close)
	require.NoError(t, p.broker.Provision(t.Context()))
	p.db = openDatabase(t, databaseURL)
	require.NoError(t, postgres.Migrate(t.Context(), p.db, service.Migrations(p.Services...)...))
	var all []string
	for _, c := range p.broker.Names().Consumers() {
		all = append(all, c.Name)
	}
	leave, err := p.broker.Announce(all)
	require.NoError(t, err)
	t.Cleanup(leave)
	return p
}

func (p *patient) execute(t *testing.T, statement string, args ...any) {
	t.Helper()
	res, err := p.db.ExecContext(t.Context(), statement, args...)
	require.NoError(t, err)
	n, err := res.RowsAffected()
	require.NoError(t, err)
	require.Positive(t, n, "nothing was changed")
}

// amiss is all that is not green.
func amiss(findings []doctor.Finding) (all []doctor.Finding) {
	for _, f := range findings {
		if f.Verdict != doctor.Green {
			all = append(all, f)
		}
	}
	return all
}

// natsServer runs a server of its own with this configuration, and returns where clients
// and where its monitoring are reached.
func natsServer(t *testing.T, configuration string) (url, monitoring string) {
	t.Helper()
	clients, health := freeAddress(), freeAddress()
	conf := filepath.Join(t.TempDir(), "nats.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, "listen: %q, http: %q\n%s", clients, health, configuration), 0o600))
	launch(t, exec.Command(serverProgram(t, "nats", "nats-server"), "--config", conf))
	require.Eventually(t, func() bool {
		res, err := client.Get("http://" + health + "/healthz")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, patience, glance)
	return "nats://" + clients, "http://" + health
}

func TestDoctorFindsNothingAmissInWhatIsWell(t *testing.T) {
	t.Parallel()
	database, err := private.Start(t.Context(), filepath.Join(dataFolder(t), "postgres"), testLog(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	url, monitoring := natsServer(t, fmt.Sprintf("jetstream { store_dir: %q, sync_interval: always, max_file_store: 100GB }", t.TempDir()))
	p := patientOn(t, url, database.URL())
	p.Monitoring = []string{monitoring}
	findings := doctor.Examine(t.Context(), p.Patient)
	require.Empty(t, amiss(findings))
	var checks []string
	for _, f := range findings {
		checks = append(checks, f.Check)
	}
	require.Equal(t, []string{
		"settings",
		"broker", "broker sync", "streams", "replicas", "broker storage", "dead messages", "broker clock", "stages",
		"database", "database sync", "migrations", "orphans", "unfinished imports", "database clock",
		"bucket", "mail server",
	}, checks)
	left, err := os.ReadDir(filepath.Join(p.blobs, "doctor"))
	require.NoError(t, err)
	require.Empty(t, left, "the blob that it has tried with")
}

// ailment is something that is wrong, and what must be said of it.
type ailment struct {
	name    string
	spoil   func(t *testing.T, p *patient)
	verdict doctor.Verdict
	check   string
	says    string
}

// show looks at what is wrong, and at nothing else being said.
func (a ailment) show(t *testing.T) {
	p := newPatient(t)
	a.spoil(t, p)
	var others []doctor.Finding
	found := ""
	for _, f := range amiss(doctor.Examine(t.Context(), p.Patient)) {
		switch f.Check {
		case a.check:
			found += f.Says + "\n"
			require.Equal(t, a.verdict, f.Verdict, f.Says)
			require.NotEmpty(t, f.Todo)
		case "database sync", "broker sync": // so it is on the servers of tests
		default:
			others = append(others, f)
		}
	}
	require.Contains(t, found, a.says)
	require.Empty(t, others, "and nothing else is amiss")
}

// ailments of everything that a doctor looks at.
var ailments = []ailment{
	{"a secret that is too short", func(_ *testing.T, p *patient) { p.Config.Auth.Secret = "short" }, doctor.Red, "settings", "USHER_JWT_SECRET"},
	{"a secret that everybody can read", func(_ *testing.T, p *patient) {
		p.Config.Auth.Secret = "only-for-a-laptop-because-anybody-can-read-it"
	}, doctor.Warning, "settings", "compose.yaml"},
	{"no public URL", func(_ *testing.T, p *patient) { p.Config.PublicURL = "" }, doctor.Warning, "settings", "USHER_PUBLIC_URL"},
	{"a public URL without encryption", func(_ *testing.T, p *patient) { p.Config.PublicURL = "http://usher.example" }, doctor.Warning, "settings", "not encrypted"},
	{"a sender of nowhere", func(_ *testing.T, p *patient) { p.Config.MailFrom = "usher@localhost" }, doctor.Warning, "settings", "usher@localhost"},
	{"a bucket in memory", func(_ *testing.T, p *patient) { p.Config.BucketURL = "mem://" }, doctor.Red, "settings", "the memory of each process"},

	{"a broker without JetStream", func(t *testing.T, p *patient) { p.Config.Broker.URL, _ = natsServer(t, "") }, doctor.Red, "broker", "JetStream"},
	{"a broker that is not there", func(_ *testing.T, p *patient) { p.Config.Broker.URL = "nats://" + freeAddress() }, doctor.Red, "broker", "no servers available"},
	{"no broker at all", func(_ *testing.T, p *patient) { p.Config.Broker.URL = "" }, doctor.Red, "broker", "USHER_NATS_URL is not set"},
	{"a monitoring that is not there", func(_ *testing.T, p *patient) { p.Monitoring = []string{"http://" + freeAddress()} }, doctor.Red, "broker sync", "refused"},
	{"a stream that is missing", func(t *testing.T, p *patient) {
		require.NoError(t, p.broker.JetStream().DeleteStream(t.Context(), "KV_REMAPS"))
	}, doctor.Red, "streams", "stream KV_REMAPS: "},
	{"a stream that was changed", func(t *testing.T, p *patient) {
		p.change(t, "STATUS", func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour })
	}, doctor.Red, "streams", "stream STATUS: max age is 1h0m0s, should be 24h0m0s"},
	{"a consumer that is missing", func(t *testing.T, p *patient) {
		require.NoError(t, p.broker.JetStream().DeleteConsumer(t.Context(), "IMPORTS", "event-archive-media"))
	}, doctor.Red, "streams", "consumer event-archive-media: "},
	{"too few replicas", func(_ *testing.T, p *patient) { p.Config.Broker.Replicas = 3 }, doctor.Red, "streams", "replicas is 1, should be 3"},
	{"a stage that is paused", func(t *testing.T, p *patient) {
		_, err := p.broker.JetStream().PauseConsumer(t.Context(), "IMPORTS", "event-archive-media", time.Now().Add(time.Hour))
		require.NoError(t, err)
	}, doctor.Warning, "stages", "event-archive-media is paused until "},
	{"a message that nobody could read", func(t *testing.T, p *patient) {
		_, err := p.broker.JetStream().Publish(t.Context(), p.broker.Names().Dead("event-archive-media"), []byte("?"))
		require.NoError(t, err)
	}, doctor.Warning, "dead messages", "1 messages could not be read"},

	{"a database that is not there", func(_ *testing.T, p *patient) {
		p.Config.DatabaseURL = "postgres://usher:hush@" + freeAddress() + "/usher"
	}, doctor.Red, "database", "refused"},
	{"no database at all", func(_ *testing.T, p *patient) { p.Config.DatabaseURL = "" }, doctor.Red, "database", "USHER_DATABASE_URL is not set"},
	{"a migration that is missing", func(t *testing.T, p *patient) {
		p.execute(t, `DELETE FROM media.migrations WHERE name = '0002_remote.sql'`)
	}, doctor.Red, "migrations", "media/0002_remote.sql"},
	{"a migration of a newer release", func(t *testing.T, p *patient) {
		p.execute(t, `INSERT INTO event.migrations VALUES ('event', '0099_later.sql', '')`)
	}, doctor.Red, "migrations", "event/0099_later.sql"},
	{"a migration that was another one", func(t *testing.T, p *patient) {
		p.execute(t, `UPDATE people.migrations SET checksum = '' WHERE name = '0001_people.sql'`)
	}, doctor.Red, "migrations", "0001_people.sql"},
	{"rows of an import that nobody knows", func(t *testing.T, p *patient) {
		p.execute(t, `INSERT INTO media.import_fence (import_id, attempt) VALUES ('11111111-2222-4333-8444-555555555555', 1)`)
	}, doctor.Red, "orphans", "1 imports that nobody knows have rows: 11111111-2222-4333-8444-555555555555 (media.import_fence)"},
	{"an import that the broker does not know", func(t *testing.T, p *patient) {
		p.show(t, uuid.NewString(), contracts.Started)
	}, doctor.Red, "unfinished imports", "1 imports are shown as under way"},

	{"a bucket that takes nothing", func(t *testing.T, p *patient) {
		require.NoError(t, os.WriteFile(filepath.Join(p.blobs, "doctor"), nil, 0o600), "a file where a folder is needed")
	}, doctor.Red, "bucket", "nothing can be stored"},
	{"a bucket that is not there", func(_ *testing.T, p *patient) {
		p.Config.BucketURL = "s3://usher?region=us-east-1&use_path_style=true&anonymous=true&endpoint=http://" + freeAddress()
	}, doctor.Red, "bucket", "it does not answer"},
	{"no bucket at all", func(_ *testing.T, p *patient) { p.Config.BucketURL = "" }, doctor.Red, "bucket", "USHER_BUCKET_URL is not set"},

	{"a mail server that is not there", func(_ *testing.T, p *patient) { p.Config.SMTPURL = "smtp://" + freeAddress() }, doctor.Red, "mail server", "refused"},
	{"a mail server that refuses", func(t *testing.T, p *patient) { p.Config.SMTPURL = "smtp://" + says(t, "554 not for you\r\n") }, doctor.Red, "mail server", "not for you"},
	{"a mail server that lets nobody sign in", func(t *testing.T, p *patient) {
		p.Config.SMTPURL = "smtp://usher:hush@" + newCatcher(t).address
	}, doctor.Red, "mail server", "AUTH"},
}

func TestDoctorTellsOfEachThingThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, a := range ailments {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			a.show(t)
		})
	}
}

// change changes the declaration of a stream.
func (p *patient) change(t *testing.T, stream string, change func(*jetstream.StreamConfig)) {
	t.Helper()
	have, err := p.broker.JetStream().Stream(t.Context(), stream)
	require.NoError(t, err)
	cfg := have.CachedInfo().Config
	change(&cfg)
	_, err = p.broker.JetStream().UpdateStream(t.Context(), cfg)
	require.NoError(t, err)
}

// show has the query service show an import.
func (p *patient) show(t *testing.T, id string, state contracts.State) {
	t.Helper()
	p.execute(t, `INSERT INTO query.imports (id, kind, owner_iss, owner_sub, owner_email, state, stage, waiting_for, making, note, attempt, version,
			progress, issues_error, issues_warning, issues_info, file_name, size, sha256, failure, created_at, updated_at)
		VALUES (?, 'event-archive', '', '', '', ?, 'event', '', '', '', 1, 1, '{}', 0, 0, 0, '', 0, '', '', now(), now())`, id, state)
}

// says is the address of a server that says something to everybody and nothing more.
func says(t *testing.T, something string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var open []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // it was closed
			}
			open = append(open, conn)
			_, _ = conn.Write([]byte(something)) // who has gone hears nothing
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		<-done
		for _, conn := range open {
			_ = conn.Close()
		}
	})
	return listener.Addr().String()
}

func TestDoctorTellsOfABrokerThatConfirmsBeforeItWrites(t *testing.T) {
	t.Parallel()
	url, monitoring := natsServer(t, fmt.Sprintf("jetstream { store_dir: %q, max_file_store: 100GB }", t.TempDir()))
	p := patientOn(t, url, postgrestest.URL(t))
	p.Monitoring = []string{monitoring}
	found := amiss(doctor.Examine(t.Context(), p.Patient))
	require.Len(t, found, 2)
	require.Equal(t, "broker sync", found[0].Check)
	require.Equal(t, doctor.Red, found[0].Verdict)
	require.Contains(t, found[0].Says, "every 2m0s, and confirms before")
	require.Equal(t, "database sync", found[1].Check, "the database of tests does not sync")
	require.Equal(t, doctor.Red, found[1].Verdict)
	require.Contains(t, found[1].Says, "fsync")
}

func TestDoctorTellsOfAStreamThatIsNearlyFull(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.change(t, "IMPORTS", func(c *jetstream.StreamConfig) { c.MaxBytes = 100_000 })
	look := func() doctor.Finding {
		for _, f := range doctor.Examine(t.Context(), p.Patient) {
			if f.Check == "broker storage" {
				return f
			}
		}
		return doctor.Finding{}
	}
	require.Equal(t, doctor.Green, look().Verdict)
	fill := func(bytes int) {
		_, err := p.broker.JetStream().Publish(t.Context(), "usher.import.some", make([]byte, bytes))
		require.NoError(t, err)
	}
	fill(85_000)
	require.Equal(t, doctor.Warning, look().Verdict)
	fill(12_000)
	require.Equal(t, doctor.Red, look().Verdict)
	require.Contains(t, look().Says, "IMPORTS is full to 97 %")
}

func TestDoctorTellsOfStagesThatNobodyRuns(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	id := olga.upload(t, made(t, 10, 5, 2))
	require.Eventually(t, func() bool { return olga.task(t, id).WaitingFor == contracts.Media }, patience, glance)
	told, err := usher(t, c.env, "doctor").CombinedOutput()
	require.Error(t, err, "the database does not sync")
	require.Contains(t, string(told), "nobody runs event-archive-media, and 1 messages wait for that")
}

func TestDoctorTellsOfClocksThatAreApart(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	for by, want := range map[time.Duration]doctor.Verdict{
		time.Minute: doctor.Red, -time.Minute: doctor.Red, 12 * time.Second: doctor.Warning, 0: doctor.Green,
	} {
		p.Now = func() time.Time { return time.Now().Add(by) }
		seen := 0
		for _, f := range doctor.Examine(t.Context(), p.Patient) {
			if f.Check == "broker clock" || f.Check == "database clock" {
				require.Equal(t, want, f.Verdict, "%s: %s", by, f.Says)
				seen++
			}
		}
		require.Equal(t, 2, seen)
	}
}

func TestDoctorMissesAServerOfACluster(t *testing.T) {
	t.Parallel()
	nodes := startNodes(t)
	var addresses []string
	for _, n := range nodes {
		addresses = append(addresses, n.client)
	}
	c := clusterOn(t, strings.Join(addresses, ","), testDatabase(t), "file://"+t.TempDir(), "USHER_NATS_REPLICAS=3")
	cfg := service.Config{Broker: broker.Config{URL: brokerURL(c.brokers, contracts.Provisioner), CA: c.authority, Replicas: 3}}
	look := func() (found []doctor.Finding) {
		for _, f := range doctor.Examine(t.Context(), doctor.Patient{Config: cfg, Now: time.Now}) {
			if f.Check == "replicas" || f.Check == "streams" {
				found = append(found, f)
			}
		}
		return found
	}
	require.Eventually(t, func() bool { return len(amiss(look())) == 0 }, patience, patience/1000, "all are there")
	nodes["node-1"].kill(t)
	require.Eventually(t, func() bool {
		found := amiss(look())
		return len(found) > 0 && found[0].Verdict == doctor.Warning && strings.Contains(found[0].Says, "node-1 is away")
	}, patience, patience/1000)
}

func TestDoctorEndsWhateverDoesNotAnswer(t *testing.T) {
	t.Parallel()
	cfg := service.Config{
		Broker:      broker.Config{URL: "nats://" + says(t, ""), Replicas: 1},
		DatabaseURL: "postgres://usher:hush@" + says(t, "") + "/usher",
		BucketURL:   "s3://usher?region=us-east-1&use_path_style=true&anonymous=true&endpoint=http://" + says(t, ""),
		SMTPURL:     "smtp://usher:hush@" + says(t, ""),
		MailFrom:    "usher@usher.example",
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	reds := make(map[string]bool)
	for _, f := range doctor.Examine(ctx, doctor.Patient{Config: cfg, Now: time.Now}) {
		reds[f.Check] = f.Verdict == doctor.Red
		require.NotContains(t, f.Says+f.Todo, "hush")
	}
	require.NoError(t, ctx.Err(), "it takes longer than a minute")
	for _, check := range []string{"broker", "database", "bucket", "mail server"} {
		require.True(t, reds[check], check)
	}
}

func TestDoctorPrintsJSONWithoutSecretsAndTellsByItsStatus(t *testing.T) {
	t.Parallel()
	cmd := usher(t, []string{
		"USHER_NATS_URL=nats://usher:hush-broker@" + freeAddress(),
		"USHER_DATABASE_URL=postgres://usher:hush-database@" + freeAddress() + "/usher",
		"USHER_BUCKET_URL=s3://usher?region=us-east-1&use_path_style=true&endpoint=http://" + freeAddress(),
		"AWS_ACCESS_KEY_ID=usher", "AWS_SECRET_ACCESS_KEY=hush-bucket",
		"USHER_SMTP_URL=smtp://usher:hush-mail@" + freeAddress(),
		"USHER_JWT_SECRET=hush-short",
	}, "doctor", "--json", "--nats-monitoring", "http://usher:hush-monitoring@"+freeAddress())
	told, err := cmd.Output()
	exit := new(exec.ExitError)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 1, exit.ExitCode())
	require.Empty(t, string(exit.Stderr))
	require.NotContains(t, string(told), "hush")
	var findings []doctor.Finding
	require.NoError(t, json.Unmarshal(told, &findings))
	require.Len(t, amiss(findings), 7, string(told)) // three of the settings, and each that is away
}

func TestDoctorLooksAtTheFolderOfAnUsherThatIsStopped(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := upAlone(t, folder)
	told, err := usher(t, nil, "doctor", "--data", folder).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(told), "in use")
	p.stop(t)
	told, err = usher(t, nil, "doctor", "--data", folder).CombinedOutput()
	require.NoError(t, err, string(told))
	require.NotContains(t, string(told), "red ")
	require.NotContains(t, string(told), "warning ")
	told, err = usher(t, nil, "doctor", "--data", filepath.Join(folder, "none")).CombinedOutput()
	require.Error(t, err)
	require.NoDirExists(t, filepath.Join(folder, "none"), string(told))
}
