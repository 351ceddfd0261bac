package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/usher-events/usher/contracts"
)

// base is what the $id of every schema begins with.
const base = "https://usher.example/schemas/"

// schema is a schema in two forms: as it is published, for those who receive,
// and closed, for those who send.
type schema struct{ open, closed *jsonschema.Schema }

// messageSchemas has the schema of each message type.
var messageSchemas = sync.OnceValues(func() (map[string]schema, error) {
	all := make(map[string]schema)
	open, err := compileMessages(false)
	if err != nil {
		return nil, err
	}
	closed, err := compileMessages(true)
	if err != nil {
		return nil, err
	}
	for messageType := range contracts.Registry() {
		all[messageType] = schema{open: open[messageType], closed: closed[messageType]}
	}
	return all, nil
})

func compileMessages(closed bool) (map[string]*jsonschema.Schema, error) {
	types := make(map[string]string)
	for messageType := range contracts.Registry() {
		types[contracts.SchemaPath(messageType)] = messageType
	}
	c := newCompiler()
	err := fs.WalkDir(contracts.Schemas(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		tree, err := readSchema(path)
		if err != nil {
			return err
		}
		if _, whole := types[path]; closed && whole {
			closeValue(tree)
		} else if closed {
			closeParts(tree)
		}
		return c.AddResource(base+path, tree)
	})
	if err != nil {
		return nil, fmt.Errorf("schemas: %w", err)
	}
	compiled := make(map[string]*jsonschema.Schema)
	for path, messageType := range types {
		if compiled[messageType], err = c.Compile(base + path); err != nil {
			return nil, fmt.Errorf("schema %q: %w", path, err)
		}
	}
	return compiled, nil
}

func newCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	return c
}

// readSchema reads one file of the schemas.
func readSchema(path string) (any, error) {
	b, err := fs.ReadFile(contracts.Schemas(), path)
	if err != nil {
		return nil, err
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("schema %q: %w", path, err)
	}
	return tree, nil
}

// check holds a JSON text against both forms. The error says, in a line for
// each place, what is wrong there.
func (s schema) check(text []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	if err := s.open.Validate(value); err != nil {
		return errors.New(strings.Join(misfits(err), "\n"))
	}
	if err := s.closed.Validate(value); err != nil {
		return errors.New(strings.Join(unnamed(err), "\n"))
	}
	return nil
}

// misfits says what does not fit, and where.
func misfits(err error) []string {
	var lines []string
	for _, leaf := range leaves(err) {
		if name, ok := leaf.ErrorKind.(*kind.PropertyNames); ok {
			// The library does not keep the place of a name.
			lines = append(lines, fmt.Sprintf("a member must not have the name '%s'", name.Property))
			continue
		}
		lines = append(lines, leaf.Error())
	}
	return lines
}

// unnamed says which members no schema names, in a value that is right
// otherwise. One such member makes the part of the schema fail that it is
// under, and what a failed part has named counts no more, all the way up: so
// only the deepest complaints are true ones.
func unnamed(err error) []string {
	var lines []string
	deepest := 0
	for _, leaf := range leaves(err) {
		if _, ok := leaf.ErrorKind.(*kind.FalseSchema); !ok {
			continue
		}
		if depth := len(leaf.InstanceLocation); depth > deepest {
			deepest, lines = depth, nil
		} else if depth < deepest {
			continue
		}
		lines = append(lines, fmt.Sprintf("at '/%s': no schema names this member", strings.Join(leaf.InstanceLocation, "/")))
	}
	return lines
}

// leaves returns the causes that have no cause themselves, and what is wrong with names.
func leaves(err error) []*jsonschema.ValidationError {
	invalid := (*jsonschema.ValidationError)(nil)
	if !errors.As(err, &invalid) {
		return nil
	}
	_, isName := invalid.ErrorKind.(*kind.PropertyNames)
	if isName || len(invalid.Causes) == 0 {
		return []*jsonschema.ValidationError{invalid}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range invalid.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

// indented gives a JSON text as people read it, and any other as it is, both
// cut to a length that a test's output can bear.
func indented(text []byte) string {
	const most = 4 << 10
	var out bytes.Buffer
	if json.Indent(&out, text, "", "  ") != nil {
		out.Reset()
		out.Write(text)
	}
	if out.Len() > most {
		out.Truncate(most)
		out.WriteString("…")
	}
	return out.String()
}
