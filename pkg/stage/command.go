package stage

import (
	"context"

	"github.com/usher-events/usher/contracts"
)

// isCommand tells what stands on control subjects.
func isCommand(payload contracts.Payload) bool {
	switch payload.(type) {
	case *contracts.ImportFinished, *contracts.DiscardRequested, *contracts.ReplayRequested:
		return true
	}
	return false
}

// starts tells whether a message begins a run of this stage. Of the commands
// only the replay does that names it.
func (r *Runner) starts(payload contracts.Payload) bool {
	if replay, ok := payload.(*contracts.ReplayRequested); ok {
		return replay.From == r.stage.Name
	}
	_, ok := contracts.CarriedBy(payload)
	return ok
}

// command does what a message of a control subject asks of this stage beside a
// run. The end of an attempt asks nothing: it is for those who show it; and a
// replay is for the stage that it names.
func (r *Runner) command(ctx context.Context, env contracts.Envelope, payload contracts.Payload) error {
	if _, ok := payload.(*contracts.DiscardRequested); !ok {
		return nil
	}
	if err := r.Discard(ctx, env.Import); err != nil {
		r.res.Log.WarnContext(ctx, "discard did not succeed, it comes again", "import", env.Import, "stage", r.stage.Name, "error", err)
		return err
	}
	r.res.Log.InfoContext(ctx, "discarded", "import", env.Import, "stage", r.stage.Name)
	return nil
}
