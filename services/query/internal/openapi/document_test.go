package openapi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestDocumentHasEveryRouteOfEveryService(t *testing.T) {
	t.Parallel()
	text, err := Document()
	require.NoError(t, err)
	var document struct {
		Paths map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(text, &document))
	operations := 0
	for _, item := range document.Paths {
		operations += len(item)
	}
	require.Equal(t, len(contracts.Routes()), operations)
	for _, route := range contracts.Routes() {
		require.Contains(t, document.Paths[route.Path], strings.ToLower(route.Method), route.Path)
	}
}

func TestEveryReferenceOfTheDocumentLeadsSomewhere(t *testing.T) {
	t.Parallel()
	text, err := Document()
	require.NoError(t, err)
	var document any
	require.NoError(t, json.Unmarshal(text, &document))
	references := 0
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				references++
				require.NotNil(t, at(document, ref), ref)
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(document)
	require.Positive(t, references)
}

// at follows a reference inside the document.
func at(document any, ref string) any {
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, _ := document.(map[string]any)
		document = object[step]
	}
	return document
}
