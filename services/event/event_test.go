package event

import (
	"testing"

	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestArchiveStageKeepsThePromisesOfAStage(t *testing.T) {
	t.Parallel()
	stagetest.Exercise(t, stagetest.Subject{
		Stage:      archiveStage(),
		Migrations: service.Migrations(Service()),
		Rows: map[string]int{
			"event.events": 1, "event.social_links": 1, "event.custom_forms": 2, "event.identifiers": 1,
		},
	})
}
