package bench

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// slowStore is a bucket of S3 that takes its time with each request, as one does that is far
// away: nothing is computed meanwhile. It keeps its objects in memory and does as little as
// can be, because the cores that it runs on are those of what is measured.
type slowStore struct {
	delay  time.Duration
	server *http.Server
	at     net.Addr
	ended  chan error

	mu      sync.Mutex
	objects map[string]storedObject
}

type storedObject struct {
	content   []byte
	mediaType string
	stored    time.Time
}

// storeBucket is the name of its one bucket.
const storeBucket = "bench"

// startSlowStore serves one on this machine. The caller closes it.
func startSlowStore(ctx context.Context, delay time.Duration) (*slowStore, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &slowStore{delay: delay, at: listener.Addr(), ended: make(chan error, 1), objects: make(map[string]storedObject)}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { s.ended <- s.server.Serve(listener) }()
	return s, nil
}

// url is what names it as a bucket. Checksums are left out, for they would come in a form of
// their own around what is sent.
func (s *slowStore) url() string {
	return "s3://" + storeBucket + "?region=us-east-1&use_path_style=true&signed_links=false" +
		"&request_checksum_calculation=when_required&response_checksum_validation=when_required&endpoint=http://" + s.at.String()
}

func (s *slowStore) close() error {
	err := s.server.Close()
	if ended := <-s.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// ServeHTTP answers what Usher asks of a bucket, and refuses the rest.
func (s *slowStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutPrefix(r.URL.Path, "/"+storeBucket)
	if !ok {
		http.NotFound(w, r)
		return
	}
	key = strings.TrimPrefix(key, "/")
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	late := time.NewTimer(s.delay)
	defer late.Stop()
	select {
	case <-late.C:
	case <-r.Context().Done():
		return
	}
	switch query := r.URL.Query(); {
	case key == "" && r.Method == http.MethodGet && query.Get("delimiter") == "":
		s.list(w, query.Get("prefix"))
	case key == "" || query.Has("uploads") || r.Header.Get("X-Amz-Copy-Source") != "":
		http.Error(w, "not of this store", http.StatusNotImplemented)
	case r.Method == http.MethodPut:
		s.mu.Lock()
		s.objects[key] = storedObject{content: content, mediaType: r.Header.Get("Content-Type"), stored: time.Now()}
		s.mu.Unlock()
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, key)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	default:
		s.get(w, r, key)
	}
}

func (s *slowStore) get(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	object, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", object.mediaType)
	http.ServeContent(w, r, "", object.stored, bytes.NewReader(object.content))
}

// list names the objects below a prefix.
func (s *slowStore) list(w http.ResponseWriter, prefix string) {
	type object struct {
		Key          string
		LastModified time.Time
		Size         int
	}
	answer := struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		Name        string
		IsTruncated bool
		Contents    []object
	}{Name: storeBucket}
	s.mu.Lock()
	for key, o := range s.objects {
		if strings.HasPrefix(key, prefix) {
			answer.Contents = append(answer.Contents, object{Key: key, LastModified: o.stored, Size: len(o.content)})
		}
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(answer) // a client that is gone needs no answer
}
