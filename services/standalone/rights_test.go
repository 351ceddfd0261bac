package standalone_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// asked is a connection of an account, to try what the broker refuses.
type asked struct {
	account string
	nc      *nats.Conn
}

func (a asked) publishing(t *testing.T, subject string) error {
	t.Helper()
	require.NoError(t, a.nc.Publish(subject, nil))
	return a.refused(t, subject)
}

func (a asked) subscribing(t *testing.T, subject string) error {
	t.Helper()
	sub, err := a.nc.SubscribeSync(subject)
	require.NoError(t, err)
	defer func() { _ = sub.Unsubscribe() }() // it is none where it was refused
	return a.refused(t, subject)
}

// refused returns what the broker has said about the subject until now.
func (a asked) refused(t *testing.T, subject string) error {
	t.Helper()
	require.NoError(t, a.nc.Flush())
	err := a.nc.LastError()
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), `"`+strings.ToLower(subject)+`"`) {
		return nil
	}
	require.ErrorIs(t, err, nats.ErrPermissionViolation)
	return err
}

func TestBrokerRefusesEveryAccountWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	n := newNode(t, "usher")
	n.launch(t)
	n.awaitHealth(t)
	var names contracts.Names
	outcome := func(k contracts.Kind, s contracts.Stage) string {
		return names.Outcome(k, s, "an-import", 1, contracts.OutcomeCompleted)
	}
	// What nobody may, what only some may send, and what only some may hear.
	never := []string{"$JS.API.CONSUMER.DURABLE.CREATE.IMPORTS.mine", "$JS.API.STREAM.NAMES", "$SYS.REQ.SERVER.PING", "elsewhere"}
	sent, heard := make(map[string][]string), map[string][]string{
		">": nil, "usher.>": nil, names.AllImports(): nil, "_INBOX.>": nil, names.AllLive(): {"query"},
	}
	for _, stream := range []string{"IMPORTS", "STATUS", "DEAD", "KV_REMAPS", "KV_UPLOADS"} {
		never = append(never, "$JS.API.STREAM.DELETE."+stream)
		sent["$JS.API.STREAM.SNAPSHOT."+stream] = nil // what is in the buckets is made anew
		sent["$JS.API.STREAM.UPDATE."+stream] = []string{"provision"}
		sent["$JS.API.STREAM.CREATE."+stream] = []string{"provision"}
	}
	for _, c := range names.Consumers() {
		stage := string(c.Stage)
		sent["$JS.API.CONSUMER.MSG.NEXT.IMPORTS."+c.Name] = []string{stage}
		sent["$JS.ACK.IMPORTS."+c.Name+".1.1.1.1.0"] = []string{stage}
		sent["$JS.API.CONSUMER.CREATE.IMPORTS."+c.Name] = []string{"provision"}
		sent["$JS.API.CONSUMER.PAUSE.IMPORTS."+c.Name] = []string{"ingest"}
		never = append(never, "$JS.API.CONSUMER.DELETE.IMPORTS."+c.Name)
		sent[outcome(c.Kind, c.Stage)] = []string{stage}
		sent[names.Dead(c.Name)] = []string{stage}
	}
	for _, p := range contracts.Pipelines() {
		sent[outcome(p.Kind, contracts.Ingest)] = []string{"query"} // where an export is asked for
		if p.Kind.Uploaded() {
			sent[outcome(p.Kind, contracts.Ingest)] = []string{"ingest"}
		}
		sent[names.Control(p.Kind, "an-import")] = []string{"ingest", "notify"}
		for _, s := range p.Stages[1:] {
			sent[names.Status(p.Kind, "an-import")] = append(sent[names.Status(p.Kind, "an-import")], string(s))
		}
	}
	sent[names.Control(contracts.EventArchive, "an-import")] = []string{"ingest", "event", "notify"}
	sent["$JS.API.STREAM.PURGE.IMPORTS"] = []string{"query"}
	sent["$JS.API.STREAM.PURGE.STATUS"] = nil
	sent["$JS.API.STREAM.MSG.DELETE.IMPORTS"] = nil
	sent["$JS.API.STREAM.MSG.DELETE.DEAD"] = []string{"query"}
	sent["$JS.API.DIRECT.GET.KV_UPLOADS.$KV.UPLOADS.who.what"] = []string{"ingest"}
	sent["$JS.API.STREAM.MSG.GET.KV_UPLOADS"] = []string{"ingest"}
	sent["$KV.UPLOADS.who.what"] = []string{"ingest"}
	sent["$KV.REMAPS.an-import.1.speakers"] = []string{"people"}
	sent["$KV.REMAPS.an-import.1.sessions"] = []string{"schedule"}
	sent["$JS.API.STREAM.MSG.GET.KV_REMAPS"] = []string{"schedule", "media"}
	for _, stream := range []string{"IMPORTS", "STATUS", "DEAD"} {
		sent["$JS.API.STREAM.SNAPSHOT."+stream] = []string{"provision"}
		sent["$JS.API.STREAM.RESTORE."+stream] = []string{"provision"}
	}
	sent["$JS.API.CONSUMER.CREATE.STATUS.by-chance"] = []string{"query"}
	sent["$JS.API.CONSUMER.CREATE.DEAD.by-chance"] = []string{"query", "provision"}
	sent["$JS.API.CONSUMER.CREATE.IMPORTS.by-chance"] = []string{"query"}
	sent["$JS.API.CONSUMER.CREATE.KV_REMAPS.by-chance"] = []string{"event", "people", "schedule", "query"}
	sent["$JS.FC.KV_REMAPS.by-chance.0"] = []string{"event", "people", "schedule"}
	sent["usher.live.who.an-import"] = []string{"query"}
	sent["$SRV.PING.usher"] = []string{"query", "provision"}
	for _, verb := range []string{"PING", "INFO", "STATS"} {
		heard["$SRV."+verb+".usher"] = []string{"event", "people", "schedule", "media", "notify", "query"}
	}
	for _, a := range deployments.Accounts(names) {
		heard[names.Inbox(a.Name)+".>"] = []string{a.Name}
		never = append(never, names.Inbox(a.Name)+".answer")
	}

	for _, a := range deployments.Accounts(names) {
		nc, err := nats.Connect(brokerURL(n.client, a.Name), nats.RootCAs(authority(t)), unhurried,
			nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
		require.NoError(t, err)
		who := asked{a.Name, nc}
		for _, subject := range never {
			require.Error(t, who.publishing(t, subject), "%s may send to %s", a.Name, subject)
		}
		for subject, those := range sent {
			if slices.Contains(those, a.Name) {
				require.NoError(t, who.publishing(t, subject), "%s may not send to %s", a.Name, subject)
			} else {
				require.Error(t, who.publishing(t, subject), "%s may send to %s", a.Name, subject)
			}
		}
		for subject, those := range heard {
			if slices.Contains(those, a.Name) {
				require.NoError(t, who.subscribing(t, subject), "%s may not listen to %s", a.Name, subject)
			} else {
				require.Error(t, who.subscribing(t, subject), "%s may listen to %s", a.Name, subject)
			}
		}
		nc.Close()
	}
	// It is in the log, by which the tests of several processes would notice.
	require.Eventually(t, func() bool {
		return strings.Contains(n.log.String(), "Publish "+refusal+` - Subject "elsewhere"`) &&
			strings.Contains(n.log.String(), "Subscription "+refusal+` - Subject "usher.>"`)
	}, patience, glance)
}

func TestDatabaseRefusesEveryRoleWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	db := testDatabase(t)
	trusted := authority(t)
	env := []string{"USHER_DATABASE_URL=" + db.urlFor(t, migrator, passwordOf("owner"), trusted)}
	output(t, env, "migrate")
	all := openDatabase(t, db.superuser)
	_, err := all.ExecContext(t.Context(), "SET ROLE "+migrator+"; CREATE TABLE event.later (n integer); CREATE VIEW event.api_later AS SELECT n FROM event.later; RESET ROLE")
	require.NoError(t, err)
	output(t, env, "migrate") // as that of the next version

	const denied, notOwner = "permission denied", "must be owner"
	refused := map[string]map[string]string{
		"event": {
			"SELECT * FROM people.users": denied, "SELECT * FROM query.imports": denied, "SELECT * FROM people.api_speakers": denied,
			"UPDATE event.migrations SET checksum = ''": denied, "TRUNCATE event.events": denied,
			"CREATE TABLE event.mine (n integer)": denied, "CREATE SCHEMA mine": denied, "CREATE TABLE public.mine (n integer)": denied,
			"DROP TABLE event.events": notOwner, "ALTER TABLE event.events ADD COLUMN mine text": notOwner,
		},
		"people":   {"SELECT * FROM event.api_events": denied, "SELECT * FROM notify.mails": denied, "DELETE FROM media.files": denied},
		"schedule": {"SELECT * FROM people.api_accounts": denied, "SELECT * FROM people.speakers": denied, "SELECT * FROM event.api_remap": denied},
		"media":    {"SELECT * FROM people.users": denied, "UPDATE schedule.sessions SET title = ''": denied, "SELECT * FROM notify.mails": denied},
		"notify":   {"SELECT * FROM people.users": denied, "SELECT * FROM people.api_accounts": denied, "SELECT * FROM event.api_events": denied},
		"query": {
			"SELECT * FROM people.users": denied, "SELECT * FROM notify.mails": denied, "SELECT * FROM event.events": denied,
			"SELECT * FROM people.api_invitations": denied, "DELETE FROM event.api_events": denied, "SELECT * FROM event.api_later": denied,
			"SELECT * FROM media.stage_run": denied, "CREATE TEMPORARY TABLE mine (n integer)": denied,
		},
	}
	read := make(map[string]bool)
	for _, s := range standalone.Services() {
		if s.Migrations == nil {
			continue
		}
		name := string(s.Name)
		own, err := postgres.Open(t.Context(), db.urlFor(t, migrator+"_"+name, passwordOf(name), trusted), postgres.WithMaxConns(1))
		require.NoError(t, err)
		var encrypted bool
		require.NoError(t, own.NewRaw("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(t.Context(), &encrypted))
		require.True(t, encrypted || db.secure == "")
		require.NotEmpty(t, refused[name])
		for statement, why := range refused[name] {
			_, err := own.ExecContext(t.Context(), statement)
			require.ErrorContains(t, err, why, "%s: %s", name, statement)
		}
		var tables int
		require.NoError(t, own.NewRaw(`SELECT count(*) FROM pg_class WHERE relnamespace = ?::regnamespace AND relkind = 'r' AND relname <> 'migrations'
			AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
				AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))`, name).Scan(t.Context(), &tables))
		require.Zero(t, tables, "tables of its own that %s may not write to", name)
		for _, v := range contracts.ViewsFor(s.Name) {
			view := fmt.Sprintf("%s.%s", v.Schema, v.Name)
			_, err := own.ExecContext(t.Context(), "SELECT FROM "+view)
			require.NoError(t, err)
			read[view] = true
		}
		require.NoError(t, own.Close())
	}
	var views []string
	require.NoError(t, all.NewRaw(`SELECT schemaname || '.' || viewname FROM pg_views WHERE viewname LIKE 'api\_%' AND viewname <> 'api_later'`).Scan(t.Context(), &views))
	read["query.api_issues"] = true // of its own stage, by query itself
	for _, view := range views {
		require.True(t, read[view], "nobody reads %s", view)
	}
}

func TestServersThatNobodyKnownVouchesForAreRefused(t *testing.T) {
	t.Parallel()
	n := newNode(t, "usher")
	n.launch(t)
	n.awaitHealth(t)
	db := testDatabase(t)
	for command, env := range map[string][]string{
		"provision": {"USHER_NATS_URL=" + brokerURL(n.client, contracts.Provisioner)},
		"migrate":   {"USHER_DATABASE_URL=" + db.urlFor(t, migrator, passwordOf("owner"), "")},
	} {
		if command == "migrate" && db.secure == "" {
			continue // that server is not ours
		}
		p, _ := start(t, env, command)
		p.wait(t)
		require.Contains(t, p.log.String(), "certificate signed by unknown authority", command)
		require.NotContains(t, p.log.String(), accountSecret)
	}
}

func TestMessageThatNobodyCanReadIsBuriedShownAndDiscardedByTheAccounts(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people")
	var names contracts.Names
	subject := names.Outcome(contracts.EventArchive, contracts.Ingest, "019a0000-0000-7000-8000-000000000000", 1, contracts.OutcomeCompleted)
	_, err := c.jetStream(t).Publish(t.Context(), subject, []byte("no message of Usher"))
	require.NoError(t, err)
	env := append(c.env, "USHER_SERVER="+front.url, "USHER_TOKEN="+output(t, c.env, "token", "--email", "ada@admins.example", "--admin"))
	consumer := names.Consumer(contracts.EventArchive, contracts.Event)
	require.Eventually(t, func() bool { return strings.Contains(output(t, env, "dead", "list"), consumer) }, patience, 50*time.Millisecond)
	require.Contains(t, output(t, env, "dead", "show", "1"), "no message of Usher")
	output(t, env, "dead", "discard", "1")
	require.NotContains(t, output(t, env, "dead", "list"), consumer)
	imports, err := c.jetStream(t).Stream(t.Context(), names.ImportsStream())
	require.NoError(t, err)
	require.NoError(t, imports.Purge(t.Context())) // nothing there is to be of no schema in the end
}
