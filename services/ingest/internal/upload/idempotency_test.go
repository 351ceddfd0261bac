package upload

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

// send uploads an archive of so many bytes, with the headers.
func (b *bench) send(t *testing.T, size int, headers ...string) answer {
	t.Helper()
	contentType, body := form(t, part{"file", "a.zip", archive(t, size)})
	return b.post(t, contentType, bytes.NewReader(body), headers...)
}

func TestRepeatedUploadIsAnsweredAsTheFirstAndLeavesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, 1000, begin.KeyHeader, "upload-1")
	require.Equal(t, http.StatusAccepted, first.status, "%v", first.body)
	id, err := uuid.Parse(first.body["id"].(string))
	require.NoError(t, err)
	require.Equal(t, uuid.Version(8), id.Version())
	require.Equal(t, uuid.RFC4122, id.Variant())

	again := b.send(t, 1000, begin.KeyHeader, "upload-1")
	require.Equal(t, http.StatusAccepted, again.status)
	require.Equal(t, first.body, again.body)
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	require.EqualValues(t, 1, b.messages(t))
	_, request, _ := b.request(t, id.String())
	require.Equal(t, []string{request.Blob}, b.blobs(t))
}

func TestKeyOfOtherBytesIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, 1000, begin.KeyHeader, "upload-1")
	other := b.send(t, 2000, begin.KeyHeader, "upload-1")
	require.Equal(t, http.StatusConflict, other.status, "%v", other.body)
	require.Equal(t, "idempotency_key_reused", other.body["code"])
	require.Equal(t, problem.ContentType, other.header.Get("Content-Type"))
	require.EqualValues(t, 1, b.messages(t))
	_, request, _ := b.request(t, first.body["id"].(string))
	require.Equal(t, []string{request.Blob}, b.blobs(t))

	require.Equal(t, first.body, b.send(t, 1000, begin.KeyHeader, "upload-1").body, "the first is what it was")
}

func TestKeyOfOtherOptionsIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, 1000, begin.KeyHeader, "upload-1")
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	other := b.postTo(t, "/v1/events/import/json?publish=true", contentType, bytes.NewReader(body), begin.KeyHeader, "upload-1")
	require.Equal(t, http.StatusConflict, other.status, "%v", other.body)
	require.EqualValues(t, 1, b.messages(t))
}

func TestKeyIsThatOfAnOwnerOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ids := make(map[any]bool)
	for _, who := range []auth.Identity{
		ada,
		{Issuer: "usher", Subject: "bob"},
		{Issuer: "another", Subject: "ada"},
	} {
		b.who = who
		a := b.send(t, 1000, begin.KeyHeader, "upload-1")
		require.Equal(t, http.StatusAccepted, a.status)
		ids[a.body["id"]] = true
	}
	require.Len(t, ids, 3)
	b.who = auth.Identity{Issuer: ada.Issuer, Subject: ada.Subject, Email: "new@conf.example"}
	require.True(t, ids[b.send(t, 1000, begin.KeyHeader, "upload-1").body["id"]], "an address is not who somebody is")
}

func TestUploadsOfOneKeyAtTheSameMomentBecomeOneImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contentType, body := form(t, part{"file", "a.zip", archive(t, 50_000)})
	const senders = 8
	answers := make([]string, senders)
	var group sync.WaitGroup
	for i := range senders {
		group.Go(func() {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/v1/events/import/json", bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			request.Header.Set("Content-Type", contentType)
			request.Header.Set(begin.KeyHeader, "at-once")
			response, err := b.server.Client().Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusAccepted {
				t.Error(response.StatusCode, string(text), err)
			}
			answers[i] = string(text)
		})
	}
	group.Wait()
	for _, a := range answers {
		require.JSONEq(t, answers[0], a)
	}
	require.EqualValues(t, 1, b.messages(t))
	var first struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(answers[0]), &first))
	_, request, _ := b.request(t, first.ID)
	require.Equal(t, []string{request.Blob}, b.blobs(t))
}

