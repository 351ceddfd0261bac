package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/usher-events/usher/contracts"
)

// uploadAgain is how long the load waits after an upload that was not accepted.
const uploadAgain = 300 * time.Millisecond

// shipment is one upload: a cargo under a key of its own.
type shipment struct {
	*cargo
	key string
	// at is when it is sent, from the beginning of the load.
	at time.Duration
	// twice tells that it is sent again after it was accepted, as a client does
	// that has not heard the answer.
	twice bool

	// id is that of the import, once the upload was accepted.
	id string
	// check is the id of the check that was started, empty of an upload.
	check string
	// of is, of an export, the import of its event, event its id, and awaited the id that
	// the export has where it is accepted.
	of, event, awaited string
}

// load uploads shipments and remembers which were accepted.
type load struct {
	w         *world
	shipments []*shipment

	mu       sync.Mutex
	accepted []*shipment
	// silent are the exports of which a request was not answered.
	silent   []*shipment
	findings []Finding
}

// wave is how many shipments come at about the same time: then several stages are
// at work on several imports, and in between there is time to come to an end.
const wave = 8

// newLoad chooses n shipments over a length of time.
func newLoad(w *world, goods *goods, random *rand.Rand, n int, length time.Duration) (*load, error) {
	l := &load{w: w}
	waves := time.Duration(1 + n/wave)
	for i := range n {
		c, err := goods.pick(random)
		if err != nil {
			return nil, err
		}
		l.shipments = append(l.shipments, &shipment{
			cargo: c, key: fmt.Sprintf("chaos-%d", i),
			at: length/waves*time.Duration(random.Int64N(int64(waves))) + time.Duration(random.Int64N(int64(time.Second))), twice: random.IntN(10) == 0,
		})
	}
	return l, nil
}

// run uploads everything, and returns when all is accepted, refused for good, or
// ctx has ended.
func (l *load) run(ctx context.Context) {
	var group sync.WaitGroup
	for _, s := range l.shipments {
		group.Go(func() {
			if !pause(ctx, s.at) {
				return
			}
			l.upload(ctx, s)
			if s.twice && s.id != "" {
				l.upload(ctx, s)
			}
		})
	}
	group.Wait()
}

// upload sends a shipment until it is accepted.
func (l *load) upload(ctx context.Context, s *shipment) {
	for {
		id, err := l.w.upload(ctx, s)
		if err == nil {
			l.accept(s, id)
			return
		}
		if errors.Is(err, errRefused) {
			l.mu.Lock()
			l.findings = append(l.findings, Finding{Lost, s.key, err.Error()})
			l.mu.Unlock()
			return
		}
		if !pause(ctx, uploadAgain) {
			return
		}
	}
}

func (l *load) accept(s *shipment, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch s.id {
	case "":
		s.id = id
		l.accepted = append(l.accepted, s)
	case id:
	default:
		l.findings = append(l.findings, Finding{Doubled, s.id, "uploading it again under its key has made the import " + id})
	}
}

// started remembers the import that a check has become.
func (l *load) started(check *shipment, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.accepted {
		if s.check == check.id && s.id != id {
			l.findings = append(l.findings, Finding{Doubled, s.id, "starting its check again has made the import " + id})
		}
		if s.check == check.id {
			return
		}
	}
	l.accepted = append(l.accepted, &shipment{cargo: check.starts, key: "start of " + check.id, id: id, check: check.id})
}

// soFar returns what was accepted until now, the oldest first.
func (l *load) soFar() []*shipment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clip(l.accepted)
}

// notNow tells that the same request may be answered otherwise later.
func notNow(status int) bool {
	return status/100 == 5 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
}

// errRefused is the answer to an upload that would be the same next time.
var errRefused = errors.New("the upload was refused")

// upload sends a shipment once and returns the import's id.
func (w *world) upload(ctx context.Context, s *shipment) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", s.file)
	if err == nil {
		_, err = io.WriteString(part, s.content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return "", err
	}
	token, err := w.token(s.owner)
	if err != nil {
		return "", err
	}
	status, answer, err := w.to(ctx, contracts.IngestService, request{
		method: http.MethodPost, path: s.path, token: token, body: body.String(),
		header: map[string]string{"Content-Type": form.FormDataContentType(), "Idempotency-Key": s.key},
	})
	switch {
	case err != nil:
		return "", err
	case notNow(status):
		return "", fmt.Errorf("%d: %s", status, answer)
	case status != http.StatusAccepted:
		return "", fmt.Errorf("%w: %d: %s", errRefused, status, answer)
	}
	var accepted struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &accepted); err != nil {
		return "", err
	}
	return accepted.ID, nil
}
