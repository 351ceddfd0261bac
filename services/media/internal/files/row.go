// Package files makes rows of what an archive's records say of media, and
// brings the files into the bucket.
package files

import (
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// The states of a file: a row is there, pending, before its bytes are. What could not
// be fetched from the web stays there, and is not missing.
const (
	pending = "pending"
	stored  = "stored"
	missing = "missing"
	onWeb   = "remote"
)

// The issues of a file of the archive. Of those that it lacks, or that are too large, the
// check of the whole archive has told.
const (
	// CodeUnreadable: the archive holds it damaged.
	CodeUnreadable = "media_unreadable"
	// CodeKind: it is there, and not what the field is for.
	CodeKind = "media_kind"
)

// Row is a row of media.files: one reference of a record to a file, of the archive or
// of the web.
type Row struct {
	bun.BaseModel `bun:"table:media.files"`
	ID            int64 `bun:"id,pk,autoincrement"`
	stage.Key

	OwnerType contracts.EntityType `bun:"owner_type"`
	OwnerID   *int64               `bun:"owner_id"`
	Field     string               `bun:"field"`
	Kind      string               `bun:"kind"`
	// Path is what the record says, as found.
	Path string `bun:"path"`
	// Place is where the record says it: an issue without a code and a message.
	Place contracts.Issue `bun:"place,type:jsonb"`
	// What is known of the file is left alone where the row is made again.
	State       string `bun:"state,skipupdate"`
	ContentType string `bun:"content_type,nullzero,skipupdate"`
	Size        *int64 `bun:"size,skipupdate"`
}

// issue is a warning about what the record says.
func (r Row) issue(code, message string) contracts.Issue {
	i := r.Place
	i.Severity, i.Code, i.Message = contracts.Warning, code, message
	return i
}

// withMedia is a record that may name files.
type withMedia interface{ Media() []openevent.MediaRef }

// Of declares the rows that the records of a file lead to. Absolute addresses
// have none where they are not to be fetched: they stay where they are, with the
// record's own row.
func Of[Record withMedia](f openevent.File[Record]) stage.Entity {
	return stage.Lists(contracts.MediaFiles, f, func(sc *stage.Scope, rec openevent.Record[Record]) []*Row {
		var rows []*Row
		for _, ref := range rec.Value.Media() {
			url := openevent.IsURL(ref.Value)
			if url && !sc.Options.FetchMedia {
				continue
			}
			row := &Row{
				Key:       sc.Key(fmt.Sprintf("%s/%s/%s", f.Type, rec.Origin(), ref.Field)),
				OwnerType: f.Type,
				OwnerID:   sc.RecordID(f.Type, rec.Origin(), rec.ID),
				Field:     ref.Field,
				Kind:      string(ref.Kind),
				Path:      ref.Value,
				Place:     rec.Issue("", "", ref.Field, ""),
				State:     pending,
			}
			if _, ok := sc.Archive.Media(ref.Value); !ok && !url {
				row.State = missing
			}
			rows = append(rows, row)
		}
		return rows
	})
}
