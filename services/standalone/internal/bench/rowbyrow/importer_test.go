package rowbyrow

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestImportMakesEveryRowAndFile(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	require.NoError(t, postgres.Migrate(t.Context(), db, service.Migrations(standalone.Services()...)...))
	folder := t.TempDir()
	importer, err := Open(t.Context(), postgrestest.URL(t), folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, importer.Close(t.Context())) })
	var archive bytes.Buffer
	require.NoError(t, sample.Write(&archive, sample.Config{Sessions: 20, Speakers: 10, Seed: 1}))

	require.NoError(t, importer.Import(t.Context(), archive.Bytes()))
	count := func(from string) (n int) {
		require.NoError(t, db.NewSelect().ColumnExpr("count(*)").TableExpr(from).Scan(t.Context(), &n))
		return n
	}
	require.Equal(t, 20, count("rowbyrow.sessions WHERE track_id IS NOT NULL AND microlocation_id IS NOT NULL AND session_type_id IS NOT NULL"))
	require.Equal(t, 10, count("rowbyrow.speakers"))
	require.Equal(t, 1, count("rowbyrow.status WHERE state = 'SUCCESS'"))
	for table := range tables {
		require.Positive(t, count("rowbyrow."+table), table)
	}
	var files []struct {
		Blob string
		Size int64
	}
	require.NoError(t, db.NewSelect().ColumnExpr("blob, size").TableExpr("rowbyrow.files").Scan(t.Context(), &files))
	for _, f := range files {
		info, err := os.Stat(f.Blob)
		require.NoError(t, err)
		require.Equal(t, f.Size, info.Size())
	}
	written, err := filepath.Glob(filepath.Join(folder, "rowbyrow", "*", "*"))
	require.NoError(t, err)
	require.Len(t, written, len(files))
}
