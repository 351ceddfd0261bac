package notify

import (
	"testing"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestEveryPipelinesLastStageKeepsThePromisesOfAStage(t *testing.T) {
	t.Parallel()
	for _, s := range stages(&service.Resources{}) {
		t.Run(string(s.Kind), func(t *testing.T) {
			t.Parallel()
			told := 1
			if s.Kind == contracts.EventCheck { // its owner watches it
				told = 0
			}
			stagetest.Exercise(t, stagetest.Subject{
				Stage:      s,
				Migrations: service.Migrations(Service()),
				Rows:       map[string]int{"notify.notifications": told, "notify.mails": told},
			})
		})
	}
}
