package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// media is the type of the resources that stand for files, stored the state of
// those whose bytes are there, original the name of the bytes as they came.
const (
	media    = "media"
	stored   = "stored"
	original = "original"
)

// pictures are the content types of which smaller copies are made.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// shelf knows the stored files that some rows name.
type shelf struct {
	// url is how people reach us.
	url   string
	files map[place]item
}

// place is how a row names a file: which row, in which field, by which path.
type place struct {
	ownerType string
	ownerID   int64
	field     string
	path      string
}

// item is a file that is stored.
type item struct {
	id          int64
	contentType string
}

// shelf finds the files that the rows of some batches name, by one query, or by
// none where they name none.
func (a API) shelf(ctx context.Context, want ask, batches []batch) (shelf, error) {
	s := shelf{url: strings.TrimSuffix(a.PublicURL, "/")}
	owners := make(map[string][]int64)
	for _, b := range batches {
		for _, r := range b.rows {
			if b.res.namesFile(r, want) {
				owners[b.res.path] = append(owners[b.res.path], r.id)
			}
		}
	}
	if len(owners) == 0 {
		return s, nil
	}
	var found []struct {
		ID          int64
		OwnerType   string
		OwnerID     int64
		Field       string
		Path        string
		ContentType string
	}
	err := a.DB.NewSelect().TableExpr("media.api_media AS m").
		Column("m.id", "m.owner_type", "m.owner_id", "m.field", "m.path").
		ColumnExpr("coalesce(m.content_type, '') AS content_type").
		Where("m.state = ?", stored).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for kind, ids := range owners {
				q.WhereOr("m.owner_type = ? AND m.owner_id IN (?)", kind, bun.List(ids))
			}
			return q
		}).
		OrderExpr("m.id").Scan(ctx, &found)
	if err != nil {
		return s, fmt.Errorf("files: %w", err)
	}
	s.files = make(map[place]item, len(found))
	for _, f := range found {
		s.files[place{f.OwnerType, f.OwnerID, f.Field, f.Path}] = item{f.ID, f.ContentType}
	}
	return s, nil
}

// namesFile tells whether a row names a file in a column that is to be shown.
func (res resource) namesFile(r row, want ask) bool {
	return slices.ContainsFunc(res.attributes, func(a attribute) bool {
		if a.file == nil || !want.shows(res, a.name()) {
			return false
		}
		return res.text(r, a.column) != "" || a.file.original != "" && res.text(r, a.file.original) != ""
	})
}

// address returns where the file is that a row names in a column, nil where it
// names none or one that is not there. One that was fetched from an address is ours,
// and the address may end at any time.
func (s shelf) address(res resource, r row, a attribute) any {
	value := res.text(r, a.column)
	if f, ok := s.files[place{res.path, r.id, a.file.field, value}]; ok {
		return s.bytes(r.scope, f.id, original)
	}
	if url := absolute(value); url != "" {
		return url
	}
	if a.file.original == "" {
		return nil
	}
	// The archive gives no copy of this size; one is made of the picture.
	picture := res.attribute(a.file.original)
	f, ok := s.files[place{res.path, r.id, picture.file.field, res.text(r, picture.column)}]
	if !ok || !slices.Contains(pictures, f.contentType) {
		return nil
	}
	return s.bytes(r.scope, f.id, a.file.field)
}

// bytes returns where the bytes of a file are, as they came or in a size.
func (s shelf) bytes(of scope, id int64, size string) string {
	return s.url + "/v1/events/" + number(of.event) + "/media/" + number(id) + "/" + size
}

// absolute returns a value as the address of something on the web, "" where it
// is none. An address without a scheme of its own has that of the page it is on,
// which is no use to whoever has only our answer.
func absolute(value string) string {
	if strings.HasPrefix(value, "//") {
		return "https:" + value
	}
	scheme, _, found := strings.Cut(value, "://")
	if found && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) {
		return value
	}
	return ""
}
