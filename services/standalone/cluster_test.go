package standalone_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// deployment is what compose.yaml describes, as processes of this machine: the
// same programs with the same arguments and settings, but for the addresses and
// folders. PostgreSQL and the mail catcher are those of the tests.
type deployment struct {
	project *types.Project
	// elsewhere replaces the places of the containers by those of the processes.
	elsewhere *strings.Replacer
	database  database
	authority string
	programs  string
	// addresses are where the services and servers listen.
	addresses map[string]string
	running   map[string]*process
	mails     *catcher
	// broker and blobs are the folders of the servers.
	broker, blobs string
	url           string
}

func newDeployment(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{
		project: composed(t), database: database{superuser: postgrestest.URL(t), secure: sharedAddress}, authority: authority(t),
		programs: t.TempDir(), blobs: t.TempDir(),
		addresses: make(map[string]string), running: make(map[string]*process), mails: newCatcher(t),
	}
	for _, name := range []string{"nats", "health", "s3"} {
		d.addresses[name] = freeAddress()
	}
	for _, s := range contracts.Services() {
		d.addresses[string(s)] = freeAddress()
	}
	d.elsewhere = strings.NewReplacer(
		"nats:4222", d.addresses["nats"], "s3:7070", d.addresses["s3"], "mail:1025", d.mails.address,
		"/data", d.blobs, ":7070", d.addresses["s3"], "exec versitygw", "exec "+serverProgram(t, "s3", "versitygw"),
	)
	for _, s := range contracts.Services() {
		d.build(t, string(s), string(s))
	}
	d.build(t, "standalone", "usher")

	makeRoles(t, postgrestest.Program(t, "psql"), d.database.superuser, composeOwner,
		[]byte(deploymentFile(t, deployments.RolesFile)), d.environment(t, "postgres"))
	d.broker = t.TempDir()
	d.startBroker(t)
	s3 := d.project.Services["s3"]
	shell := append(slices.Clone(s3.Entrypoint), d.elsewhere.Replace(s3.Command[0]))
	d.start(t, "s3", exec.Command(shell[0], shell[1:]...), "http://"+d.addresses["s3"]+"/health")

	for _, once := range []string{"provision", "migrate"} {
		cmd := exec.Command(filepath.Join(d.programs, "usher"), d.project.Services[once].Command...)
		cmd.Env = d.environment(t, once)
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, string(said))
	}
	services := make(map[contracts.Service]string)
	for _, s := range contracts.Services() {
		d.startService(t, string(s))
		services[s] = d.addresses[string(s)]
	}
	d.url = startFront(t, services)
	return d
}

// build makes a program as the Dockerfile does. Paths stay in it, so that it
// shares the build cache with the rest of the tests.
func (d *deployment) build(t *testing.T, service, program string) {
	t.Helper()
	all := instructions(t)
	at := slices.IndexFunc(all, func(i string) bool { return strings.HasPrefix(i, "RUN CGO_ENABLED=0 go build ") })
	require.GreaterOrEqual(t, at, 0)
	command := strings.TrimPrefix(all[at], "RUN ")
	output := filepath.Join(d.programs, program)
	for _, change := range [][2]string{{" -trimpath ", " "}, {"-o /service ", "-o '" + output + "' "}} {
		require.Contains(t, command, change[0])
		command = strings.Replace(command, change[0], change[1], 1)
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = repository
	cmd.Env = append(os.Environ(), "SERVICE="+service, "VERSION=test")
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, string(said))
}

// composeOwner takes the place of the role that owns the database in compose.yaml, and
// begins those of the services: the server of the tests has other databases as well.
const composeOwner = "composed"

