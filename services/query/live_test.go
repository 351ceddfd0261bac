package query_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query"
)

// plain is a client for those who hang up and for other goroutines than the test's.
var plain = &http.Client{Timeout: 2 * soon}

// event is one event of a stream.
type event struct {
	// id is the version of an import, of a stream of one; the whole id is place.
	id       int64
	place    string
	document string
}

// stream is one that a client reads.
type stream struct {
	*http.Response
	lines *bufio.Scanner
}

// next returns the next event, false where the stream has ended.
func (s stream) next() (event, bool) {
	var e event
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch name {
		case "id":
			e.place = value
			e.id, _ = strconv.ParseInt(value, 10, 64) // 0 is no version
		case "data":
			e.document = value
		case "":
			if e.document != "" {
				return e, true
			}
		}
	}
	return event{}, false
}

// rest reads a stream to its end.
func (s stream) rest() []event {
	var all []event
	for e, ok := s.next(); ok; e, ok = s.next() {
		all = append(all, e)
	}
	return all
}

// open asks for a stream, or for whatever there is instead of it.
func (b *bench) open(t *testing.T, path string, header ...string) stream {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+path, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := b.http.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return stream{response, bufio.NewScanner(response.Body)}
}

// bearer is the header of somebody.
func (b *bench) bearer(t *testing.T, who auth.Identity) []string {
	t.Helper()
	token, err := b.signer.Issue(who, time.Hour)
	require.NoError(t, err)
	return []string{"Authorization", "Bearer " + token}
}

// follow opens the stream of an import as somebody.
func (b *bench) follow(t *testing.T, who auth.Identity, id string) stream {
	t.Helper()
	s := b.open(t, "/v1/tasks/"+id+"/stream", b.bearer(t, who)...)
	require.Equal(t, http.StatusOK, s.StatusCode)
	require.Equal(t, "no-referrer", s.Header.Get("Referrer-Policy"))
	return s
}

// requireTask holds a document of a stream against that of a task.
func requireTask(t *testing.T, id, document string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/v1/tasks/"+id, nil)
	request.Header.Set("Authorization", "Bearer of somebody")
	contracttest.Exchange(t, request, &http.Response{
		StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(document)),
		Header: http.Header{"Content-Type": {"application/json"}, "Etag": {`"00000000000000000000000000000000"`}},
	})
}

// work tells of the whole way of an import, with a lot of progress, and lets go on
// say when to go on.
func (c *conference) work(goOn func()) {
	c.t.Helper()
	// As from a check. What progress says of it is no news then, however late it is read.
	c.carried.Totals = map[contracts.EntityType]int{contracts.Sessions: 200}
	c.complete(contracts.Event, nil)
	c.complete(contracts.People, nil)
	for done := range 200 {
		c.progress(contracts.Progress{Stage: contracts.Schedule, Type: contracts.Sessions, Done: done + 1, Total: 200})
		goOn()
	}
	c.complete(contracts.Schedule, map[contracts.EntityType]int{contracts.Sessions: 200})
	c.complete(contracts.Media, nil)
	c.succeed()
}

func TestStreamTellsOfEachChangeUntilTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()
	early := b.follow(t, olga, c.id) // before the projector knows of it
	first, ok := early.next()
	require.True(t, ok)
	require.Equal(t, b.ok(t, olga, "/v1/tasks/"+c.id).text, first.document+"\n")
	b.project(t)
	c.waits(contracts.Pending, "Waiting for event")
	for _, s := range []stream{early, b.follow(t, olga, c.id), b.follow(t, admin, c.id)} {
		defer func() {
			seen := int64(0)
			var last event
			for _, last = range s.rest() {
				require.Greater(t, last.id, seen)
				seen = last.id
				requireTask(t, c.id, last.document)
				require.Contains(t, last.document, fmt.Sprintf(`"version":%d,`, last.id))
			}
			require.Equal(t, b.ok(t, olga, "/v1/tasks/"+c.id).text, last.document+"\n")
			require.Contains(t, last.document, `"state":"SUCCESS"`)
		}()
	}
	c.work(func() {})
	c.waits(contracts.Success, "Imported Lakeside Open Days")
}

func TestStreamIsThereForTheOwnerAndAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	path := "/v1/tasks/" + c.id + "/stream"
	require.Len(t, b.follow(t, olga, c.id).rest(), 1)
	require.Len(t, b.follow(t, admin, c.id).rest(), 1)
	b.refused(t, paul, path, http.StatusNotFound, "not_found")
	b.refused(t, nobody, path, http.StatusUnauthorized, "token_missing")
	for _, id := range []string{uuid.NewString(), strings.ToUpper(c.id), "x", "%3E", "1"} {
		b.refused(t, admin, "/v1/tasks/"+id+"/stream", http.StatusNotFound, "not_found")
	}
	version := b.ok(t, olga, "/v1/tasks/"+c.id).body["version"]
	again := b.open(t, path, append(b.bearer(t, olga), "Last-Event-ID", fmt.Sprint(version))...)
	require.Equal(t, http.StatusNoContent, again.StatusCode, "a browser does not come a third time")
}

