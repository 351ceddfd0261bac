// Package openapi serves the documents of all services as one, for those who
// make a client from it or look around. The query service has the route.
package openapi

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/usher-events/usher/contracts"
)

// object is a JSON object.
type object = map[string]any

// Document joins the documents of all services. Components of one name are the
// same in each of them, which a test of the contracts holds, so joining them
// loses nothing; a path that several services share has the operations of all.
func Document() ([]byte, error) {
	paths, components := object{}, object{}
	whole := object{
		"openapi": "3.1.0",
		"info": object{
			"title":       "Usher",
			"version":     "1.0.0",
			"description": "Brings events in: upload an archive, follow its import, and read the event that it becomes.",
			"license":     object{"name": "Apache 2.0", "identifier": "Apache-2.0"},
		},
		"servers":    []any{object{"url": "/"}},
		"paths":      paths,
		"components": components,
	}
	for _, service := range contracts.Services() {
		text, err := fs.ReadFile(contracts.OpenAPI(), string(service)+".yaml")
		if len(contracts.RoutesOf(service)) == 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		var own object
		if err := yaml.Unmarshal(text, &own); err != nil {
			return nil, fmt.Errorf("openapi/%s.yaml: %w", service, err)
		}
		whole["security"] = own["security"]
		join(paths, own["paths"])
		join(components, own["components"])
	}
	return json.MarshalIndent(whole, "", "  ")
}

// join adds what is in from, one level deep, to what is in into.
func join(into object, from any) {
	groups, _ := from.(object)
	for name, group := range groups {
		members, _ := group.(object)
		if into[name] == nil {
			into[name] = object{}
		}
		maps.Copy(into[name].(object), members)
	}
}

// Handler answers GET /openapi.json. The documents are built in, so that one
// that cannot be read is a defect of this build.
func Handler() http.Handler {
	document, err := Document()
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(document)))
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(document) // a client that is gone misses nothing
	})
}
