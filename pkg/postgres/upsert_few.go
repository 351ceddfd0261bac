package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/uptrace/bun/schema"
)

// few tells whether all rows wait in the first chunk and can be written as the
// values of one INSERT, which is quicker than making a temporary table, copying
// into it and dropping it. Arrays and JSON need the types that only a COPY knows.
func (u *upsert) few() bool { return !u.created && !u.cols.typed }

// needsType tells that a value is written differently for different column types.
func needsType(f *schema.Field) bool {
	return isJSON(f) || f.Tag.HasOption("array") || strings.HasSuffix(f.UserSQLType, "[]")
}

// insertFew does in one statement what copying and insert do in five: it sorts
// the rows itself and gives the same ids in the same order.
func (u *upsert) insertFew(ctx context.Context) (err error) {
	slices.SortStableFunc(u.chunk, u.compare)
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
			if row[i] == nil && f.SQLDefault != "" {
				b.WriteString("DEFAULT")
				continue
			}
			b.WriteByte('?')
			args = append(args, row[i])
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

// compare is order for two rows that are here.
func (u *upsert) compare(a, b []any) int {
	if u.cols.sourceID < 0 {
		return 0
	}
	x, y := u.cols.text(a, u.cols.sourceID), u.cols.text(b, u.cols.sourceID)
	switch {
	case x == "" || y == "":
		return cmp.Compare(len(y), len(x)) // the one without comes last
	case u.numeric:
		return number(x).Cmp(number(y))
	}
	return bytes.Compare([]byte(x), []byte(y))
}

// number reads a source id that isNumber.
func number(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 10) // isNumber has seen to it
	return n
}
