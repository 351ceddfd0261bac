package upload

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
)

// publishing changes what comes of publishing; tries are counted from 1.
func publishing(f func(try int64, next message.Publisher, topic string, msg *message.Message) error) func(*Receiver) {
	var tries atomic.Int64
	return func(u *Receiver) {
		u.Publisher = &publisher{Publisher: u.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
			return f(tries.Add(1), next, topic, msg)
		}}
	}
}

func impatient(u *Receiver) { u.patience, u.hint = 300*time.Millisecond, 300*time.Millisecond }

func upload(t *testing.T, b *bench) answer {
	t.Helper()
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	return b.post(t, contentType, bytes.NewReader(body))
}

// unavailable asserts a 503 that says when to come back, and one log record.
func (b *bench) unavailable(t *testing.T, a answer, code string, blobs int) {
	t.Helper()
	require.Equal(t, code, a.body["code"])
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Len(t, b.blobs(t), blobs)
	require.Equal(t, 1, strings.Count(b.logged.String(), `"level":"ERROR"`), b.logged.String())
	require.Contains(t, b.logged.String(), code)
}

func TestAnnounceRepeatsWhatTheBrokerDidNotConfirm(t *testing.T) {
	t.Parallel()
	unsent := errors.New("no connection")
	for name, publish := range map[string]func(try int64, next message.Publisher, topic string, msg *message.Message) error{
		"stored, the confirmation lost": func(try int64, next message.Publisher, topic string, msg *message.Message) error {
			if err := next.Publish(topic, msg); err != nil {
				return err
			}
			return map[bool]error{true: broker.ErrUnknown}[try == 1]
		},
		"lost on the way": func(try int64, next message.Publisher, topic string, msg *message.Message) error {
			if try < 3 {
				return broker.ErrUnknown
			}
			return next.Publish(topic, msg)
		},
		"not sent": func(try int64, next message.Publisher, topic string, msg *message.Message) error {
			if try < 3 {
				return unsent
			}
			return next.Publish(topic, msg)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, publishing(publish))
			a := upload(t, b)
			require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
			require.EqualValues(t, 1, b.messages(t))
			_, request, _ := b.request(t, a.body["id"].(string))
			require.Equal(t, []string{request.Blob}, b.blobs(t))
		})
	}
}

func TestAnnounceLooksAgainWhereItCouldNotReadWhatIsThere(t *testing.T) {
	t.Parallel()
	looks := 0
	b := setup(t, publishing(func(try int64, next message.Publisher, topic string, msg *message.Message) error {
		return errors.Join(next.Publish(topic, msg), map[bool]error{true: broker.ErrUnknown}[try == 1])
	}), func(u *Receiver) {
		last := u.Last
		u.Last = func(ctx context.Context, stream, subject string) (broker.Stored, error) {
			if looks++; looks == 1 {
				return broker.Stored{}, errors.New("no connection")
			}
			return last(ctx, stream, subject)
		}
	})
	require.Equal(t, http.StatusAccepted, upload(t, b).status)
	require.Equal(t, 2, looks)
	require.EqualValues(t, 1, b.messages(t))
}

func TestAnnounceKeepsTheArchiveWhereTheMessageMayHaveBeenStored(t *testing.T) {
	t.Parallel()
	t.Run("never confirmed", func(t *testing.T) {
		t.Parallel()
		b := setup(t, impatient, publishing(func(int64, message.Publisher, string, *message.Message) error { return broker.ErrUnknown }))
		b.unavailable(t, upload(t, b), "broker_unavailable", 1)
	})
	t.Run("not confirmed, then full", func(t *testing.T) {
		t.Parallel()
		b := setup(t, publishing(func(try int64, _ message.Publisher, _ string, _ *message.Message) error {
			return map[bool]error{true: broker.ErrUnknown, false: broker.ErrFull}[try == 1]
		}))
		b.unavailable(t, upload(t, b), "import_stream_full", 1)
	})
}

func TestAnnounceRemovesTheArchiveOfAnImportThatCannotBe(t *testing.T) {
	t.Parallel()
	t.Run("nothing was ever sent", func(t *testing.T) {
		t.Parallel()
		b := setup(t, impatient, publishing(func(int64, message.Publisher, string, *message.Message) error { return errors.New("no connection") }))
		b.unavailable(t, upload(t, b), "broker_unavailable", 0)
	})
	t.Run("the stream is full", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		stream, err := b.broker.JetStream().Stream(t.Context(), b.Names.ImportsStream())
		require.NoError(t, err)
		config := stream.CachedInfo().Config
		config.MaxBytes = 100
		_, err = b.broker.JetStream().UpdateStream(t.Context(), config)
		require.NoError(t, err)
		b.unavailable(t, upload(t, b), "import_stream_full", 0)
		require.Zero(t, b.messages(t))
	})
	t.Run("another message is in its place", func(t *testing.T) {
		t.Parallel()
		b := setup(t, publishing(func(_ int64, next message.Publisher, topic string, msg *message.Message) error {
			other := message.NewMessage("another", msg.Payload)
			return errors.Join(next.Publish(topic, other), next.Publish(topic, msg))
		}))
		a := upload(t, b)
		require.Equal(t, http.StatusInternalServerError, a.status)
		require.Equal(t, "internal", a.body["code"])
		require.Empty(t, b.blobs(t))
		require.Contains(t, b.logged.String(), broker.ErrConflict.Error())
	})
}

func TestReceiveSaysSoWhereTheBrokerIsDown(t *testing.T) {
	t.Parallel()
	b := setup(t, impatient)
	b.embed.Close()
	a := upload(t, b)
	b.unavailable(t, a, "broker_unavailable", len(b.blobs(t)))
}

func TestReceiveSaysSoWhereTheBucketRefuses(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := setup(t, func(u *Receiver) {
		var err error
		u.Bucket, err = bucket.Open(t.Context(), "file://"+root)
		require.NoError(t, err)
	})
	require.NoError(t, os.WriteFile(filepath.Join(root, "archives"), nil, 0o600), "a file where a folder is needed")
	a := upload(t, b)
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.Equal(t, "storage_unavailable", a.body["code"])
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.NotContains(t, a.body["detail"], root)
	require.Zero(t, b.messages(t))
}
