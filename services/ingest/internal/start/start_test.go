package start

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
)

func TestStartImportsTheCheckedBytesWithTheOptionsOfTheCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check := b.checked(t)
	a := b.start(t, check, "X-Request-Id", "request-7")
	id := a.accepted(t)
	require.NotEqual(t, check, id)
	require.Equal(t, "request-7", a.header.Get("X-Request-Id"))
	require.EqualValues(t, len(archive), a.body["size"])
	require.Equal(t, hash, a.body["sha256"])

	env, request := b.stored(t, id)
	require.Equal(t, ada.Owner(), env.Owner)
	require.Equal(t, "request-7", env.Correlation)
	require.Equal(t, 1, env.Attempt)
	require.Equal(t, contracts.Options{Publish: true, Mode: contracts.Lenient, FetchMedia: true}, request.Options)
	require.Equal(t, "lakeside.zip", request.FileName)
	require.True(t, strings.HasPrefix(request.Blob, "archives/"+id+"/"), request.Blob)
	copied, err := b.Bucket.ReadAll(t.Context(), request.Blob)
	require.NoError(t, err)
	require.Equal(t, archive, string(copied))
	require.Contains(t, b.logged.String(), "start accepted")
}

func TestStartingTwiceIsOneImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check := b.checked(t)
	first := b.start(t, check)
	first.accepted(t)
	blobs := b.blobs(t)
	b.who = root
	require.Equal(t, first.body, b.start(t, check).body)
	require.Equal(t, blobs, b.blobs(t))
	require.Equal(t, 2, b.requests(t))

	// Also when the file of the check is gone: the import has its own.
	require.NoError(t, b.Bucket.DeleteBelow(t.Context(), "archives/"+check))
	require.Equal(t, first.body, b.start(t, check).body)

	other := b.start(t, b.checked(t))
	require.NotEqual(t, first.body["id"], other.accepted(t))
	require.Equal(t, first.body["id"], other.body["earlier_import"])
}

func TestStartsAtTheSameMomentAreOneImportWithOneFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check := b.checked(t)
	answers := make([]answer, 8)
	var group sync.WaitGroup
	for n := range answers {
		group.Go(func() { answers[n] = b.start(t, check) })
	}
	group.Wait()
	for _, a := range answers {
		a.accepted(t)
		require.Equal(t, answers[0].body, a.body)
	}
	require.Equal(t, 2, b.requests(t))
	require.Len(t, b.blobs(t), 2, "that of the check and that of the import")
}

func TestStartBelongsToTheOwnerWhoeverDoesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check := b.checked(t)
	for _, who := range []auth.Identity{paul, {Issuer: "another", Subject: ada.Subject}} {
		b.who = who
		b.start(t, check).refused(t, http.StatusNotFound, "not_found")
	}
	b.who = root
	id := b.start(t, check).accepted(t)
	env, _ := b.stored(t, id)
	require.Equal(t, ada.Owner(), env.Owner)
	b.who = paul
	b.start(t, check).refused(t, http.StatusNotFound, "not_found")
	b.who = ada
	for _, unknown := range []string{uuid.NewString(), strings.ToUpper(check), "x", "*", "%3E", check + ".x"} {
		b.start(t, unknown).refused(t, http.StatusNotFound, "not_found")
	}
}

