package begin

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
)

const route = "POST /v1/events/import/json"

func TestKeyIDKeepsItsPartsApart(t *testing.T) {
	t.Parallel()
	who, now := auth.Identity{Issuer: "a", Subject: "bc"}, time.Now()
	a := KeyID(who, route, "k", now)
	require.Equal(t, a, KeyID(who, route, "k", now))
	require.NotEqual(t, a, KeyID(auth.Identity{Issuer: "ab", Subject: "c"}, route, "k", now))
	require.NotEqual(t, a, KeyID(who, "POST /v1/events/import/jso", "nk", now))
	require.NotEqual(t, a, KeyID(who, route, "K", now))
	require.NotEqual(t, a, KeyID(who, "POST /v1/users/import/json", "k", now))
}

// The broker forgets a request in time, the stages never forget an import.
func TestKeyLeadsToItsImportAsLongAsTheBrokerKeepsTheRequestAndThenToAnother(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b, err := broker.Connect(t.Context(), broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Provision(t.Context()))
	a := Announcer{Names: b.Names(), Publisher: b.Publisher(), Last: b.Last, Patience: Patience}
	stream, err := b.JetStream().Stream(t.Context(), a.Names.ImportsStream())
	require.NoError(t, err)

	who, day := auth.Identity{Issuer: "usher", Subject: "ada"}, 24*time.Hour
	begins := time.Unix(0, 0).Add(700 * contracts.ImportsKept)
	for _, began := range []time.Time{begins, begins.Add(day), begins.Add(contracts.ImportsKept - time.Nanosecond)} {
		require.NoError(t, stream.Purge(t.Context()))
		first, failed := a.importID(t.Context(), who, route, "k", began)
		require.Nil(t, failed)
		require.Equal(t, KeyID(who, route, "k", began), first)
		_, failed = a.Announce(t.Context(), Request{
			Envelope: contracts.Envelope{
				ID: uuid.NewString(), Time: began, Source: "ingest", Import: first, Kind: contracts.EventArchive, Attempt: 1,
				Owner: who.Owner(), Correlation: "c",
			},
			Payload: &contracts.ImportRequested{Blob: "archives/" + first + "/a.zip", FileName: "a.zip", Size: 1, SHA256: "00"},
		})
		require.Nil(t, failed)
		for _, later := range []time.Duration{0, day, 29 * day, contracts.ImportsKept - time.Nanosecond} {
			again, failed := a.importID(t.Context(), who, route, "k", began.Add(later))
			require.Nil(t, failed)
			require.Equal(t, first, again, "%s after %s", later, began)
		}
		other, failed := a.importID(t.Context(), who, route, "K", began.Add(day))
		require.Nil(t, failed)
		require.NotEqual(t, first, other)

		require.NoError(t, stream.Purge(t.Context())) // as the broker does when its time has come
		after, failed := a.importID(t.Context(), who, route, "k", began.Add(contracts.ImportsKept))
		require.Nil(t, failed)
		require.NotEqual(t, first, after)
	}
}

func TestRequestsWithoutAKeyBeginImportsOfTheirOwn(t *testing.T) {
	t.Parallel()
	one, failed := Announcer{}.ImportID(t.Context(), auth.Identity{}, route, "")
	require.Nil(t, failed)
	other, failed := Announcer{}.ImportID(t.Context(), auth.Identity{}, route, "")
	require.Nil(t, failed)
	require.NotEqual(t, one, other)
}
