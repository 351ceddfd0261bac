package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// objectDelay is how long the bucket takes with each object.
const objectDelay = 20 * time.Millisecond

// mediaReplicas are how many processes of media there are.
var mediaReplicas = []int{1, 2, 4}

// uploadsAtOnce is how many archives of a backlog are uploaded side by side.
const uploadsAtOnce = 8

// scaleOut tells how much sooner more replicas of media are done with what waits for them,
// and what one costs that has nothing to do.
func scaleOut(ctx context.Context, w *world) (t Table, err error) {
	a, err := newArchive(w.cfg.Sessions, w.cfg.Speakers, sample.Photographs)
	if err != nil {
		return t, err
	}
	t = Table{
		Title: fmt.Sprintf("Replicas of media: %d imports of %s wait for them", w.cfg.Backlog, a.text),
		Notes: []string{
			fmt.Sprintf("Each replica is a process with one import at a time (USHER_WORKERS=1); the bucket takes %s for each object.", objectDelay),
			"Each other service is one process. Media is paused until all imports wait for it.",
			"Bucket, database, broker and all services have the cores of this machine together: where these are busy, replicas wait for each other.",
			"Time: from when the pause ends until the last import has SUCCESS. The speed-up is that of one replica by that of more, run by run.",
			fmt.Sprintf("Idle: %d replicas with nothing to do, for %s; CPU is of all cores, for a minute.", MinRuns, w.cfg.Idle),
		},
	}
	store, err := startSlowStore(ctx, objectDelay)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, store.close()) }()
	usher, err := w.openApart(ctx, "scaleout", store.url())
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, usher.close()) }()
	if err := usher.runAll(ctx); err != nil {
		return t, err
	}
	var one Measure
	for _, replicas := range mediaReplicas {
		if err := usher.replicas(ctx, contracts.MediaService, replicas, "USHER_WORKERS=1"); err != nil {
			return t, err
		}
		var times []time.Duration
		var busy []float64
		for i := range MinRuns + 1 {
			took, cores, err := usher.drain(ctx, a, w.cfg.Backlog)
			if err != nil {
				return t, err
			}
			if i > 0 { // the first is the warm-up
				times, busy = append(times, took), append(busy, cores)
			}
		}
		m := durations(fmt.Sprintf("replicas of media: %d", replicas), times)
		t.Measures = append(t.Measures, m, newMeasure(fmt.Sprintf("the cores are busy, with %d", replicas), "%", busy))
		if one.Samples == nil {
			one = m
			continue
		}
		t.Measures = append(t.Measures, ratios(fmt.Sprintf("speed-up by %d", replicas), one, m))
	}
	idle, err := usher.idle(ctx, w.cfg.Idle)
	t.Measures = append(t.Measures, idle...)
	return t, err
}

// replicas has so many processes of a service, all of them new.
func (a *apart) replicas(ctx context.Context, service contracts.Service, n int, settings ...string) error {
	if err := a.end(service); err != nil {
		return err
	}
	for range n {
		if err := a.run(ctx, service, settings...); err != nil {
			return err
		}
	}
	return nil
}

// drain has so many imports wait for media, and tells how long it takes until all of them
// have succeeded, and how busy the cores are meanwhile, in percent.
func (a *apart) drain(ctx context.Context, what archive, imports int) (took time.Duration, busy float64, err error) {
	if _, err := a.uploads.Pause(ctx, string(contracts.Media), time.Hour); err != nil {
		return 0, 0, err
	}
	pipeline, _ := contracts.PipelineOf(contracts.EventArchive)
	waiting := make([]imported, imports)
	uploading, uploads := errgroup.WithContext(ctx)
	uploading.SetLimit(uploadsAtOnce)
	for n := range waiting {
		uploading.Go(func() error {
			accepted, err := a.uploads.Import(uploads, client.Archive{
				Name: "bench.zip", Size: int64(len(what.content)), Content: bytes.NewReader(what.content),
			})
			if err != nil {
				return err
			}
			waiting[n].id = accepted.ID
			_, err = a.stages.of(uploads, accepted.ID, len(pipeline.Stages)-3) // all but ingest, media and notify
			return err
		})
	}
	if err := uploading.Wait(); err != nil {
		return 0, 0, err
	}
	before, err := coresNow()
	if err != nil {
		return 0, 0, err
	}
	if err := a.uploads.Resume(ctx, string(contracts.Media)); err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	awaiting, ctx := errgroup.WithContext(ctx)
	for n := range waiting {
		awaiting.Go(func() error { return a.await(ctx, &waiting[n], contracts.EventArchive) })
	}
	if err := awaiting.Wait(); err != nil {
		return 0, 0, err
	}
	took = time.Since(begin)
	busy, err = before.busySince()
	return took, busy, err
}

// idle tells what replicas of media cost while they have nothing to do.
func (a *apart) idle(ctx context.Context, lasting time.Duration) ([]Measure, error) {
	if err := a.replicas(ctx, contracts.MediaService, MinRuns); err != nil {
		return nil, err
	}
	before := make([]usage, MinRuns)
	for n, p := range a.processes[contracts.MediaService] {
		var err error
		if before[n], err = usageOf(p.pid()); err != nil {
			return nil, err
		}
	}
	over := time.NewTimer(lasting)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var cpu, memory []float64
	for n, p := range a.processes[contracts.MediaService] {
		now, err := usageOf(p.pid())
		if err != nil {
			return nil, err
		}
		bytes, err := resident(p.pid())
		if err != nil {
			return nil, err
		}
		cpu = append(cpu, (now.cpu-before[n].cpu).Seconds()*float64(time.Minute)/float64(lasting))
		memory = append(memory, float64(bytes)/(1<<20))
	}
	return []Measure{newMeasure("an idle replica, CPU in a minute", "s", cpu), newMeasure("memory of an idle replica", "MiB", memory)}, nil
}
