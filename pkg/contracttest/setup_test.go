package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// reports is a T that remembers what it was told.
type reports []string

func (r *reports) Helper() {}

func (r *reports) Errorf(format string, args ...any) {
	*r = append(*r, fmt.Sprintf(format, args...))
}

// samples returns the golden messages by the names of their files.
func samples(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../contracts/testdata/messages/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := make(map[string][]byte)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		all[filepath.Base(file)] = b
	}
	return all
}

// objects calls f for every object inside a JSON value, with where it is.
func objects(value any, where string, f func(where string, object map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		f(where, v)
		for key, inner := range v {
			objects(inner, where+"/"+key, f)
		}
	case []any:
		for i, inner := range v {
			objects(inner, fmt.Sprintf("%s/%d", where, i), f)
		}
	}
}

// sampleOf reads a JSON text as a schema wants it.
func sampleOf(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return value
}

func toJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}
