package upload

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	_ "gocloud.dev/blob/fileblob"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/announce"
)

// soon is how long a test waits for what has to happen.
const soon = 30 * time.Second

// ada is who uploads in the tests.
var ada = auth.Identity{Issuer: "usher", Subject: "ada", Email: "ada@conf.example"}

// bench is a receiver on a real broker, a file bucket and an HTTP server.
type bench struct {
	*Receiver
	server *httptest.Server
	broker *broker.Broker
	embed  *embedded.Server
	logged *log
	// who uploads; a test may change it between two requests.
	who auth.Identity
}

func setup(t *testing.T, change ...func(*Receiver)) *bench {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: filepath.Join(t.TempDir(), "nats")}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b, err := broker.Connect(t.Context(), broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Provision(t.Context()))
	t.Cleanup(func() {
		if b.Ping(context.Background()) == nil { // else the test has stopped the broker
			contracttest.Stored(context.Background(), t, b.JetStream(), b.Names())
		}
	})
	store, err := bucket.Open(t.Context(), "file://"+filepath.Join(t.TempDir(), "blobs"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })

	logged := new(log)
	u := New(Events(8<<20), announce.Deps{
		Bucket: store, Names: b.Names(), Publisher: b.Publisher(), Last: b.Last, Uploads: b.Uploads,
		Log: slog.New(slog.NewJSONHandler(logged, nil)),
	})
	u.hint = soon // else a hint is missed where the machine is slow
	for _, f := range change {
		f(u)
	}
	made := &bench{Receiver: u, broker: b, embed: server, logged: logged, who: ada}
	mux := http.NewServeMux()
	mux.Handle(u.path+"{source_type}", Lingering(problem.Handler(u.Log, func(w http.ResponseWriter, r *http.Request) error {
		return u.Receive(w, r, made.who)
	})))
	made.server = httptest.NewServer(mux)
	t.Cleanup(made.server.Close)
	return made
}

// log is a log that several requests write to and a test reads.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// archive is a zip of about so many bytes that do not repeat.
func archive(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	member, err := w.CreateHeader(&zip.FileHeader{Name: "event", Method: zip.Store})
	require.NoError(t, err)
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	_, err = member.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// part is one part of a form.
type part struct {
	name, file string
	content    []byte
}

func form(t *testing.T, parts ...part) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var field io.Writer
		var err error
		if p.file == "" {
			field, err = w.CreateFormField(p.name)
		} else {
			field, err = w.CreateFormFile(p.name, p.file)
		}
		require.NoError(t, err)
		_, err = field.Write(p.content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return w.FormDataContentType(), b.Bytes()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (b *bench) post(t *testing.T, contentType string, body io.Reader, headers ...string) answer {
	t.Helper()
	return b.postTo(t, "/v1/events/import/json", contentType, body, headers...)
}

func (b *bench) postTo(t *testing.T, path, contentType string, body io.Reader, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+path, body)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer of nobody") // the receiver is told who asks
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := contracttest.Client(t, b.server.Client()).Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	if response.Close { // reading the answer has taken the header out
		response.Header.Set("Connection", "close")
	}
	a := answer{status: response.StatusCode, header: response.Header}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&a.body))
	return a
}

// refused asserts a problem document and that the upload has left nothing.
func (b *bench) refused(t *testing.T, a answer, status int, code string) {
	t.Helper()
	require.Equal(t, code, a.body["code"], "%v", a.body)
	require.Equal(t, status, a.status)
	require.Equal(t, problem.ContentType, a.header.Get("Content-Type"))
	require.Empty(t, b.blobs(t))
	require.Zero(t, b.messages(t))
}

// blobs lists the keys of the bucket, with files that are half written.
func (b *bench) blobs(t *testing.T) []string {
	t.Helper()
	var keys []string
	for list := b.Bucket.List(nil); ; {
		object, err := list.Next(context.WithoutCancel(t.Context()))
		if errors.Is(err, io.EOF) {
			return keys
		}
		require.NoError(t, err)
		keys = append(keys, object.Key)
	}
}

// messages counts what the stream of imports holds.
func (b *bench) messages(t *testing.T) uint64 {
	t.Helper()
	stream, err := b.broker.JetStream().Stream(t.Context(), b.Names.ImportsStream())
	require.NoError(t, err)
	return stream.CachedInfo().State.Msgs
}

// request reads the message that an accepted upload has published.
func (b *bench) request(t *testing.T, id string) (contracts.Envelope, *contracts.ImportRequested, broker.Stored) {
	t.Helper()
	stored, err := b.broker.Last(t.Context(), b.Names.ImportsStream(),
		b.Names.Outcome(contracts.EventArchive, contracts.Ingest, id, 1, contracts.OutcomeCompleted))
	require.NoError(t, err)
	envelope, payload, err := contracts.Decode(stored.Data)
	require.NoError(t, err)
	require.IsType(t, &contracts.ImportRequested{}, payload)
	return envelope, payload.(*contracts.ImportRequested), stored
}

// publisher publishes for real and then says what the test wants.
type publisher struct {
	message.Publisher
	publish func(next message.Publisher, topic string, msg *message.Message) error
}

func (p *publisher) Publish(topic string, messages ...*message.Message) error {
	return p.publish(p.Publisher, topic, messages[0])
}

// bare sends bytes over a connection, closes its own side of it where it is
// told to, and reads the answer.
func (b *bench) bare(t *testing.T, sent string, closes bool) answer {
	t.Helper()
	connection, err := net.Dial("tcp", b.server.Listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = connection.Close() }()
	_, err = io.WriteString(connection, sent)
	require.NoError(t, err)
	if closes {
		require.NoError(t, connection.(*net.TCPConn).CloseWrite())
	}
	return answerOn(t, connection)
}

// answerOn reads the answer on a bare connection.
func answerOn(t *testing.T, connection net.Conn) answer {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	if response.Close { // reading the answer has taken the header out
		response.Header.Set("Connection", "close")
	}
	a := answer{status: response.StatusCode, header: response.Header}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&a.body))
	return a
}