func TestStartIsRefusedWhereThereIsNothingToStart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed := b.upload(t, contracts.EventCheck)
	b.command(t, contracts.EventCheck, failed, contracts.Notify, &contracts.ImportFinished{
		State: contracts.Failure, Failure: "sessions line 2: no JSON", FailedStage: contracts.Event, Code: "invalid_archive",
	})
	replayed := b.upload(t, contracts.EventCheck)
	b.command(t, contracts.EventCheck, replayed, contracts.Ingest, &contracts.ReplayRequested{
		Carried: contracts.Carried{Blob: "archives/a"}, From: contracts.Event, By: ada.Owner(),
	})
	failing := b.upload(t, contracts.EventCheck)
	b.failed(t, failing)
	gone := b.checked(t)
	require.NoError(t, b.Bucket.DeleteBelow(t.Context(), "archives/"+gone))
	taken := b.checked(t)
	started := b.start(t, taken).accepted(t)
	b.command(t, contracts.EventArchive, started, contracts.Event, &contracts.DiscardRequested{By: ada.Owner()})
	blobs, requests := b.blobs(t), b.requests(t)
	for name, test := range map[string]struct {
		id     string
		status int
		code   string
	}{
		"an import":          {b.upload(t, contracts.EventArchive), http.StatusConflict, "not_a_check"},
		"one that runs":      {b.upload(t, contracts.EventCheck), http.StatusConflict, "check_running"},
		"replayed":           {replayed, http.StatusConflict, "check_running"},
		"failed, not ended":  {failing, http.StatusConflict, "check_failed"},
		"failed":             {failed, http.StatusConflict, "check_failed"},
		"without its upload": {gone, http.StatusGone, "upload_gone"},
		"taken back":         {taken, http.StatusConflict, "import_discarded"},
	} {
		t.Run(name, func(t *testing.T) { b.start(t, test.id).refused(t, test.status, test.code) })
	}
	require.Len(t, b.blobs(t), len(blobs)+2, "those of the two uploads above")
	require.Equal(t, requests+2, b.requests(t))
}

func TestStartThatWasStoredIsAcceptedHoweverLateItIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check := b.checked(t)
	tries := 0
	b.Publisher = &publisher{Publisher: b.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
		tries++
		return errors.Join(next.Publish(topic, msg), map[bool]error{true: broker.ErrUnknown}[tries == 1])
	}}
	id := b.start(t, check).accepted(t)
	require.Equal(t, 2, tries)
	_, request := b.stored(t, id)
	require.Contains(t, b.blobs(t), request.Blob)
}

// Another start may be first, and what it has begun be taken back, while the file is copied.
func TestStartThatComesBehindOneThatWasTakenBackIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check := b.checked(t)
	next, first := b.Publisher, true
	b.Publisher = &publisher{publish: func(_ message.Publisher, topic string, msg *message.Message) error {
		if first {
			first = false
			other := b.start(t, check).accepted(t)
			b.command(t, contracts.EventArchive, other, contracts.Event, &contracts.DiscardRequested{By: ada.Owner()})
		}
		return next.Publish(topic, msg)
	}}
	b.start(t, check).refused(t, http.StatusConflict, "import_discarded")
	require.Equal(t, 2, b.requests(t))
	require.Len(t, b.blobs(t), 2, "that of the check and that of the import, which its discard removes")
}

func TestStartSaysSoWhereItCannotBe(t *testing.T) {
	t.Parallel()
	unavailable := func(t *testing.T, a answer, code string) {
		t.Helper()
		a.refused(t, http.StatusServiceUnavailable, code)
		require.NotEmpty(t, a.header.Get("Retry-After"))
	}
	t.Run("the stream is full", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		check := b.checked(t)
		b.Publisher = &publisher{publish: func(message.Publisher, string, *message.Message) error { return broker.ErrFull }}
		unavailable(t, b.start(t, check), "import_stream_full")
		require.Len(t, b.blobs(t), 1, "that of the check")
	})
	t.Run("never confirmed", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.patience = 300 * time.Millisecond
		check := b.checked(t)
		b.Publisher = &publisher{publish: func(message.Publisher, string, *message.Message) error { return broker.ErrUnknown }}
		unavailable(t, b.start(t, check), "broker_unavailable")
		require.Len(t, b.blobs(t), 2, "the message may be there")
	})
	t.Run("the broker cannot be read", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		check := b.checked(t)
		b.Last = func(context.Context, string, string) (broker.Stored, error) {
			return broker.Stored{}, errors.New("no answer")
		}
		unavailable(t, b.start(t, check), "broker_unavailable")
	})
	t.Run("the store is away", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		check := b.checked(t)
		require.NoError(t, b.Bucket.Close())
		unavailable(t, b.start(t, check), "storage_unavailable")
	})
}
