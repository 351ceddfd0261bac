package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun/schema"
)

// fewRows is up to how many rows values are quicker than a COPY, which takes four times as
// many round trips.
const fewRows = 32

// few tells whether all rows wait in the chunk and are so few. Arrays need the types that
// only a COPY knows.
func (u *upsert) few() bool { return u.rows <= fewRows && !u.cols.arrays }

func isArray(f *schema.Field) bool {
	return f.Tag.HasOption("array") || strings.HasSuffix(f.UserSQLType, "[]")
}

// insertFew does in one statement what a COPY does in several. The rows are in order.
func (u *upsert) insertFew(ctx context.Context) (err error) {
	if u.rows == 0 {
		return nil
	}
	var b strings.Builder
	args := make([]any, 0, len(u.chunk)*len(u.cols.fields))
	fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", u.cols.table.SQLName, u.cols.quoted())
	for n, row := range u.chunk {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for i, f := range u.cols.fields {
			if i > 0 {
				b.WriteString(", ")
			}
			value := row[i]
			if value == nil && f.SQLDefault != "" {
				b.WriteString("DEFAULT")
				continue
			}
			if text, is := value.([]byte); is && isJSON(f) {
				value = string(text)
			}
			b.WriteByte('?')
			args = append(args, value)
		}
		b.WriteByte(')')
	}
	b.WriteString(u.onConflict())
	if !u.tells() {
		_, err := u.tx.ExecContext(ctx, b.String(), args...)
		return err
	}
	rows, err := u.tx.QueryContext(ctx, b.String()+u.returning(), args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p Pair
		if err := rows.Scan(&p.Origin, &p.SourceID, &p.ID); err != nil {
			return err
		}
		u.made(p)
	}
	return rows.Err()
}
