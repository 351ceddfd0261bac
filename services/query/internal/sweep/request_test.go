package sweep

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

func TestUploadsOfARequestThatCannotBeReadStay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var log bytes.Buffer
	b.log = slog.New(slog.NewTextHandler(&log, nil))
	torn := b.imported(t, contracts.EventArchive).failed(t, contracts.Event)
	b.folded(t)
	_, err := b.broker.JetStream().Publish(t.Context(), torn.subject(contracts.Ingest, contracts.OutcomeCompleted), []byte("{"))
	require.NoError(t, err)
	kept := []string{b.store(t, torn.carried.Blob, 0), b.store(t, bucket.ArchiveKey(torn.id, "other"), 0)}
	orphan := b.store(t, bucket.ArchiveKey(uuid.NewString(), "upload"), 0)
	b.folded(t)

	_, err = b.later(40*day).Sweep(t.Context(), true)
	require.NoError(t, err)
	require.Equal(t, 2, bytes.Count(log.Bytes(), []byte("request cannot be read")), "once in archives, once in orphans")
	require.Equal(t, []string{orphan}, b.sweep(t, 25*time.Hour, "orphans").Examples)
	require.ElementsMatch(t, kept, b.blobs(t))
}
