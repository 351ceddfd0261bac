// Package template gives people a list of users to begin with, as a file.
package template

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

// contentTypes are those of the formats.
var contentTypes = map[table.Format]string{
	table.CSV:  "text/csv; charset=utf-8",
	table.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// Users answers GET /v1/users/import/template.csv, or .xlsx. The file is the same for
// everybody and as long as the process runs.
func Users(format table.Format) problem.HandlerFunc {
	file, err := written(format)
	if err != nil {
		panic(err) // what is written does not change
	}
	return func(w http.ResponseWriter, _ *http.Request) error {
		header := w.Header()
		header.Set("Cache-Control", "no-cache")
		header.Set("Content-Type", contentTypes[format])
		header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="users.%s"`, format))
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Length", strconv.Itoa(len(file)))
		_, _ = w.Write(file) // a client that is gone misses nothing
		return nil
	}
}

func written(format table.Format) ([]byte, error) {
	var file bytes.Buffer
	out, err := table.NewWriter(&file, format)
	if err != nil {
		return nil, err
	}
	for _, row := range userlist.Template() {
		if err := out.Write(row); err != nil {
			return nil, err
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}
