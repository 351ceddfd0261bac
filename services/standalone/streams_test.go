package standalone_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
)

// viewer keeps a stream open at any of some replicas, loses it at random so many times, and
// comes again with the id of the last event. It runs beside the test, so it returns
// what is wrong.
type viewer struct {
	at     [2]string
	token  string
	path   string
	random *rand.Rand
	cuts   int
	// first is called with the first event, last when the last cut is near.
	first, last func()

	place string
	// seen is the newest document of each import.
	seen map[string]contracts.Task
	text map[string]string
}

// errNothingMore says that a stream is over and was read to its end.
var errNothingMore = errors.New("nothing more is to come")

// view reads until nothing more comes, or enough has been seen.
func (v *viewer) view(ctx context.Context, http *http.Client, enough func() bool) error {
	for !enough() {
		one, hangUp := context.WithCancel(ctx)
		var cut *time.Timer
		if v.cuts > 0 {
			if v.cuts--; v.cuts == 0 {
				v.last()
			}
			cut = time.AfterFunc(time.Duration(v.random.IntN(3000))*time.Millisecond, hangUp)
		}
		err := v.stream(one, http, enough)
		if cut != nil {
			cut.Stop()
		}
		wasCut := one.Err() != nil
		hangUp()
		switch {
		case errors.Is(err, errNothingMore):
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("%s has not ended: %w", v.path, errors.Join(ctx.Err(), err))
		// A connection that has asked for nothing for ten seconds, as on a busy machine, is closed.
		case err != nil && !wasCut && !errors.As(err, new(*url.Error)):
			return err
		}
	}
	return nil
}

// stream reads one stream, to its end or until it is cut.
func (v *viewer) stream(ctx context.Context, client *http.Client, enough func() bool) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.at[v.random.IntN(len(v.at))]+v.path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+v.token)
	if v.place != "" {
		req.Header.Set("Last-Event-ID", v.place)
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusNoContent:
		return errNothingMore
	case http.StatusOK:
	default:
		return fmt.Errorf("%s: %s", v.path, res.Status)
	}
	place, anew := "", false
	for lines := bufio.NewScanner(res.Body); lines.Scan() && !enough(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case name == "event":
			anew = value == "reset"
		case name == "id":
			place = value
		case name == "data" && anew:
			if v.place != "" {
				return fmt.Errorf("%s begins anew behind %s", v.path, v.place)
			}
			anew, v.place = false, place
		case name == "data":
			if err := v.take(place, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *viewer) take(place, document string) error {
	var task contracts.Task
	if err := json.Unmarshal([]byte(document), &task); err != nil {
		return err
	}
	if v.place != "" && numberOf(place) <= numberOf(v.place) {
		return fmt.Errorf("%s: %s comes behind %s", v.path, place, v.place)
	}
	if before := v.seen[task.ID].Version; task.Version <= before {
		return fmt.Errorf("%s: version %d of %s comes behind %d", v.path, task.Version, task.ID, before)
	}
	if v.place, v.seen[task.ID], v.text[task.ID] = place, task, document; v.first != nil {
		v.first()
		v.first = nil
	}
	return nil
}

// numberOf is what grows in the id of an event: a version, or what stands behind the epoch.
func numberOf(place string) int64 {
	n, _ := strconv.ParseInt(place[strings.LastIndexByte(place, '.')+1:], 10, 64)
	return n
}

func TestThousandStreamsThatAreCutGoOnToTheEndAtTwoReplicas(t *testing.T) {
	t.Parallel()
	const viewers, ofAll, imports, cuts = 1000, 10, 10, 3
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	c := newCluster(t)
	front := c.run(t, "ingest", "event", "people", "schedule", "media", "notify")
	replicas := [2]string{c.run(t, "query").url, c.run(t, "query").url}
	olga := c.as(t, front, "olga@organizers.example")
	ada := api{url: front.url, token: output(t, c.env, "token", "--email", "ada@admins.example", "--admin")}
	hold := func(stage contracts.Stage, what string) {
		status, text := ada.sendJSON(t, "/v1/stages/"+string(stage)+"/"+what, map[string]string{"for": "1h"})
		require.Equal(t, http.StatusOK, status, text)
	}
	hold(contracts.People, "pause") // until all are there
	hold(contracts.Notify, "pause") // until all have been cut: whose import has ended is not any more
	var ids []string
	archive := made(t, 300, 50, 3)
	for range imports {
		ids = append(ids, olga.upload(t, archive))
	}

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	many := &http.Client{}
	var there, cut atomic.Int64
	all := make([]*viewer, viewers+ofAll)
	group, ctx := errgroup.WithContext(ctx)
	for n := range all {
		v := &viewer{
			at: replicas, token: olga.token, path: "/v1/imports/stream", random: rand.New(rand.NewPCG(seed, uint64(n))), cuts: cuts,
			first: func() { there.Add(1) }, last: func() { cut.Add(1) }, seen: make(map[string]contracts.Task), text: make(map[string]string),
		}
		enough := func() bool { return false } // its stream says when
		if n < viewers {
			v.path = "/v1/tasks/" + ids[n%imports] + "/stream"
		} else {
			if n%2 == 0 {
				v.token = ada.token
			}
			enough = func() bool {
				for _, id := range ids {
					if task, ok := v.seen[id]; !ok || !task.State.Final() {
						return false
					}
				}
				return true
			}
		}
		all[n] = v
		group.Go(func() error { return v.view(ctx, many, enough) })
	}
	await := func(n *atomic.Int64) {
		require.Eventually(t, func() bool { return n.Load() == int64(len(all)) || ctx.Err() != nil }, patience, 10*time.Millisecond)
	}
	await(&there)
	hold(contracts.People, "resume")
	await(&cut)
	hold(contracts.Notify, "resume")
	require.NoError(t, group.Wait())

	last := make(map[string]string)
	olga.url = replicas[0]
	for _, id := range ids {
		olga.succeeded(t, id)
		status, body := fetched(t, client, olga.url+"/v1/tasks/"+id, olga.token)
		require.Equal(t, http.StatusOK, status)
		last[id] = strings.TrimSpace(body)
	}
	for n, v := range all {
		require.Zero(t, v.cuts, "stream %d was cut as often as it should", n)
		if n < viewers {
			require.Equal(t, map[string]string{ids[n%imports]: last[ids[n%imports]]}, v.text)
		} else {
			require.Equal(t, last, v.text)
		}
	}
}
