package media

import (
	"testing"

	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/media/internal/files"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestArchiveStageKeepsThePromisesOfAStage(t *testing.T) {
	t.Parallel()
	stagetest.Exercise(t, stagetest.Subject{
		Stage:      archiveStage(files.Web{}),
		Migrations: service.Migrations(Service()),
		Rows: map[string]int{
			"media.files": 3,
		},
	})
}
