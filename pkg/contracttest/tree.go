package contracttest

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// readTree reads YAML into the values that a JSON text would give.
func readTree(text []byte) (any, error) {
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	asJSON, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
}

// at returns the object that the keys lead to, and nil where there is none.
func at(tree any, keys ...string) map[string]any {
	object, _ := tree.(map[string]any)
	for _, key := range keys {
		object, _ = object[key].(map[string]any)
	}
	return object
}

// lookUp returns what a JSON Pointer leads to, and nil where that is nothing.
func lookUp(tree any, pointer string) any {
	for _, token := range strings.Split(pointer, "/")[1:] {
		tree = at(tree)[unescape.Replace(token)]
	}
	return tree
}

// escape makes a key a token of a JSON Pointer, unescape makes it a key again.
var (
	escape   = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)
