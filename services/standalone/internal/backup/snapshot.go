package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// The server's own snapshot of a stream, by its API: config and state as JSON, and what is
// in it as bytes that only a server reads. (The library of NATS' command line, jsm.go, has
// this too, with a schema validator and an expression language, and makes the embedded
// server link another SDK than it chose.)

// silence is how long the server may say nothing.
const silence = 30 * time.Second

// chunkSize is within what every server takes as one message.
const chunkSize = 128 << 10

// described is what a restore has to be told of a stream.
type described struct {
	Config map[string]any  `json:"config"`
	State  json.RawMessage `json:"state"`
}

// answer is how the API of JetStream says that something went wrong.
type answer struct {
	Error *struct {
		Description string `json:"description"`
	} `json:"error"`
}

func (a answer) err() error {
	if a.Error != nil {
		return errors.New(a.Error.Description)
	}
	return nil
}

// ask sends a request and reads the answer into into.
func ask(ctx context.Context, nc *nats.Conn, subject string, request, into any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return askRaw(ctx, nc, subject, body, into)
}

func askRaw(ctx context.Context, nc *nats.Conn, subject string, body []byte, into any) error {
	m, err := nc.RequestWithContext(ctx, subject, body)
	if err != nil {
		return err
	}
	if len(m.Data) == 0 { // as for a chunk that was taken
		return nil
	}
	var failed answer
	if err := json.Unmarshal(m.Data, &failed); err != nil {
		return err
	}
	if err := failed.err(); err != nil || into == nil {
		return err
	}
	return json.Unmarshal(m.Data, into)
}

// snapshot writes a stream, without its consumers, to w.
func snapshot(ctx context.Context, nc *nats.Conn, stream string, w io.Writer) (described, error) {
	var d described
	inbox := nc.NewInbox()
	chunks, err := nc.SubscribeSync(inbox)
	if err != nil {
		return d, err
	}
	defer func() { _ = chunks.Unsubscribe() }() // fails where the connection is closed, which ends it too
	// As many as the server sends before it waits for us.
	if err := chunks.SetPendingLimits(-1, -1); err != nil {
		return d, err
	}
	request := map[string]any{"deliver_subject": inbox, "no_consumers": true, "chunk_size": chunkSize}
	if err := ask(ctx, nc, "$JS.API.STREAM.SNAPSHOT."+stream, request, &d); err != nil {
		return d, err
	}
	for {
		m, err := nextChunk(ctx, chunks)
		if err != nil {
			return d, err
		}
		if len(m.Data) == 0 {
			if status := m.Header.Get("Status"); status != "" && status != "204" {
				return d, fmt.Errorf("the broker broke off: %s %s", status, m.Header.Get("Description"))
			}
			return d, nil
		}
		if _, err := w.Write(m.Data); err != nil {
			return d, err
		}
		if m.Reply == "" {
			continue
		}
		if err := m.Respond(nil); err != nil {
			return d, err
		}
	}
}

func nextChunk(ctx context.Context, chunks *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return chunks.NextMsgWithContext(ctx)
}

// restoreSnapshot makes a stream of what snapshot has written.
func restoreSnapshot(ctx context.Context, nc *nats.Conn, stream string, d described, r io.Reader) error {
	var to struct {
		Subject string `json:"deliver_subject"`
	}
	if err := ask(ctx, nc, "$JS.API.STREAM.RESTORE."+stream, d, &to); err != nil {
		return err
	}
	chunk := make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(r, chunk)
		if n > 0 {
			if err := sendChunk(ctx, nc, to.Subject, chunk[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	// The server writes all of it now, however long that takes.
	return askRaw(ctx, nc, to.Subject, nil, nil)
}

func sendChunk(ctx context.Context, nc *nats.Conn, subject string, chunk []byte) error {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return askRaw(ctx, nc, subject, chunk, nil)
}

// saveStream writes a stream into two files.
func saveStream(ctx context.Context, nc *nats.Conn, stream, path string) error {
	f, err := os.Create(path + snapshotSuffix + unfinished)
	if err != nil {
		return err
	}
	d, err := snapshot(ctx, nc, stream, f)
	if err := finish(f, strings.TrimSuffix(f.Name(), unfinished), err); err != nil {
		return err
	}
	content, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return writeDurably(path+configSuffix, content)
}

// What the names of the two files of a stream end with.
const snapshotSuffix, configSuffix = ".snapshot", ".json"
