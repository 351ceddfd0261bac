package stage_test

import (
	"context"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

func TestWarningFailsAStrictImportAndNoOther(t *testing.T) {
	t.Parallel()
	w := stagetest.NewWorld(t, stage.Migrations(contracts.People))
	warn := func(run *stage.Run) {
		run.Report(contracts.Issue{Severity: contracts.Warning, Code: "wrong_type", File: "speakers", Message: "This is odd"})
		run.Report(contracts.Issue{Severity: contracts.Info, Code: "unknown_key", File: "speakers", Message: "This is known"})
	}
	for name, s := range map[string]stage.Stage{
		"before the rows": {Before: func(_ context.Context, run *stage.Run) error { warn(run); return nil }},
		"in the effects": {Effects: func(_ context.Context, run *stage.Run) (stage.Record, error) {
			warn(run)
			return func(context.Context, bun.Tx) error { return nil }, nil
		}},
	} {
		s.Kind, s.Name = contracts.EventArchive, contracts.People
		for _, mode := range []contracts.Mode{contracts.DefaultMode, contracts.Strict, contracts.Lenient} {
			t.Run(name+", "+mode.String(), func(t *testing.T) {
				t.Parallel()
				env := stagetest.NewEnvelope(s.Kind)
				data, err := contracts.Encode(env, &contracts.EventImported{Completed: contracts.Completed{Carried: contracts.Carried{
					Blob: "none", Options: contracts.Options{Mode: mode},
					Event: &contracts.EventFacts{ID: "1", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "UTC"},
				}}})
				require.NoError(t, err)
				msg := message.NewMessage(uuid.NewString(), data)
				msg.SetContext(t.Context())
				require.NoError(t, stage.NewRunner(s, w.Resources).Handle(msg))
				_, payload, ok := w.Outcome(t.Context(), t, s, env.Import, 1)
				require.True(t, ok)
				if mode != contracts.Strict {
					require.Equal(t, contracts.IssueCounts{Warning: 1, Info: 1}, payload.(*contracts.PeopleImported).Found)
					return
				}
				failed := payload.(*contracts.StageFailed)
				require.Equal(t, stage.CodeInvalidArchive, failed.Code)
				require.Equal(t, "speakers: This is odd", failed.Reason)
				require.Equal(t, contracts.IssueCounts{Error: 1, Info: 1}, failed.Found)
			})
		}
	}
}
