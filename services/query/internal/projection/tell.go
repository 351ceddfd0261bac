package projection

import (
	"context"
	"encoding/json"
)

// tell sends the newest document of each import to whoever watches it, once.
// Nothing depends on its coming: streams look for themselves from time to time.
// So a failure is no reason to fold anything again.
func (p *Projector) tell(ctx context.Context, changed []Import) {
	for _, i := range changed {
		text, err := json.Marshal(i.Task())
		if err == nil {
			err = p.broker.Tell(p.broker.Names().Live(i.Owner(), i.ID), text)
		}
		if err != nil {
			p.log.DebugContext(ctx, "a change was not told", "import", i.ID, "error", err)
		}
	}
}
