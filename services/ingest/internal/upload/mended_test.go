package upload

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/control"
)

// mending serves POST /v1/imports/{id}/rows/{source_type} beside uploads of lists.
func mending(t *testing.T, publish func(try int64, next message.Publisher, topic string, msg *message.Message) error) *bench {
	t.Helper()
	b := setup(t, func(u *Receiver) { u.Route = Users(1 << 20) })
	root := auth.Identity{Issuer: "usher", Subject: "root", Admin: true}
	publishing(publish)(b.Receiver)
	mended := Mended{Receiver: b.Receiver, Commands: control.New(control.Deps{
		Bucket: b.Bucket, Names: b.Names, Publisher: b.Publisher, Last: b.Last, Next: b.broker.Next, Log: b.Log,
	})}
	mux := http.NewServeMux()
	mux.Handle("POST /v1/imports/{id}/rows/{source_type}", problem.Handler(b.Log, func(w http.ResponseWriter, r *http.Request) error {
		return mended.Receive(w, r, root)
	}))
	b.server = httptest.NewServer(mux)
	t.Cleanup(b.server.Close)
	return b
}

// leftOut is an import of a list that has left rows out.
func (b *bench) leftOut(t *testing.T) (id string) {
	t.Helper()
	id = uuid.NewString()
	send := func(source contracts.Stage, subject string, payload contracts.Payload) {
		t.Helper()
		data, err := contracts.Encode(contracts.Envelope{
			ID: uuid.NewString(), Time: time.Now().UTC(), Source: string(source), Import: id, Kind: contracts.UserList, Attempt: 1,
			Owner: contracts.Owner{Issuer: "usher", Subject: "root"},
		}, payload)
		require.NoError(t, err)
		_, err = b.broker.JetStream().Publish(t.Context(), subject, data)
		require.NoError(t, err)
	}
	send(contracts.Ingest, b.Names.Outcome(contracts.UserList, contracts.Ingest, id, 1, contracts.OutcomeCompleted), &contracts.ImportRequested{
		Blob: "archives/" + id + "/upload", FileName: "crew.csv", Size: 4711,
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	})
	send(contracts.Notify, b.Names.Control(contracts.UserList, id), &contracts.ImportFinished{
		State: contracts.Success, Result: &contracts.Result{Accounts: &contracts.Accounts{Created: 1, Failed: 1}, URL: "https://usher.example/imports/" + id},
	})
	return id
}

func (b *bench) mend(t *testing.T) answer {
	t.Helper()
	contentType, body := form(t, part{"file", "failed-rows.csv", []byte(crew)})
	return b.postTo(t, "/v1/imports/"+b.leftOut(t)+"/rows/csv", contentType, bytes.NewReader(body))
}

func TestMendedRowsStayWhereTheirAttemptHasBegun(t *testing.T) {
	t.Parallel()
	b := mending(t, func(_ int64, next message.Publisher, topic string, msg *message.Message) error {
		return next.Publish(topic, msg)
	})
	a := b.mend(t)
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	require.Len(t, b.blobs(t), 1)
}

func TestMendedRowsOfARefusedCommandAreRemovedForThePasswordsInThem(t *testing.T) {
	t.Parallel()
	for code, publish := range map[string]func(int64, message.Publisher, string, *message.Message) error{
		"import_stream_full": func(int64, message.Publisher, string, *message.Message) error { return broker.ErrFull },
		"import_moved_on": func(_ int64, next message.Publisher, topic string, msg *message.Message) error {
			other := message.NewMessage(uuid.NewString(), msg.Payload)
			other.Metadata = msg.Metadata
			other.SetContext(msg.Context())
			return errors.Join(next.Publish(topic, other), next.Publish(topic, msg))
		},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			b := mending(t, publish)
			a := b.mend(t)
			require.Equal(t, code, a.body["code"], "%v", a.body)
			require.Empty(t, b.blobs(t))
		})
	}
}

func TestMendedRowsStayWhereTheirCommandMayHaveBeenStored(t *testing.T) {
	t.Parallel()
	b := mending(t, func(try int64, _ message.Publisher, _ string, _ *message.Message) error {
		return map[bool]error{true: broker.ErrUnknown, false: broker.ErrFull}[try == 1]
	})
	a := b.mend(t)
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.Equal(t, "import_stream_full", a.body["code"])
	require.Len(t, b.blobs(t), 1)
}
