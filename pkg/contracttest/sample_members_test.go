package contracttest

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// members follows a schema beside values that it describes, and notes where it names
// members: whether any of the values has them. A part that several types share is one
// place.
type members struct {
	t    *testing.T
	seen map[string]bool
}

// follow looks at the schema that stands at the pointer of a file.
func (m *members) follow(file, pointer string, schema any, values []any) {
	s, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if ref, ok := s["$ref"].(string); ok {
		target, fragment, _ := strings.Cut(ref, "#")
		if target == "" {
			target = file
		} else {
			target = path.Join(path.Dir(file), target)
		}
		tree, err := readSchema(target)
		require.NoError(m.t, err)
		m.follow(target, fragment, at(tree, strings.FieldsFunc(fragment, func(r rune) bool { return r == '/' })...), values)
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		parts, _ := s[keyword].([]any)
		for _, part := range parts {
			m.follow(file, pointer, part, values)
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for name, inner := range properties {
		var those []any
		for _, value := range values {
			if object, ok := value.(map[string]any); ok && object[name] != nil {
				those = append(those, object[name])
			}
		}
		where := file + "#" + pointer + "/" + name
		m.seen[where] = m.seen[where] || len(those) > 0
		m.follow(file, pointer+"/"+name, inner, those)
	}
	var inside []any
	for _, value := range values {
		switch v := value.(type) {
		case []any:
			inside = append(inside, v...)
		case map[string]any:
			inside = slices.AppendSeq(inside, maps.Values(v))
		}
	}
	m.follow(file, pointer+"/*", s["items"], inside)
	m.follow(file, pointer+"/*", s["additionalProperties"], inside)
}

func TestSamplesHaveEveryMemberOfTheSchemas(t *testing.T) {
	t.Parallel()
	values := make(map[string][]any)
	for _, raw := range samples(t) {
		var sample map[string]any
		require.NoError(t, json.Unmarshal(raw, &sample))
		messageType := sample["type"].(string)
		values[messageType] = append(values[messageType], sample)
	}
	m := members{t: t, seen: make(map[string]bool)}
	for messageType := range contracts.Registry() {
		file := contracts.SchemaPath(messageType)
		tree, err := readSchema(file)
		require.NoError(t, err)
		m.follow(file, "", tree, values[messageType])
	}
	require.NotEmpty(t, m.seen)
	for where, seen := range m.seen {
		require.True(t, seen, "no sample has %s: what none has is not kept for the releases to come", where)
	}
}