func TestRetryGetsThroughAfterACrashBehindTheBlob(t *testing.T) {
	t.Parallel()
	b := setup(t, publishing(func(try int64, next message.Publisher, topic string, msg *message.Message) error {
		if try == 1 {
			panic(http.ErrAbortHandler) // as if the process had ended here
		}
		return next.Publish(topic, msg)
	}))
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/v1/events/import/json", bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set(begin.KeyHeader, "upload-1")
	response, err := b.server.Client().Do(request)
	if err == nil { // the panic is answered as one of our own
		_ = response.Body.Close()
		require.Equal(t, http.StatusInternalServerError, response.StatusCode)
	}
	require.Zero(t, b.messages(t))
	require.Len(t, b.blobs(t), 1)

	a := b.send(t, 1000, begin.KeyHeader, "upload-1")
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	require.EqualValues(t, 1, b.messages(t))
	_, kept, _ := b.request(t, a.body["id"].(string))
	require.Contains(t, b.blobs(t), kept.Blob)
}

func TestConfirmationThatWasLostStaysTheOwnImportOfAKey(t *testing.T) {
	t.Parallel()
	b := setup(t, publishing(func(try int64, next message.Publisher, topic string, msg *message.Message) error {
		return errors.Join(next.Publish(topic, msg), map[bool]error{true: broker.ErrUnknown}[try == 1])
	}))
	a := b.send(t, 1000, begin.KeyHeader, "upload-1")
	require.Equal(t, http.StatusAccepted, a.status)
	_, request, _ := b.request(t, a.body["id"].(string))
	require.Equal(t, []string{request.Blob}, b.blobs(t))
}

func TestKeyIsFreeAgainWhenItsMessagesAreGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, 1000, begin.KeyHeader, "upload-1")
	stream, err := b.broker.JetStream().Stream(t.Context(), b.Names.ImportsStream())
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context()))

	other := b.send(t, 2000, begin.KeyHeader, "upload-1")
	require.Equal(t, http.StatusAccepted, other.status)
	require.Equal(t, first.body["id"], other.body["id"])
	_, request, _ := b.request(t, other.body["id"].(string))
	require.Empty(t, request.EarlierImport, "an import is not its own predecessor")
}

func TestReceiveRefusesAKeyThatIsNoneBeforeItReadsAnything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, keys := range map[string][]string{
		"empty":          {""},
		"too long":       {strings.Repeat("k", 256)},
		"with a space":   {"two words"},
		"not ASCII":      {"schlüssel"},
		"more than one":  {"a", "b"},
		"with a control": {"a\tb"},
	} {
		headers := make([]string, 0, 4)
		for _, key := range keys {
			headers = append(headers, begin.KeyHeader, key)
		}
		a := b.send(t, 1000, headers...)
		require.Equal(t, http.StatusBadRequest, a.status, name)
		require.Equal(t, "bad_idempotency_key", a.body["code"], name)
	}
	require.Empty(t, b.blobs(t))
	for _, key := range []string{"k", strings.Repeat("~", 255), `"8e03978e-40d5-43dd-bc93-6894a57f9324"`} {
		require.Equal(t, http.StatusAccepted, b.send(t, 1000, begin.KeyHeader, key).status, key)
	}
}

func TestUploadsWithoutAKeyStayApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, 1000)
	require.NotEqual(t, first.body["id"], b.send(t, 1000).body["id"])
	require.EqualValues(t, 2, b.messages(t))
}

func TestKeyOfACheckIsNoneOfAnImport(t *testing.T) {
	t.Parallel()
	contentType, body := form(t, part{"file", "a.zip", archive(t, 1000)})
	for _, paths := range [][2]string{
		{"/v1/events/import/json", "/v1/events/import/json?dry_run=true"},
		{"/v1/events/import/json?dry_run=true", "/v1/events/import/json"},
	} {
		b := setup(t)
		first := b.postTo(t, paths[0], contentType, bytes.NewReader(body), begin.KeyHeader, "upload-1")
		require.Equal(t, http.StatusAccepted, first.status, "%v", first.body)
		other := b.postTo(t, paths[1], contentType, bytes.NewReader(body), begin.KeyHeader, "upload-1")
		require.Equal(t, http.StatusConflict, other.status, "%v", other.body)
		require.Equal(t, "idempotency_key_reused", other.body["code"])
		require.EqualValues(t, 1, b.messages(t))
		require.Len(t, b.blobs(t), 1)
		require.Equal(t, first.body, b.postTo(t, paths[0], contentType, bytes.NewReader(body), begin.KeyHeader, "upload-1").body)
	}
}
