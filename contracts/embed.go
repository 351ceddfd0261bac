package contracts

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed schemas openapi/*.yaml asyncapi.yaml
var documents embed.FS

// Schemas holds the JSON Schemas (2020-12) of the messages: one for each type
// of Registry, at SchemaPath, and the definitions that they share at the top.
// They refer to each other by relative paths.
func Schemas() fs.FS { return folder("schemas") }

// OpenAPI holds the OpenAPI documents (3.1), "<service>.yaml" for each service
// that has routes. Each stands on its own.
func OpenAPI() fs.FS { return folder("openapi") }

// AsyncAPI is the AsyncAPI document (3.0) in YAML. It refers to the schemas as
// files of the folder "schemas" beside it.
func AsyncAPI() []byte {
	b, err := documents.ReadFile("asyncapi.yaml")
	if err != nil {
		panic(err) // it is embedded above
	}
	return b
}

// SchemaPath is where the schema of a message type lies in Schemas:
// "import/requested/v1.json" for "usher.import.requested.v1".
func SchemaPath(messageType string) string {
	return strings.ReplaceAll(strings.TrimPrefix(messageType, "usher."), ".", "/") + ".json"
}

func folder(name string) fs.FS {
	sub, err := fs.Sub(documents, name)
	if err != nil {
		panic(err) // the name is one of those above
	}
	return sub
}
