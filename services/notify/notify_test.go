package notify

import (
	"os"
	"testing"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// tables are those of notify, and those of people, whose view of who is to be invited
// it reads.
func tables() []postgres.Migrations {
	return append(service.Migrations(Service()), stage.Migrations(contracts.People),
		postgres.Migrations{Schema: "people", Name: "people", Files: os.DirFS("../people/migrations")})
}

func TestEveryPipelinesLastStageKeepsThePromisesOfAStage(t *testing.T) {
	t.Parallel()
	for _, s := range stages(&service.Resources{}) {
		t.Run(string(s.Kind), func(t *testing.T) {
			t.Parallel()
			told := 1
			if s.Kind.Check() { // its owner watches it
				told = 0
			}
			stagetest.Exercise(t, stagetest.Subject{
				Stage:      s,
				Migrations: tables(),
				Rows:       map[string]int{"notify.notifications": told, "notify.mails": told},
			})
		})
	}
}