func TestSessionOfABrowserOpensTheStream(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	token, err := b.signer.Issue(olga, time.Hour)
	require.NoError(t, err)
	s := b.open(t, "/v1/tasks/"+c.id+"/stream", "Cookie", "usher_session="+token, "Sec-Fetch-Site", "same-origin")
	require.Len(t, s.rest(), 1)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/v1/tasks/"+c.id+"/ticket", nil)
	require.NoError(t, err)
	request.Header.Set("Cookie", "usher_session="+token)
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := b.http.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusForbidden, response.StatusCode)
}

// ticket asks for a ticket and returns the address of the stream.
func (b *bench) ticket(t *testing.T, who auth.Identity, id string) string {
	t.Helper()
	a := b.post(t, who, "/v1/tasks/"+id+"/ticket")
	require.Equal(t, http.StatusCreated, a.status, a.text)
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	require.Equal(t, "no-referrer", a.header.Get("Referrer-Policy"))
	require.Equal(t, "/v1/tasks/"+id+"/stream?ticket="+a.body["ticket"].(string), a.body["stream_url"])
	return a.body["stream_url"].(string)
}

func TestStreamOfAllIsOfWhatTheListShows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	olgas, pauls := b.conference(t, olga).made("c4f1a9e2"), b.conference(t, paul).made("d4f1a9e3")
	read := func(who auth.Identity, header ...string) (s stream, reset event) {
		s = b.open(t, "/v1/imports/stream", append(b.bearer(t, who), header...)...)
		require.Equal(t, http.StatusOK, s.StatusCode)
		require.Equal(t, "no-referrer", s.Header.Get("Referrer-Policy"))
		reset, ok := s.next()
		require.True(t, ok)
		return s, reset
	}
	for who, shown := range map[auth.Identity][]string{olga: {olgas.id}, paul: {pauls.id}, admin: {olgas.id, pauls.id}} {
		s, reset := read(who)
		require.Equal(t, "{}", reset.document)
		for _, id := range shown {
			e, ok := s.next()
			require.True(t, ok)
			requireTask(t, id, e.document)
			require.Equal(t, b.ok(t, who, "/v1/tasks/"+id).text, e.document+"\n")
		}
	}

	s, _ := read(olga)
	last, ok := s.next()
	require.True(t, ok)
	b.conference(t, paul).made("f4f1a9e5") // nothing of which comes before what is one's own
	third := b.conference(t, olga).made("e4f1a9e4")
	again := b.open(t, "/v1/imports/stream", append(b.bearer(t, olga), "Last-Event-ID", last.place)...)
	for _, s := range []stream{s, again} {
		for state := ""; !strings.Contains(state, `"SUCCESS"`); {
			e, ok := s.next()
			require.True(t, ok)
			requireTask(t, third.id, e.document)
			state = e.document
		}
	}
	b.refused(t, nobody, "/v1/imports/stream", http.StatusUnauthorized, "token_missing")
}

func TestTicketOpensTheStreamOfAllOnceForWhoAskedForIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	olgas := b.conference(t, olga).made("c4f1a9e2")
	b.conference(t, paul).made("d4f1a9e3")
	one := b.ticket(t, olga, olgas.id)
	ticket := func(who auth.Identity) string {
		a := b.post(t, who, "/v1/imports/ticket")
		require.Equal(t, http.StatusCreated, a.status, a.text)
		require.Equal(t, "/v1/imports/stream?ticket="+a.body["ticket"].(string), a.body["stream_url"])
		return a.body["stream_url"].(string)
	}
	url := ticket(olga)
	_, secret, _ := strings.Cut(url, "?")
	_, of, _ := strings.Cut(one, "?")
	b.refused(t, nobody, "/v1/tasks/"+olgas.id+"/stream?"+secret, http.StatusUnauthorized, "ticket_invalid")
	b.refused(t, nobody, "/v1/imports/stream?"+of, http.StatusUnauthorized, "ticket_invalid")
	s := b.open(t, url)
	for _, document := range []string{"{}", strings.TrimSpace(b.ok(t, olga, "/v1/tasks/"+olgas.id).text)} {
		e, ok := s.next()
		require.True(t, ok)
		require.Equal(t, document, e.document)
	}
	b.refused(t, nobody, url, http.StatusUnauthorized, "ticket_invalid")
	urls := make([]string, 102)
	others := ticket(admin)
	for i := range urls {
		urls[i] = ticket(olga)
	}
	b.refused(t, nobody, urls[1], http.StatusUnauthorized, "ticket_invalid")
	for _, url := range []string{urls[2], urls[101], others} {
		require.Equal(t, http.StatusOK, b.open(t, url).StatusCode)
	}
	require.Equal(t, http.StatusUnauthorized, b.post(t, nobody, "/v1/imports/ticket").status)
}

func TestTicketOpensTheStreamOfItsImportOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c, other := b.conference(t, olga).made("c4f1a9e2"), b.conference(t, olga).made("d4f1a9e3")
	for _, who := range []auth.Identity{olga, admin} {
		url := b.ticket(t, who, c.id)
		require.NotEqual(t, url, b.ticket(t, who, c.id))
		b.refused(t, nobody, strings.Replace(url, c.id, other.id, 1), http.StatusUnauthorized, "ticket_invalid")
		head, err := http.NewRequestWithContext(t.Context(), http.MethodHead, b.url+url, nil)
		require.NoError(t, err)
		response, err := b.http.Do(head)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusUnauthorized, response.StatusCode)

		s := b.open(t, url)
		require.Equal(t, http.StatusOK, s.StatusCode)
		require.Equal(t, "no-referrer", s.Header.Get("Referrer-Policy"))
		require.Len(t, s.rest(), 1)
		b.refused(t, nobody, url, http.StatusUnauthorized, "ticket_invalid")
		b.refused(t, olga, url, http.StatusUnauthorized, "ticket_invalid") // it decides alone
	}
	for _, bad := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 42) + "B", strings.Repeat("é", 43)} {
		b.refused(t, nobody, "/v1/tasks/"+c.id+"/stream?ticket="+bad, http.StatusUnauthorized, "ticket_invalid")
	}
	good := b.ticket(t, olga, c.id)
	b.refused(t, nobody, good+"&ticket=x", http.StatusUnauthorized, "ticket_invalid")
	b.refused(t, nobody, strings.Replace(good, c.id, "x", 1), http.StatusUnauthorized, "ticket_invalid")

	require.Equal(t, http.StatusNotFound, b.post(t, paul, "/v1/tasks/"+c.id+"/ticket").status)
	require.Equal(t, http.StatusNotFound, b.post(t, admin, "/v1/tasks/"+uuid.NewString()+"/ticket").status)
	require.Equal(t, http.StatusUnauthorized, b.post(t, nobody, "/v1/tasks/"+c.id+"/ticket").status)
}

func TestOfManyWhoComeWithOneTicketOneGetsTheStream(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	url := b.ticket(t, olga, c.id)
	statuses := make(chan int, 20)
	for range cap(statuses) {
		go func() {
			response, err := plain.Get(b.url + url)
			if err != nil {
				statuses <- 0
				return
			}
			_ = response.Body.Close()
			statuses <- response.StatusCode
		}()
	}
	got := make(map[int]int)
	for range cap(statuses) {
		got[<-statuses]++
	}
	require.Equal(t, map[int]int{http.StatusOK: 1, http.StatusUnauthorized: cap(statuses) - 1}, got)
}

