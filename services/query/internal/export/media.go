package export

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// The states of a file that the archive has, and of one that a record names and nobody has.
const (
	stored  = "stored"
	missing = "missing"
)

// file is what is known of a file that a row names and the store has.
type file struct {
	ID    int64  `json:"id"`
	Field string `json:"field"`
	Kind  string `json:"kind"`
	Blob  string `json:"blob"`
	Size  int64  `json:"size"`
	// End is how the path of the file ends, which has its extension.
	End string `json:"end"`
}

// extension is that of the file's name, with its dot, or nothing.
func (f file) extension() string {
	end, _, _ := strings.Cut(f.End, "?") // of an address
	return path.Ext(path.Base(end))
}

// withFiles adds to a query of rows the files that they name, as far as the store has them.
func withFiles(query *bun.SelectQuery, of contracts.EntityType) *bun.SelectQuery {
	return query.ColumnExpr(`(SELECT json_agg(json_build_object('id', f.id, 'field', f.field, 'kind', f.kind,
			'blob', coalesce(f.blob, ''), 'size', coalesce(f.size, 0), 'end', right(f.path, 100)) ORDER BY f.id)
		FROM media.api_media AS f WHERE f.owner_id = r.id AND f.owner_type = ? AND f.import_id = r.import_id AND f.state = ?) AS files`, of, stored)
}

// namedFile is a file that the archive is to hold.
type namedFile struct {
	name, blob string
	size       int64
}

// shelf decides what fields of records say of files, and remembers which files the
// archive is to hold.
type shelf struct {
	contracts.Export
	// address is where the files of the event are served.
	address string
	zone    *time.Location
	// lacking are the paths of files that are missing.
	lacking *openevent.Paths
	files   []namedFile
	// named are their names, by blob.
	named map[string]string
}

// wants tells whether the archive is to hold files of a kind.
func (s *shelf) wants(kind string) bool {
	switch openevent.MediaKind(kind) {
	case openevent.Image:
		return s.Image
	case openevent.Video:
		return s.Video
	case openevent.Audio:
		return s.Audio
	case openevent.Slides:
		return s.Document
	}
	return false
}

// fields are the files of one row, for the function that maps it.
type fields struct {
	*shelf
	owner contracts.EntityType
	// name and id are those of the row.
	name, id string
	files    []file
}

// of is what the archive says in a field that names a file, where the row says value: the
// path of the file in it, or where the file is on the web. An address that was not fetched,
// and a path that leads nowhere, stay.
func (f fields) of(field, value string) string {
	if value == "" {
		return ""
	}
	for _, known := range f.files {
		if known.Field != field {
			continue
		}
		if !f.wants(known.Kind) {
			return f.address + strconv.FormatInt(known.ID, 10) + "/original"
		}
		name, ok := f.named[known.Blob]
		if !ok { // else it is one address of the web that many name
			name = f.nameOf(field, known.extension())
			f.named[known.Blob] = name
			f.shelf.files = append(f.shelf.files, namedFile{name: name, blob: known.Blob, size: known.Size})
		}
		return "/" + name
	}
	return value
}

// nameOf is the name of the field's file in the archive: the usual one, unless the path of a
// file that is missing would lead to it. Then it has a number behind it, as no usual one has.
func (f fields) nameOf(field, extension string) string {
	bare := openevent.MediaName(f.owner, field, f.name, f.id, "")
	name := openevent.MediaName(f.owner, field, f.name, f.id, extension)
	extension = name[len(bare):]
	for n := 2; f.lacking.LeadTo(name); n++ {
		name = bare + "-" + strconv.Itoa(n) + extension
	}
	return name
}

// cut shortens a value that an issue repeats.
func cut(value string) string {
	if len(value) > contracts.MaxIssueValue {
		value = strings.ToValidUTF8(value[:contracts.MaxIssueValue], "")
	}
	return value
}
