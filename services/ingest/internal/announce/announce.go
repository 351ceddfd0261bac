// Package announce begins the imports of files: it publishes the request of one whose
// file is durable, and answers what came of that. Uploads and starts of checked archives
// end in it.
package announce

import (
	"context"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
)

// Deps is what works with requests: an Announcer, and those who call it.
type Deps struct {
	Bucket *bucket.Bucket
	// Names, Publisher, Last and Uploads are those of the broker.
	Names     contracts.Names
	Publisher message.Publisher
	Last      func(ctx context.Context, stream, subject string) (broker.Stored, error)
	Uploads   func(ctx context.Context) (jetstream.KeyValue, error)
	Log       *slog.Logger
}

// Announcer publishes requests. It is safe for concurrent use.
type Announcer struct {
	Deps
	// Patience bounds all tries together.
	Patience time.Duration
}

func (a Announcer) requests() begin.Announcer {
	return begin.Announcer{Names: a.Names, Publisher: a.Publisher, Last: a.Last, Patience: a.Patience}
}

// Request is the request of an import with its envelope.
type Request struct {
	contracts.Envelope
	*contracts.ImportRequested
}

// Is tells whether both are the same request, and not only equal ones.
func (r Request) Is(other Request) bool { return r.ImportRequested == other.ImportRequested }

// ImportID is the id of the import that a request begins, as begin.Announcer has it.
func (a Announcer) ImportID(ctx context.Context, who auth.Identity, route, key string) (string, *begin.Error) {
	return a.requests().ImportID(ctx, who, route, key)
}

// Announce publishes the outcome of ingest, as begin.Announcer does.
func (a Announcer) Announce(ctx context.Context, request Request) (Request, *begin.Error) {
	kept, failed := a.requests().Announce(ctx, begin.Request{Envelope: request.Envelope, Payload: request.ImportRequested})
	if failed != nil {
		return Request{}, failed
	}
	return uploadOf(kept), nil
}

// Kept reads the request of an import, broker.ErrNotFound where there is none.
func (a Announcer) Kept(ctx context.Context, id string) (Request, error) {
	kept, err := a.requests().Kept(ctx, id)
	if err != nil {
		return Request{}, err
	}
	return uploadOf(kept), nil
}

// uploadOf is a request as one of a file. That of an export, which nobody uploads, has
// no file, and is told by its kind.
func uploadOf(kept begin.Request) Request {
	request, ok := kept.Payload.(*contracts.ImportRequested)
	if !ok {
		request = &contracts.ImportRequested{}
	}
	return Request{Envelope: kept.Envelope, ImportRequested: request}
}
