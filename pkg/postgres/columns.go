package postgres

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun/schema"
)

// The columns that the rows of an import have.
const (
	columnID       = "id"
	columnImport   = "import_id"
	columnAttempt  = "attempt"
	columnOrigin   = "origin"
	columnSourceID = "source_id"
)

// columns says how the rows of one bun model go into a COPY.
type columns struct {
	table    *schema.Table
	fields   []*schema.Field
	names    []string
	importID int
	origin   int
	sourceID int // -1 without one
	hasID    bool
	arrays   bool
}

// columnsOf finds the columns that an insert gives values for: all of the
// model but those that the database numbers.
func columnsOf(table *schema.Table) (*columns, error) {
	c := &columns{table: table, origin: -1, sourceID: -1}
	for _, f := range table.Fields {
		if f.AutoIncrement || f.Identity {
			c.hasID = c.hasID || f.Name == columnID
			continue
		}
		switch f.Name {
		case columnImport:
			c.importID = len(c.fields)
		case columnOrigin:
			c.origin = len(c.fields)
		case columnSourceID:
			c.sourceID = len(c.fields)
		}
		c.arrays = c.arrays || isArray(f)
		c.fields = append(c.fields, f)
		c.names = append(c.names, f.Name)
	}
	for _, name := range []string{columnImport, columnAttempt, columnOrigin} {
		if !table.HasField(name) {
			return nil, fmt.Errorf("model %s has no column %s", table.TypeName, name)
		}
	}
	return c, nil
}

// values returns the row's values in the order of the columns, and roughly
// how many bytes they take. It keeps nothing that a caller might overwrite.
func (c *columns) values(row any) (values []any, size int, err error) {
	v := reflect.Indirect(reflect.ValueOf(row))
	if !v.IsValid() || v.Type() != c.table.Type {
		return nil, 0, fmt.Errorf("a row of type %T where %s is stored", row, c.table.TypeName)
	}
	values = make([]any, len(c.fields), len(c.fields)+1)
	for i, f := range c.fields {
		value, err := columnValue(f, v)
		if err != nil {
			return nil, 0, fmt.Errorf("origin %q, column %s: %w", c.text(values, c.origin), f.Name, err)
		}
		values[i] = value
		switch value := value.(type) {
		case string:
			size += len(value)
		case []byte:
			size += len(value)
		default:
			size += 8
		}
	}
	return values, size, nil
}

// text returns the text in column i, and "" where there is none.
func (c *columns) text(values []any, i int) string {
	if i < 0 {
		return ""
	}
	s, _ := values[i].(string)
	return s
}

// columnValue converts a field to what pgx encodes, and nil for NULL, by
// bun's rules: nil pointers are NULL, zero values where the tag says nullzero,
// or where it names a default (see [columns.selected]).
func columnValue(f *schema.Field, row reflect.Value) (any, error) {
	if f.HasZeroValue(row) && (f.NullZero || f.SQLDefault != "") {
		return nil, nil
	}
	v := f.Value(row)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	if valuer, ok := reflect.TypeAssert[driver.Valuer](v); ok {
		value, err := valuer.Value()
		if s, ok := value.(string); ok && err == nil {
			return textValue(s)
		}
		return value, err
	}
	if isJSON(f) {
		return jsonValue(v)
	}
	switch v.Kind() {
	case reflect.String:
		return textValue(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Slice:
		if v.IsNil() {
			return nil, nil
		}
		if b, ok := reflect.TypeAssert[[]byte](v); ok {
			return bytes.Clone(b), nil
		}
	}
	return v.Interface(), nil
}

func textValue(s string) (any, error) {
	if strings.IndexByte(s, 0) >= 0 {
		return nil, ErrNUL
	}
	return s, nil
}

func isJSON(f *schema.Field) bool {
	return strings.EqualFold(f.UserSQLType, "jsonb") || strings.EqualFold(f.UserSQLType, "json")
}

// jsonValue takes bytes as JSON that is already written, and writes anything else.
func jsonValue(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		if v.IsNil() {
			return nil, nil
		}
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return bytes.Clone(v.Bytes()), nil
		}
	}
	return json.Marshal(v.Interface())
}

// selected returns the columns as the INSERT reads them from the temporary
// table: where the tag names a default, it takes the place of NULL.
func (c *columns) selected() string {
	list := make([]string, len(c.fields))
	for i, f := range c.fields {
		list[i] = string(f.SQLName)
		if f.SQLDefault != "" {
			list[i] = fmt.Sprintf("coalesce(%s, %s)", f.SQLName, f.SQLDefault)
		}
	}
	return strings.Join(list, ", ")
}

// quoted returns the columns as a list of SQL.
func (c *columns) quoted() string {
	list := make([]string, len(c.fields))
	for i, f := range c.fields {
		list[i] = string(f.SQLName)
	}
	return strings.Join(list, ", ")
}

// updates returns what a row that is already there takes from the new one.
func (c *columns) updates() string {
	var list []string
	for _, f := range c.fields {
		if f.Name == columnImport || f.Name == columnOrigin || f.SkipUpdate() {
			continue
		}
		list = append(list, fmt.Sprintf("%s = excluded.%s", f.SQLName, f.SQLName))
	}
	return strings.Join(list, ", ")
}
