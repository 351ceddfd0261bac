package standalone_test

import (
	"bufio"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// follower streams the task documents of one import after the other, and loses
// each stream after a moment, at random and so many times.
type follower struct {
	random *rand.Rand
	cuts   int
	// lost is called each time, with how many times are left.
	lost func(left int)
	// at is whom it asks; a stream may go on at another one.
	at func() api

	id   string
	seen int64
	last string
}

func newFollower(t *testing.T, cuts int) *follower {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return &follower{random: rand.New(rand.NewPCG(seed, 0)), cuts: cuts}
}

// follow streams an import to its end, as a browser does: it comes again until it
// is told that there is nothing more to come. Versions only grow on the way, and
// the last document is the task's.
func (f *follower) follow(t *testing.T, id string) {
	t.Helper()
	f.id, f.seen, f.last = id, 0, ""
	for {
		for f.stream(t) {
		}
		status, body := fetched(t, client, f.at().url+"/v1/tasks/"+id, f.at().token)
		require.Equal(t, http.StatusOK, status, body)
		var task contracts.Task
		require.NoError(t, json.Unmarshal([]byte(body), &task))
		if task.Version == f.seen { // else it was told late of what was done
			require.Equal(t, contracts.Success, task.State, task.Message)
			require.Equal(t, f.last+"\n", body)
			return
		}
	}
}

// stream opens a stream where the one before ended, and reads it until it is lost
// or over. It returns false where there is nothing more to come.
func (f *follower) stream(t *testing.T) bool {
	t.Helper()
	ctx, hangUp := context.WithTimeout(t.Context(), patience)
	defer hangUp()
	if f.cuts > 0 {
		defer func() {
			if ctx.Err() != nil { // else it was over before
				f.cuts--
				f.lost(f.cuts)
			}
		}()
		defer time.AfterFunc(time.Duration(f.random.IntN(40_000))*time.Microsecond, hangUp).Stop()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.at().url+"/v1/tasks/"+f.id+"/stream", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+f.at().token)
	if f.seen > 0 {
		req.Header.Set("Last-Event-ID", strconv.FormatInt(f.seen, 10))
	}
	res, err := client.Do(req)
	if err != nil {
		require.ErrorIs(t, err, context.Canceled)
		return true
	}
	defer func() { require.NoError(t, res.Body.Close()) }()
	if res.StatusCode == http.StatusNoContent {
		return false
	}
	require.Equal(t, http.StatusOK, res.StatusCode)
	version := int64(0)
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			version, err = strconv.ParseInt(value, 10, 64)
			require.NoError(t, err)
		case "data":
			require.Greater(t, version, f.seen, "%d cuts are left", f.cuts)
			var task contracts.Task
			require.NoError(t, json.Unmarshal([]byte(value), &task))
			require.Equal(t, f.id, task.ID)
			require.Equal(t, version, task.Version)
			f.seen, f.last = version, value
		}
	}
	return true
}

func TestStreamGoesOnHoweverOftenItIsCutAndWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := upAlone(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	f := newFollower(t, 200)
	f.at = func() api { return olga }
	f.lost = func(left int) {
		if left == 150 {
			p.kill(t)
			p = upAlone(t, folder)
			olga.url = p.url
		}
	}
	archive := made(t, 1500, 300, 3)
	imports := 0
	for ; f.cuts > 0 || imports == 0; imports++ {
		f.follow(t, olga.upload(t, archive))
	}
	t.Logf("%d imports", imports)
	require.NotContains(t, p.log.String(), "panic")
}

func TestStreamGoesOnAtAnyReplicaAndWhenOneIsKilled(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "event", "people", "schedule", "media", "notify")
	queries := []*process{c.run(t, "query"), c.run(t, "query")}
	olga := c.as(t, front, "olga@organizers.example")
	f := newFollower(t, 200)
	f.at = func() api { return api{url: queries[f.random.IntN(2)].url, token: olga.token} }
	f.lost = func(left int) {
		switch left {
		case 160: // the one that folds, if it is this one
			queries[0].kill(t)
			queries[0] = c.run(t, "query")
		case 120:
			queries[1].stop(t)
			queries[1] = c.run(t, "query")
		}
	}
	archive := made(t, 1500, 300, 3)
	imports := 0
	for ; f.cuts > 0 || imports == 0; imports++ {
		f.follow(t, olga.upload(t, archive))
	}
	t.Logf("%d imports", imports)
}

func TestTicketOfOneReplicaIsGoodOnceAtAllOfThem(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query") // nothing happens to the import
	other := c.run(t, "query")
	olga := c.as(t, front, "olga@organizers.example")
	id := olga.upload(t, made(t, 3, 3, 1))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, front.url+"/v1/tasks/"+id+"/ticket", nil)
	require.NoError(t, err)
	var ticket struct {
		URL string `json:"stream_url"`
	}
	olga.do(t, req, http.StatusCreated, &ticket)

	req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, other.url+ticket.URL, nil)
	require.NoError(t, err)
	res, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	require.Equal(t, http.StatusOK, res.StatusCode)
	status, body := fetched(t, client, front.url+ticket.URL, "")
	require.Equal(t, http.StatusUnauthorized, status, body)

	// A process that stops does not wait for its streams.
	lines := bufio.NewScanner(res.Body)
	require.True(t, lines.Scan())
	other.stop(t)
	for lines.Scan() {
		continue
	}
	require.NoError(t, lines.Err())
	require.NotContains(t, front.log.String()+other.log.String(), strings.TrimPrefix(ticket.URL, "/v1/tasks/"+id+"/stream?ticket="))
}
