package service

import (
	"fmt"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/problem"
)

// NewMux returns the HTTP interface of the given services, and the health of the process:
// /livez answers as soon as it serves, /readyz as long as ready returns nil, and
// /metrics shows Prometheus what the process does.
// A service whose handlers are not exactly its routes is an error.
func NewMux(res *Resources, ready func(*http.Request) error, services ...Service) (http.Handler, error) {
	mux := http.NewServeMux()
	requests := newRequests(res.Tracer())
	for _, s := range services {
		handlers := map[string]http.Handler{}
		if s.Routes != nil {
			handlers = s.Routes(res)
		}
		for _, route := range contracts.RoutesOf(s.Name) {
			h, ok := handlers[route.Pattern()]
			if !ok {
				return nil, fmt.Errorf("service %s has no handler for %s", s.Name, route.Pattern())
			}
			mux.Handle(route.Pattern(), requests.watched(route, h))
			delete(handlers, route.Pattern())
		}
		for pattern := range handlers {
			return nil, fmt.Errorf("service %s handles %s, which is no route of its", s.Name, pattern)
		}
	}
	metrics, err := metricsOf(res, services, requests)
	if err != nil {
		return nil, err
	}
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "ok") // a client that is gone needs no answer
	})
	mux.Handle("GET /readyz", problem.Handler(res.Log, func(w http.ResponseWriter, r *http.Request) error {
		if err := ready(r); err != nil {
			return problem.New(http.StatusServiceUnavailable, "not_ready", "Not ready to serve.").Because(err)
		}
		_, err := fmt.Fprintln(w, "ok")
		return err
	}))
	return usual.keep(crossOrigin(res.Config.CORSOrigins, unmatched(mux))), nil
}

// unmatched answers with a problem document where no route fits.
func unmatched(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// The mux tells "no such path" from "not by this method" only by answering.
		var answer statusOnly
		answer.header = w.Header()
		h.ServeHTTP(&answer, r)
		switch answer.status {
		case http.StatusMethodNotAllowed:
			problem.Write(w, problem.New(answer.status, "method_not_allowed", r.Method+" is not possible here."))
		case http.StatusNotFound:
			problem.Write(w, problem.New(answer.status, "not_found", "There is nothing at this address."))
		default: // a redirect to the clean path
			w.WriteHeader(answer.status)
		}
	})
}

// statusOnly takes the head of an answer and drops its body.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }
