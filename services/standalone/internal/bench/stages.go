package bench

import (
	"bytes"
	"context"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// stages tells where the time of an import with media goes, by what the process
// logs of it.
func stages(ctx context.Context, w *world) (Table, error) {
	t := Table{
		Title: "Where the time of one import goes",
		Notes: []string{
			"A stage lasts from when it has its message until its outcome is durable in the broker, a handover from",
			"there until the next stage has it, which may be quicker than the log that tells of it. These are imports of their own.",
		},
	}
	a, err := newArchive(w.cfg.Sessions, w.cfg.Speakers, sample.Photographs)
	if err != nil {
		return t, err
	}
	pipeline, _ := contracts.PipelineOf(contracts.EventArchive)
	steps := make(map[string][]time.Duration)
	var names []string
	took := func(name string, d time.Duration) {
		if _, known := steps[name]; !known {
			names = append(names, name)
		}
		steps[name] = append(steps[name], d)
	}
	for i := range w.cfg.Runs + 1 {
		one, err := w.usher.imports(ctx, bytes.NewReader(a.content))
		if err != nil {
			return t, err
		}
		if i == 0 {
			continue // the warm-up
		}
		runs, err := w.usher.stages.of(ctx, one.id, len(pipeline.Stages)-1)
		if err != nil {
			return t, err
		}
		at, before := one.began, "upload and handover to "
		for _, run := range runs {
			took(before+string(run.Stage), run.Ended.Add(-run.Took).Sub(at))
			took(string(run.Stage), run.Took)
			at, before = run.Ended, "handover to "
		}
		took("until the client sees SUCCESS", one.began.Add(one.took).Sub(at))
		took("all of it, "+a.text, one.took)
	}
	for _, name := range names {
		t.Measures = append(t.Measures, durations(name, steps[name]))
	}
	return t, nil
}
