package standalone_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collected "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	traced "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/usher-events/usher/contracts"
)

// collector takes traces as an OpenTelemetry collector does.
type collector struct {
	url string

	mu    sync.Mutex
	spans []span
	// raw is all that it was sent.
	raw []byte
}

// span is one span, and the service that has told it.
type span struct {
	*traced.Span
	service string
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := new(collector)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collected.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.raw = append(c.raw, body...)
		for _, of := range request.GetResourceSpans() {
			service := attribute(of.GetResource().GetAttributes(), "service.name")
			for _, scope := range of.GetScopeSpans() {
				for _, s := range scope.GetSpans() {
					c.spans = append(c.spans, span{s, service})
				}
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// env has a process tell its traces here, and soon.
func (c *collector) env() []string {
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url, "OTEL_BSP_SCHEDULE_DELAY=50"}
}

func attribute(all []*common.KeyValue, key string) string {
	for _, a := range all {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}

func attributeNumber(all []*common.KeyValue, key string) int64 {
	for _, a := range all {
		if a.GetKey() == key {
			return a.GetValue().GetIntValue()
		}
	}
	return 0
}

// trace is what was told of one trace so far, the spans by the way to them from the
// first: "POST … > stage event > publish".
type trace map[string][]span

func (c *collector) trace(id string) trace {
	c.mu.Lock()
	defer c.mu.Unlock()
	byID := make(map[string]span)
	for _, s := range c.spans {
		if hex.EncodeToString(s.GetTraceId()) == id {
			byID[string(s.GetSpanId())] = s
		}
	}
	all := make(trace)
	for _, s := range byID {
		way := s.GetName()
		above, ok := byID[string(s.GetParentSpanId())]
		for ; ok; above, ok = byID[string(above.GetParentSpanId())] {
			way = above.GetName() + " > " + way
		}
		all[way] = append(all[way], s)
	}
	return all
}

func (t trace) ways() []string {
	var all []string
	for way := range t {
		all = append(all, way)
	}
	slices.Sort(all)
	return all
}

// folds counts the messages of a type that people see.
func (t trace) folds(message string) int {
	n := 0
	for _, same := range t {
		for _, s := range same {
			if s.GetName() == "fold" && attribute(s.GetAttributes(), "usher.message") == message {
				n++
			}
		}
	}
	return n
}

// parentOf is a trace context of a client that traces itself.
func parentOf(traceID string) string { return "00-" + traceID + "-b7ad6b7169203331-01" }

func TestTraceOfAnImportReachesFromTheUploadToTheMail(t *testing.T) {
	t.Parallel()
	traces, smtp := newCollector(t), newCatcher(t)
	c := clusterOn(t, startBroker(t), testDatabase(t), "file://"+t.TempDir(),
		append(traces.env(), "USHER_SMTP_URL=smtp://"+smtp.address)...)
	front := c.run(t, "ingest", "query")
	stages := map[string]*process{}
	for _, name := range []string{"event", "people", "schedule", "media", "notify"} {
		stages[name] = c.run(t, name)
	}
	olga := c.as(t, front, "olga@organizers.example")
	const first, second = "0af7651916cd43dd8448eb211c80319c", "1bf7651916cd43dd8448eb211c80319d"

	upload := olga.uploadOf(t, made(t, 12, 6, 8))
	upload.Header.Set("Traceparent", parentOf(first))
	var accepted struct{ ID string }
	olga.do(t, upload, http.StatusAccepted, &accepted)
	result := olga.succeeded(t, accepted.ID)

	const (
		post    = "POST /v1/events/import/{source_type}"
		event   = post + " > stage event"
		people  = event + " > stage people"
		sched   = people + " > stage schedule"
		media   = sched + " > stage media"
		notify  = media + " > stage notify"
		sending = notify + " > send mail"
	)
	var seen trace
	require.Eventually(t, func() bool {
		seen = traces.trace(first)
		return len(seen[sending]) == 1 && seen.folds("usher.import.finished.v1") == 1 && len(seen[post]) == 1
	}, patience, glance)
	for way, service := range map[string]string{
		post:                                    "usher",
		post + " > bucket store":                "usher",
		post + " > publish":                     "usher",
		post + " > fold":                        "usher",
		event:                                   "usher-event",
		event + " > bucket open":                "usher-event",
		event + " > bucket read":                "usher-event",
		event + " > before":                     "usher-event",
		event + " > transaction":                "usher-event",
		event + " > transaction > write events": "usher-event",
		event + " > publish":                    "usher-event",
		event + " > fold":                       "usher",
		people:                                  "usher-people",
		people + " > transaction > write speakers": "usher-people",
		people + " > keep remap":                   "usher-people",
		sched:                                      "usher-schedule",
		sched + " > read remap":                    "usher-schedule",
		sched + " > transaction > write sessions":  "usher-schedule",
		sched + " > transaction > COMMIT":          "usher-schedule",
		media:                                      "usher-media",
		media + " > effects > bucket store":        "usher-media",
		notify:                                     "usher-notify",
		notify + " > publish":                      "usher-notify",
		notify + " > after":                        "usher-notify",
		notify + " > fold":                         "usher",
		sending:                                    "usher-notify",
	} {
		require.Contains(t, seen, way, strings.Join(seen.ways(), "\n"))
		require.Equal(t, service, seen[way][0].service, way)
	}
	for _, way := range []string{event, people, sched, media, notify} {
		run := seen[way][0]
		require.Len(t, seen[way], 1, way)
		require.Equal(t, accepted.ID, attribute(run.GetAttributes(), "usher.import"))
		require.Equal(t, "completed", attribute(run.GetAttributes(), "usher.result"))
		require.EqualValues(t, 1, attributeNumber(run.GetAttributes(), "usher.try"))
	}
	for _, way := range seen.ways() {
		require.True(t, strings.HasPrefix(way, post), "%s hangs in the air", way)
	}
	require.Contains(t, stages["people"].log.String(), "trace_id="+first)

	// Another attempt is of another request, which tells of the first one.
	replay, err := http.NewRequestWithContext(t.Context(), http.MethodPost, front.url+"/v1/imports/"+accepted.ID+"/replay",
		strings.NewReader(`{"force": true, "from": "media"}`))
	require.NoError(t, err)
	replay.Header.Set("Content-Type", "application/json")
	replay.Header.Set("Traceparent", parentOf(second))
	olga.do(t, replay, http.StatusAccepted, nil)
	require.Equal(t, contracts.Success, olga.endedIn(t, accepted.ID, 2).State)
	const again = "POST /v1/imports/{id}/replay"
	require.Eventually(t, func() bool {
		seen = traces.trace(second)
		return len(seen[again]) == 1 && len(seen[again+" > stage media > stage notify > send mail"]) == 1
	}, patience, glance)
	require.Len(t, seen[again][0].GetLinks(), 1)
	require.Equal(t, first, hex.EncodeToString(seen[again][0].GetLinks()[0].GetTraceId()))
	require.EqualValues(t, 2, attributeNumber(seen[again+" > stage media"][0].GetAttributes(), "usher.attempt"))

	// Nothing in all this is whose it is, what lets one in, or what was uploaded.
	traces.mu.Lock()
	defer traces.mu.Unlock()
	hoard{
		"an address": "olga@organizers.example", "a token": olga.token, "the secret of tokens": clusterSecret,
		"the name of the event": result.EventName, "the URL of the database": c.databaseURL, "the name of the file": "archive.zip",
	}.notIn(t, "a trace", string(traces.raw))
}
