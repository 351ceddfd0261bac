package standalone_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/doctor"
)

func TestFolderThatIsRestoredGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	folder, file := dataFolder(t), filepath.Join(t.TempDir(), "saved.tar.gz")
	mails := newCatcher(t)
	settings := "USHER_SMTP_URL=smtp://" + mails.address
	save := func() (string, error) {
		told, err := usher(t, nil, "backup", "--data", folder, "--to", file).CombinedOutput()
		return string(told), err
	}
	p := upAlone(t, folder, settings, "USHER_WORKERS=1")
	told, err := save()
	require.Error(t, err)
	require.Contains(t, told, "in use")
	require.NoFileExists(t, file)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := made(t, 200, 60, 3)
	var ids []string
	for range 6 {
		ids = append(ids, olga.upload(t, archive))
	}
	require.Eventually(t, func() bool {
		task := olga.task(t, ids[0])
		return task.State.Final() || task.Stage == contracts.Media
	}, patience, patience/10000)
	// Its database goes on without it.
	p.kill(t)
	told, err = save()
	require.NoError(t, err, told)
	told, err = save()
	require.Error(t, err)
	require.Contains(t, told, "is there already")
	require.NoError(t, os.RemoveAll(folder))

	elsewhere := filepath.Join(dataFolder(t), "restored")
	require.Equal(t, "restored in "+elsewhere, output(t, nil, "restore", "--from", file, "--data", elsewhere))
	again, err := usher(t, nil, "restore", "--from", file, "--data", elsewhere).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(again), "is there already")
	p = upAlone(t, elsewhere, settings)
	olga = as(t, p, elsewhere, "olga@organizers.example", false)
	for _, id := range append(ids, olga.upload(t, archive)) {
		require.Equal(t, expected(t, archive), olga.inventory(t, olga.succeeded(t, id).ID))
	}
	require.Len(t, olga.all(t, "/v1/events"), 7)
	require.Equal(t, 7, olga.total(t, "/v1/notifications"))
	require.Eventually(t, func() bool { return len(mails.distinctIDs(t)) == 7 }, patience, patience/1000)
}

func TestFileThatIsCutOffIsNotRestored(t *testing.T) {
	t.Parallel()
	folder, file := dataFolder(t), filepath.Join(t.TempDir(), "saved.tar.gz")
	for n := range 20 {
		require.NoError(t, os.WriteFile(filepath.Join(folder, fmt.Sprint(n)), make([]byte, 10_000*n), 0o600))
	}
	output(t, nil, "backup", "--data", folder, "--to", file)
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, length := range []int{0, 5, len(whole) / 2, len(whole) - 9, len(whole) - 1} {
		require.NoError(t, os.WriteFile(file, whole[:length], 0o600))
		restored := filepath.Join(t.TempDir(), "restored")
		told, err := usher(t, nil, "restore", "--from", file, "--data", restored).CombinedOutput()
		require.Error(t, err, "%d bytes: %s", length, told)
		left, err := os.ReadDir(filepath.Dir(restored))
		require.NoError(t, err)
		require.Empty(t, left, "%d bytes", length)
	}
}

// saved is a backup of the three stores, and what is known of it.
type saved struct {
	streams, database, bucket string
	archive                   []byte
	// ids are of imports that were accepted before, and list is one of accounts.
	ids  []string
	list string
	// late were accepted after the streams had been saved, by their keys.
	late map[string]string
}

func TestStoresThatWereSavedInOrderAmidImportsGoOnTogether(t *testing.T) {
	t.Parallel()
	where := t.TempDir()
	s := saved{
		streams: filepath.Join(where, "streams"), database: filepath.Join(where, "database"), bucket: filepath.Join(where, "bucket"),
		archive: made(t, 120, 60, 3), late: make(map[string]string),
	}
	mails := newCatcher(t)
	settings := []string{"USHER_SMTP_URL=smtp://" + mails.address, "USHER_WORKERS=1"}
	if !t.Run("saved", func(t *testing.T) { s.save(t, settings) }) {
		return
	}
	t.Run("restored", func(t *testing.T) { s.restore(t, mails, settings) })
}

// save has imports run and saves all three stores meanwhile; all that it ran on is gone
// when it ends.
func (s *saved) save(t *testing.T, settings []string) {
	blobs := t.TempDir()
	c := clusterOn(t, startBroker(t), testDatabase(t), "file://"+blobs, settings...)
	front := c.run(t, "ingest", "query")
	olga, ada := c.as(t, front, "olga@organizers.example"), c.admin(t, front)
	s.list = ada.uploadList(t, historic+"wick,Ada,Wick,ada@crew.example,30,Berlin,a long enough word,\r\n")
	s.ids = []string{olga.upload(t, s.archive)}
	c.run(t, "event", "people", "schedule", "media", "notify")
	olga.succeeded(t, s.ids[0])
	// Media does not come to an end before the streams are saved, however long that takes.
	db := openDatabase(t, c.databaseURL)
	letGo := hold(t, db, "media.files", writers)
	for range 19 {
		s.ids = append(s.ids, olga.upload(t, s.archive))
	}
	awaitHeld(t, db, "media.files")

	gain(t, blobs, s.bucket)
	require.Equal(t, "saved in "+s.streams, output(t, c.env, "backup", "streams", "--to", s.streams))
	require.True(t, slices.ContainsFunc(s.ids, func(id string) bool { return !olga.task(t, id).State.Final() }), "nothing was under way any more")
	letGo()
	for range 2 {
		key := uuid.NewString()
		s.late[key] = olga.uploadBy(t, s.archive, key)
	}
	run(t, "pg_dump", "--format=custom", "--file="+s.database, c.databaseURL)
	gain(t, blobs, s.bucket)
}

// restore makes new stores of what was saved and holds what comes of it.
func (s *saved) restore(t *testing.T, mails *catcher, settings []string) {
	blobs, db, nats := t.TempDir(), testDatabase(t), startBroker(t)
	run(t, "pg_restore", "--exit-on-error", "--dbname="+db.superuser, s.database)
	administrator := []string{"USHER_NATS_URL=" + brokerURL(nats, contracts.Provisioner), "USHER_NATS_CA=" + authority(t)}
	require.Contains(t, output(t, administrator, "restore", "streams", "--from", s.streams), "restored")
	told, err := usher(t, administrator, "restore", "streams", "--from", s.streams).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(told), "there already")
	gain(t, s.bucket, blobs)
	c := clusterOn(t, nats, db, "file://"+blobs, settings...)
	front := c.run(t, "ingest", "query", "people", "notify")
	c.run(t, "event", "schedule", "media")
	olga, ada := c.as(t, front, "olga@organizers.example"), c.admin(t, front)

	want := expected(t, s.archive)
	for _, id := range s.ids {
		require.Equal(t, want, olga.inventory(t, olga.succeeded(t, id).ID))
	}
	ada.succeeded(t, s.list)
	require.Len(t, ada.usersOf(t, s.list), 1)

	// What was accepted later is gone, and whoever insists gets what there was of it.
	ids := slices.Clone(s.ids)
	for key, id := range s.late {
		require.Equal(t, id, olga.uploadBy(t, s.archive, key))
		ids = append(ids, id)
	}
	ids = append(ids, olga.upload(t, s.archive)) // and there are new ones
	for _, id := range ids[len(s.ids):] {
		require.Equal(t, want, olga.inventory(t, olga.succeeded(t, id).ID))
	}

	c.requireIdle(t)
	require.Equal(t, len(ids), olga.total(t, "/v1/events"))
	require.Equal(t, len(ids), olga.total(t, "/v1/notifications"))
	require.Equal(t, len(ids)+1, ada.total(t, "/v1/mails"))
	require.Eventually(t, func() bool { return len(mails.distinctIDs(t)) == len(ids)+1 }, patience, patience/1000)
	c.requireOneMessageEach(t)
	c.requireHealth(t)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, front.url+"/v1/imports/"+s.ids[3], nil)
	require.NoError(t, err)
	olga.do(t, req, http.StatusAccepted, nil)
	require.Eventually(t, func() bool { return olga.total(t, "/v1/events") == len(ids)-1 }, patience, patience/1000)
}

func (c cluster) admin(t *testing.T, p *process) api {
	t.Helper()
	return api{url: p.url, token: output(t, c.env, "token", "--email", "ada@admins.example", "--admin")}
}

// uploadBy sends an archive under a key.
func (a api) uploadBy(t *testing.T, archive []byte, key string) string {
	t.Helper()
	req := a.uploadOf(t, archive)
	req.Header.Set("Idempotency-Key", key)
	var accepted struct {
		ID string `json:"id"`
	}
	a.do(t, req, http.StatusAccepted, &accepted)
	return accepted.ID
}

// gain copies what is new in a bucket, as tools that keep two in step do, and removes
// nothing. What goes meanwhile stays away.
func gain(t *testing.T, from, to string) {
	t.Helper()
	source, err := bucket.Open(t.Context(), "file://"+from)
	require.NoError(t, err)
	defer source.Close() //nolint:errcheck // it was only read
	target, err := bucket.Open(t.Context(), "file://"+to)
	require.NoError(t, err)
	defer target.Close() //nolint:errcheck // each blob is durable before
	for listed, err := range source.Below(t.Context(), "") {
		require.NoError(t, err)
		there, err := target.Exists(t.Context(), listed.Key)
		require.NoError(t, err)
		if there || bucket.IsTorn(listed.Key) {
			continue
		}
		blob, err := source.OpenBlob(t.Context(), listed.Key)
		if errors.Is(err, bucket.ErrNotFound) {
			continue
		}
		require.NoError(t, err)
		_, err = target.Store(t.Context(), listed.Key, blob, "")
		require.NoError(t, err)
		require.NoError(t, blob.Close())
	}
}

// run runs a program of PostgreSQL.
func run(t *testing.T, program string, args ...string) {
	t.Helper()
	told, err := exec.CommandContext(t.Context(), postgrestest.Program(t, program), args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", program, told)
}

// requireOneMessageEach holds that nothing was told twice.
func (c cluster) requireOneMessageEach(t *testing.T) {
	t.Helper()
	var names contracts.Names
	imports, err := c.jetStream(t).Stream(t.Context(), names.ImportsStream())
	require.NoError(t, err)
	info, err := imports.Info(t.Context(), jetstream.WithSubjectFilter(names.AllImports()))
	require.NoError(t, err)
	for subject, n := range info.State.Subjects {
		require.Equal(t, uint64(1), n, subject)
	}
}

// requireHealth holds that a doctor with the rights of who administers finds nothing red,
// on a database that does not sync.
func (c cluster) requireHealth(t *testing.T) {
	t.Helper()
	cfg := service.Config{
		Broker:      broker.Config{URL: brokerURL(c.brokers, contracts.Provisioner), CA: c.authority, Replicas: 1},
		DatabaseURL: c.database.urlFor(t, migrator, passwordOf("owner"), c.authority),
	}
	for _, f := range doctor.Examine(t.Context(), doctor.Patient{Config: cfg, Services: standalone.Services(), Now: time.Now}) {
		if !slices.Contains([]string{"settings", "bucket", "database sync"}, f.Check) {
			require.NotEqual(t, doctor.Red, f.Verdict, "%s: %s", f.Check, strings.TrimSpace(f.Says))
		}
	}
}