func TestTicketsExpireAndTheNewestOfManyStay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c, other := b.conference(t, olga).made("c4f1a9e2"), b.conference(t, olga).made("d4f1a9e3")
	count := func(where string) int64 {
		n, err := b.res.DB.NewSelect().Table("query.tickets").Where(where).Count(t.Context())
		require.NoError(t, err)
		return n
	}
	expired := b.ticket(t, olga, c.id)
	require.EqualValues(t, 1, count("expires_at > now() + interval '50 seconds' AND expires_at <= now() + interval '60 seconds'"))
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE query.tickets SET expires_at = now()`)
	require.NoError(t, err)
	b.refused(t, nobody, expired, http.StatusUnauthorized, "ticket_invalid")
	require.EqualValues(t, 1, count("TRUE"))

	kept := b.ticket(t, olga, other.id)
	require.EqualValues(t, 1, count("TRUE"), "what has expired goes with the next one")
	oldest := []string{b.ticket(t, olga, c.id), b.ticket(t, olga, c.id)}
	_, err = b.res.DB.ExecContext(t.Context(), `
		INSERT INTO query.tickets (hash, import, owner_iss, owner_sub, admin, expires_at)
		SELECT sha256(n::text::bytea), ?, ?, ?, FALSE, now() + interval '60 seconds' FROM generate_series(1, 98) n`,
		c.id, olga.Issuer, olga.Subject)
	require.NoError(t, err)
	newest := []string{b.ticket(t, olga, c.id), b.ticket(t, olga, c.id)}
	require.EqualValues(t, 101, count("TRUE"))
	for _, url := range oldest {
		b.refused(t, nobody, url, http.StatusUnauthorized, "ticket_invalid")
	}
	for _, url := range append(newest, kept) {
		require.Len(t, b.open(t, url).rest(), 1)
	}
}

func TestStreamThatIsCutAndResumedGoesOnToTheEnd(t *testing.T) {
	t.Parallel()
	const cuts = 200
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()

	// Each cut lets the import go on a little, and each bit of work waits for a cut
	// now and then, so that the cuts are spread over the whole of it.
	tick := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.work(func() { <-tick })
	}()
	header := b.bearer(t, olga)
	var seen int64
	var last event
	for cut := 0; ; cut++ {
		if cut == cuts {
			close(tick)
		}
		ctx, hangUp := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/v1/tasks/"+c.id+"/stream", nil)
		require.NoError(t, err)
		request.Header.Set(header[0], header[1])
		request.Header.Set("Last-Event-ID", strconv.FormatInt(seen, 10))
		if cut < cuts {
			tick <- struct{}{}
			time.AfterFunc(time.Duration(random.IntN(3000))*time.Microsecond, hangUp)
		}
		response, err := plain.Do(request)
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			hangUp()
			continue
		}
		if response.StatusCode == http.StatusNoContent {
			require.NoError(t, response.Body.Close())
			hangUp()
			break
		}
		s := stream{response, bufio.NewScanner(response.Body)}
		for e, ok := s.next(); ok; e, ok = s.next() {
			require.Greater(t, e.id, seen, "seed %d, cut %d", seed, cut)
			seen, last = e.id, e
		}
		require.NoError(t, response.Body.Close())
		hangUp()
	}
	<-done
	require.Equal(t, b.ok(t, olga, "/v1/tasks/"+c.id).text, last.document+"\n")
	require.Contains(t, last.document, `"state":"SUCCESS"`)
}

func TestStreamOpenedAfterAReplayGoesOnToTheNewEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t) // nobody projects yet
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()
	c.fail(contracts.Event, contracts.IssueCounts{})
	ctx, cancel := context.WithCancel(t.Context())
	folded := make(chan error, 1)
	loop := b.service.Loops(b.res)[0] // the projector
	go func() { folded <- loop.Run(ctx) }()
	failed := c.waits(contracts.Failure, "The archive is not valid.")
	version := fmt.Sprint(failed.body["version"])
	cancel()
	require.NoError(t, <-folded)

	// It is the broker that has taken the command; the projector is behind.
	c.attempt = 2
	c.send(contracts.Ingest, b.res.Broker.Names().Control(contracts.EventArchive, c.id), &contracts.ReplayRequested{
		Carried: c.carried, From: contracts.Event, By: olga.Owner(),
	})
	require.Equal(t, number("2"), c.waits(contracts.Pending, "Waiting for event").body["attempt"])
	var s stream
	require.Eventually(t, func() bool { // a broker that is slow to answer is not waited for
		s = b.open(t, "/v1/tasks/"+c.id+"/stream", append(b.bearer(t, olga), "Last-Event-ID", version)...)
		return s.StatusCode == http.StatusOK
	}, soon, 10*time.Millisecond, "it is not over")
	first, ok := s.next()
	require.True(t, ok)
	require.Contains(t, first.document, `"attempt":2`)
	b.project(t)
	c.complete(contracts.Event, nil)
	c.succeed()
	events := s.rest()
	require.Contains(t, events[len(events)-1].document, `"state":"SUCCESS"`)
}

func TestHeartbeatFindsWhatTheProjectorHasNotTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.waits(contracts.Pending, "Waiting for event")
	s := b.follow(t, olga, c.id)
	first, ok := s.next()
	require.True(t, ok)
	// As a projector leaves it that dies between its commit and what it tells.
	require.Eventually(t, func() bool { // once there is a row
		changed, err := b.res.DB.ExecContext(t.Context(),
			`UPDATE query.imports SET state = 'DISCARDED', version = version + 1, changed = DEFAULT WHERE id = ?`, c.id)
		require.NoError(t, err)
		rows, err := changed.RowsAffected()
		return err == nil && rows == 1
	}, soon, 10*time.Millisecond)
	rest := s.rest()
	require.Len(t, rest, 1)
	require.Equal(t, first.id+1, rest[0].id)
	require.Contains(t, rest[0].document, `"state":"DISCARDED"`)
}

func TestProcessThatStopsEndsItsStreams(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.conference(t, olga)
	c.request()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- service.Run(ctx, b.res, listener, func() { close(ready) }, query.Service()) }()
	<-ready
	b.url = "http://" + listener.Addr().String()
	var streams []stream
	for range 50 {
		s := b.follow(t, olga, c.id)
		_, ok := s.next()
		require.True(t, ok)
		streams = append(streams, s)
	}
	stop()
	require.NoError(t, <-ended)
	for _, s := range streams {
		require.Empty(t, s.rest())
		require.NoError(t, s.lines.Err(), "it has an end, and was not cut")
	}
}