// environment is exactly what compose.yaml sets, so what is missing there is
// missing here. PATH is for the shell.
func (d *deployment) environment(t *testing.T, name string) []string {
	t.Helper()
	env := []string{"PATH=" + os.Getenv("PATH")}
	for key, value := range d.project.Services[name].Environment {
		if key == "USHER_DATABASE_URL" {
			u, err := url.Parse(*value)
			require.NoError(t, err)
			of, own := strings.CutPrefix(u.User.Username(), "usher")
			require.True(t, own, name)
			password, _ := u.User.Password()
			env = append(env, key+"="+d.database.urlFor(t, composeOwner+of, password, d.authority))
			continue
		}
		env = append(env, key+"="+d.elsewhere.Replace(*value))
	}
	return env
}

// natsURL is the broker's for who reads on in all of its streams.
func (d *deployment) natsURL() string {
	return d.elsewhere.Replace(*d.project.Services["query"].Environment["USHER_NATS_URL"])
}

// start runs a program, with the environment of its container, until it is well.
func (d *deployment) start(t *testing.T, name string, cmd *exec.Cmd, health string, more ...string) {
	t.Helper()
	cmd.Env = append(d.environment(t, name), more...)
	p, _ := launch(t, cmd)
	d.running[name] = p
	require.Eventually(t, func() bool {
		select {
		case <-p.done: // by itself, so it will not be well
			return true
		default:
		}
		res, err := client.Get(health)
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, patience, glance, "%s is not well", name)
	select {
	case <-p.done:
		require.FailNow(t, name+" has ended", p.log.String())
	default:
	}
}

func (d *deployment) startBroker(t *testing.T) {
	t.Helper()
	host, port, _ := strings.Cut(d.addresses["nats"], ":")
	_, health, _ := strings.Cut(d.addresses["health"], ":")
	here := map[string]string{
		"/etc/nats/nats.conf": filepath.Join(repository, "deployments", "nats.conf"),
		"0.0.0.0":             host, "4222": port, "8222": health, "/data": d.broker,
	}
	args := slices.Clone(d.project.Services["nats"].Command)
	for i, arg := range args {
		args[i] = cmp.Or(here[arg], arg)
	}
	t.Cleanup(func() { require.NotContains(t, d.running["nats"].log.String(), refusal, "a permission is missing") })
	d.start(t, "nats", exec.Command(serverProgram(t, "nats", "nats-server"), args...), "http://"+d.addresses["health"]+"/healthz")
}

func (d *deployment) startService(t *testing.T, name string) {
	t.Helper()
	d.start(t, name, exec.Command(filepath.Join(d.programs, name)),
		"http://"+d.addresses[name]+"/readyz", "USHER_LISTEN="+d.addresses[name])
}

func (d *deployment) as(t *testing.T, email string, more ...string) api {
	t.Helper()
	secret := "USHER_JWT_SECRET=" + *d.project.Services["query"].Environment["USHER_JWT_SECRET"]
	return api{url: d.url, token: output(t, []string{secret}, append([]string{"token", "--email", email}, more...)...)}
}

// uploadAtOnce uploads archives side by side and returns the ids of the imports.
func (a api) uploadAtOnce(t *testing.T, archives [][]byte) []string {
	t.Helper()
	ids, errs := make([]string, len(archives)), make([]error, len(archives))
	var group sync.WaitGroup
	for i, archive := range archives {
		req := a.uploadOf(t, archive)
		req.Header.Set("Authorization", "Bearer "+a.token)
		group.Go(func() { ids[i], errs[i] = accepted(req) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	return ids
}

func accepted(req *http.Request) (string, error) {
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusAccepted {
		return "", fmt.Errorf("%s: %s", res.Status, body)
	}
	var answer struct {
		ID string `json:"id"`
	}
	return answer.ID, json.Unmarshal(body, &answer)
}

func TestDeploymentLosesAndDoublesNothingWhenAStageAndTheBrokerAreKilled(t *testing.T) {
	t.Parallel()
	d := newDeployment(t)
	olga := d.as(t, "olga@organizers.example")
	var archives [][]byte
	for seed := range uint64(10) {
		archives = append(archives, made(t, 120, 60, seed))
	}
	// Killed where it is in the middle of one import and others wait for it; at the latest
	// where it would tell the end of one, which it is kept from.
	db := openDatabase(t, d.database.superuser)
	letGo := hold(t, db, "media.stage_run", writers)
	ids := olga.uploadAtOnce(t, archives)
	unfinished := func() (all []contracts.Task) {
		for _, id := range ids {
			if task := olga.task(t, id); !task.State.Final() {
				all = append(all, task)
			}
		}
		return all
	}
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(unfinished(), func(task contracts.Task) bool {
			return task.Progress[contracts.MediaFiles].Done > 0
		}) || howMany(t, db, heldBy("media.stage_run")) > 0
	}, patience, time.Millisecond)
	d.running["media"].kill(t)
	require.NotEmpty(t, unfinished(), "killed too late to be in the middle")
	letGo()
	d.running["nats"].kill(t)
	d.startBroker(t)
	d.startService(t, "media")

	for i, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, expected(t, archives[i]), olga.inventory(t, result.ID))
	}
	require.Equal(t, 10, olga.total(t, "/v1/events"))
	d.requirePictures(t, olga)
	require.Equal(t, 10, olga.total(t, "/v1/imports"))
	require.Equal(t, 10, olga.total(t, "/v1/notifications"))

	// One mail each.
	admin := d.as(t, "ada@admins.example", "--admin")
	require.Eventually(t, func() bool {
		var mails struct{ Data []mailState }
		admin.get(t, "/v1/mails", &mails)
		return len(mails.Data) == 10 && !slices.ContainsFunc(mails.Data, func(m mailState) bool { return m.State != "sent" })
	}, patience, glance)
	var want []string
	for _, id := range ids {
		want = append(want, fmt.Sprintf("<import.%s.1@localhost>", id))
	}
	require.ElementsMatch(t, want, d.mails.distinctIDs(t))
	require.Len(t, d.mails.caught(t), 10)

	d.requireNothingLeftOver(t, ids)
}

