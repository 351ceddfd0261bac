package tasks

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// csvMedia is the media type of a list as a table.
const csvMedia = "text/csv"

// wantsTable tells whether a list is asked for as a table: by the parameter
// format, or by an Accept that names the table and not what we answer else.
func wantsTable(r *http.Request) (bool, error) {
	switch r.URL.Query().Get("format") {
	case "csv":
		return true, nil
	case "json":
		return false, nil
	case "":
	default:
		return false, problem.New(http.StatusBadRequest, "bad_format", "format is csv or json.")
	}
	for one := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		// Whoever names both gets what they name first.
		switch media, params, err := mime.ParseMediaType(one); {
		case err != nil || params["q"] == "0":
		case media == csvMedia:
			return true, nil
		case media == plain, media == "*/*":
			return false, nil
		}
	}
	return false, nil
}

// tablePage is how many issues are read at once for a table: whoever reads it
// slowly holds no connection of the database meanwhile.
const tablePage = 1000

// writeTable sends all issues that narrow leaves, as they are read.
func (t Tasks) writeTable(w http.ResponseWriter, r *http.Request, i projection.Import, narrow func(*bun.SelectQuery)) error {
	var out table.Writer
	for offset := 0; ; offset += tablePage {
		issues, total, err := t.issues(r.Context(), i, func(query *bun.SelectQuery) {
			narrow(query)
			query.Limit(tablePage).Offset(int64(offset))
		})
		if err != nil {
			return err // once the answer has begun this breaks it off
		}
		if out == nil {
			header := w.Header()
			header.Set("Content-Type", csvMedia+"; charset=utf-8; header=present")
			header.Set("Content-Disposition", `attachment; filename="issues-`+i.ID+`.csv"`)
			header.Set("Cache-Control", "private, no-store") // the list at the same address may be kept, this is another form
			header.Add("Vary", "Authorization, Cookie")
			if out, err = table.NewWriter(w, table.CSV); err != nil {
				return err
			}
			_ = out.Write([]string{ // as below: a client that is gone misses nothing
				"severity", "code", "file", "pointer", "line", "column", "source_id", "record_index", "message", "value", "hint",
			})
		}
		for _, found := range issues {
			if out.Write(cellsOf(found)) != nil {
				return nil //nolint:nilerr // nobody is there any more to be told
			}
		}
		if offset+tablePage >= total {
			_ = out.Close()
			return nil
		}
	}
}

func cellsOf(found contracts.Issue) []string {
	index := ""
	if found.RecordIndex != nil {
		index = strconv.Itoa(*found.RecordIndex)
	}
	return []string{
		string(found.Severity), found.Code, found.File, found.Pointer, number(found.Line), number(found.Column),
		found.SourceID, index, found.Message, found.Value, found.Hint,
	}
}

// number is empty for 0, which stands for what is not known.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
