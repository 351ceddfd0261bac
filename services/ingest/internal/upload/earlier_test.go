package upload

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/services/ingest/internal/earlier"
)

func TestReceiveNamesTheNewestEarlierImportOfTheSameBytes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, 1000)
	require.NotContains(t, first.body, "earlier_import")
	second := b.send(t, 1000)
	require.Equal(t, first.body["id"], second.body["earlier_import"])
	_, request, _ := b.request(t, second.body["id"].(string))
	require.Equal(t, first.body["id"], request.EarlierImport)
	require.Equal(t, second.body["id"], b.send(t, 1000).body["earlier_import"], "the newest of them")
	require.NotContains(t, b.send(t, 2000).body, "earlier_import", "other bytes")
}

func TestEarlierImportsOfOthersAreNotNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, 1000)
	for _, who := range []auth.Identity{{Issuer: "usher", Subject: "bob"}, {Issuer: "another", Subject: "ada"}} {
		b.who = who
		require.NotContains(t, b.send(t, 1000).body, "earlier_import")
	}
}

func TestRepeatedUploadNamesTheEarlierImportThatTheFirstNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.send(t, 1000)
	first := b.send(t, 1000, begin.KeyHeader, "upload-1")
	require.Equal(t, before.body["id"], first.body["earlier_import"])
	b.send(t, 1000)
	require.Equal(t, first.body, b.send(t, 1000, begin.KeyHeader, "upload-1").body)
}

func TestUploadsSucceedWhereTheHintCannotBeHad(t *testing.T) {
	t.Parallel()
	t.Run("the bucket cannot be opened", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(u *Receiver) {
			u.Uploads = func(context.Context) (jetstream.KeyValue, error) { return nil, errors.New("no connection") }
		})
		b.accepts(t, "earlier import not looked up", "upload not remembered")
	})
	t.Run("the bucket does not answer", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(u *Receiver) {
			u.hint = earlier.Patience
			u.Uploads = func(ctx context.Context) (jetstream.KeyValue, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		b.accepts(t, "earlier import not looked up", "upload not remembered")
	})
	t.Run("the bucket is gone", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		require.NoError(t, b.broker.JetStream().DeleteKeyValue(t.Context(), b.Names.UploadsBucket()))
		b.accepts(t, "earlier import not looked up", "upload not remembered")
	})
	t.Run("its value is no id", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		first := b.send(t, 1000)
		uploads, err := b.broker.Uploads(t.Context())
		require.NoError(t, err)
		_, err = uploads.Put(t.Context(), contracts.UploadKey(ada.Owner(), first.body["sha256"].(string)), []byte("no id"))
		require.NoError(t, err)
		b.accepts(t)
	})
}

// accepts asserts that an upload succeeds without a hint, and what is logged.
func (b *bench) accepts(t *testing.T, logged ...string) {
	t.Helper()
	a := b.send(t, 1000)
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	require.NotContains(t, a.body, "earlier_import")
	for _, text := range logged {
		require.Equal(t, 1, strings.Count(b.logged.String(), text), b.logged.String())
	}
}

func TestCheckIsToldOfAnEarlierImportAndIsNoneItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	check := func() answer {
		return b.postTo(t, "/v1/events/import/json?dry_run=true", contentType, bytes.NewReader(body))
	}
	require.NotContains(t, check().body, "earlier_import")
	first := b.send(t, 1000)
	require.NotContains(t, first.body, "earlier_import")
	require.Equal(t, first.body["id"], check().body["earlier_import"])
}
