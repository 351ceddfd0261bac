package stage

import (
	"embed"
	"io/fs"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the tables that the runtime keeps in the schema of a
// stage: fences, runs and issues. They come before the service's own.
func Migrations(s contracts.Stage) postgres.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above, so this cannot be
	}
	return postgres.Migrations{Schema: string(s), Name: "stage", Files: files}
}
