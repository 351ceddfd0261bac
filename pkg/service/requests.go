package service

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/tracing"
)

// requests measures the requests of a process and gives them spans. It does so itself
// rather than by otelhttp, which tells a client's address, its program and the path, with
// what may lead in by that. Here a request is known by its route. It is a
// prometheus.Collector.
type requests struct {
	tracer   trace.Tracer
	duration *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
}

func newRequests(tracer trace.Tracer) *requests {
	return &requests{
		tracer: tracer,
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "usher_http_request_duration_seconds",
			Help:    "How long a request took, by its route and the status of the answer; that of a stream counts until the stream begins.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30, 300},
		}, []string{"method", "route", "status"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "usher_http_requests_in_flight",
			Help: "How many requests are being answered, uploads among them; streams that have begun are not.",
		}, []string{"method", "route"}),
	}
}

// Describe implements prometheus.Collector.
func (q *requests) Describe(to chan<- *prometheus.Desc) {
	q.duration.Describe(to)
	q.inFlight.Describe(to)
}

// Collect implements prometheus.Collector.
func (q *requests) Collect(to chan<- prometheus.Metric) {
	q.duration.Collect(to)
	q.inFlight.Collect(to)
}

// aborted is the status of a request whose answer was cut.
const aborted = "aborted"

// watched watches what is asked of a route.
func (q *requests) watched(route contracts.Route, next http.Handler) http.Handler {
	inFlight := q.inFlight.WithLabelValues(route.Method, route.Path)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inFlight.Inc()
		began := time.Now()
		ctx, span := q.tracer.Start(tracing.Sent(r.Context(), r.Header), route.Pattern(), trace.WithSpanKind(trace.SpanKindServer),
			trace.WithAttributes(semconv.HTTPRequestMethodKey.String(r.Method), semconv.HTTPRoute(route.Path)))
		answer := &answer{ResponseWriter: w}
		status := aborted // what is left where the handler panics, which cuts the answer
		defer func() {
			inFlight.Dec()
			q.duration.WithLabelValues(route.Method, route.Path, status).Observe(time.Since(began).Seconds())
			if answer.status != 0 {
				span.SetAttributes(semconv.HTTPResponseStatusCode(answer.status))
			}
			if status == aborted || answer.status >= http.StatusInternalServerError {
				span.SetAttributes(semconv.ErrorTypeKey.String(status))
				span.SetStatus(codes.Error, "")
			}
			span.End()
		}()
		next.ServeHTTP(answer, r.WithContext(ctx))
		if answer.status == 0 {
			answer.status = http.StatusOK // which net/http answers then, or who has taken the connection
		}
		status = strconv.Itoa(answer.status)
	})
}

// answer notes the status of an answer.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK { // an informational one is not the answer yet
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