// requirePictures looks whether files come from where browsers are: the store is
// in a network of its own, so nothing may lead there.
func (d *deployment) requirePictures(t *testing.T, who api) {
	t.Helper()
	stays := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	event := who.all(t, "/v1/events")[0].ID
	files := who.all(t, "/v1/events/"+event+"/media")
	require.NotEmpty(t, files)
	for _, file := range files {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+"/v1/events/"+event+"/media/"+file.ID+"/original", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+who.token)
		res, err := stays.Do(req)
		require.NoError(t, err)
		size, err := io.Copy(io.Discard, res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.Positive(t, size)
	}
}

// requireNothingLeftOver looks at what no interface shows: nobody has a message
// that is not handled, none was given up, and the store holds the files of these
// imports alone. What was said on the way is held against its schemas.
func (d *deployment) requireNothingLeftOver(t *testing.T, ids []string) {
	t.Helper()
	asQuery := nats.CustomInboxPrefix(contracts.Names{}.Inbox(string(contracts.QueryService)))
	nc, err := nats.Connect(d.natsURL(), asQuery, unhurried)
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	var names contracts.Names
	require.Eventually(t, func() bool {
		for _, c := range names.Consumers() {
			consumer, err := js.Consumer(t.Context(), c.Stream, c.Name)
			if err != nil || consumer.CachedInfo().NumPending > 0 || consumer.CachedInfo().NumAckPending > 0 {
				return false
			}
		}
		return true
	}, patience, glance)
	dead, err := js.Stream(t.Context(), names.DeadStream())
	require.NoError(t, err)
	require.Zero(t, dead.CachedInfo().State.Msgs)
	holdMessages(t, d.natsURL(), asQuery)

	files := make(map[string]bool)
	for _, kind := range []string{"archives", "media"} {
		entries, err := os.ReadDir(filepath.Join(d.blobs, "usher", kind))
		require.NoError(t, err)
		for _, entry := range entries {
			files[entry.Name()] = true
		}
	}
	require.ElementsMatch(t, ids, slices.Collect(maps.Keys(files)))
}
