package contracttest

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// answer names one body of a document.
type answer struct {
	method, path string
	status       string
	contentType  string
}

// compileBodies compiles the schema of every body of every answer.
func compileBodies(name string, text []byte) (map[answer]schema, error) {
	open, err := compileAnswers(name, text, false)
	if err != nil {
		return nil, err
	}
	closed, err := compileAnswers(name, text, true)
	if err != nil {
		return nil, err
	}
	bodies := make(map[answer]schema)
	for a := range open {
		bodies[a] = schema{open: open[a], closed: closed[a]}
	}
	return bodies, nil
}

func compileAnswers(name string, text []byte, closed bool) (map[answer]*jsonschema.Schema, error) {
	tree, err := readTree(text)
	if err != nil {
		return nil, err
	}
	pointers := answers(tree)
	if closed {
		each(at(tree, "components", "schemas"), closeParts)
		for _, pointer := range pointers {
			// Several answers share one; closing it again changes nothing.
			closeValue(lookUp(tree, pointer))
		}
	}
	c := newCompiler()
	if err := c.AddResource(base+name, tree); err != nil {
		return nil, err
	}
	compiled := make(map[answer]*jsonschema.Schema)
	for a, pointer := range pointers {
		fragment := url.URL{Fragment: pointer}
		if compiled[a], err = c.Compile(base + name + fragment.String()); err != nil {
			return nil, fmt.Errorf("%s %s %s: %w", a.method, a.path, a.status, err)
		}
	}
	return compiled, nil
}

// answers says where in a document the schema of each body stands, as a JSON Pointer.
func answers(tree any) map[answer]string {
	pointers := make(map[answer]string)
	eachAnswer(tree, func(a answer, where string, response any) {
		for contentType := range at(response, "content") {
			a.contentType = contentType
			pointers[a] = where + "/content/" + escape.Replace(contentType) + "/schema"
		}
	})
	return pointers
}

// emptyAnswers tells which answers have no body.
func emptyAnswers(tree any) map[answer]bool {
	empty := make(map[answer]bool)
	eachAnswer(tree, func(a answer, _ string, response any) {
		if len(at(response, "content")) == 0 {
			empty[a] = true
		}
	})
	return empty
}

// eachAnswer calls f with every answer of a document, and where it is described.
func eachAnswer(tree any, f func(a answer, where string, response any)) {
	for path, item := range at(tree, "paths") {
		for method, operation := range at(item) {
			for status, response := range at(operation, "responses") {
				where := "/paths/" + escape.Replace(path) + "/" + method + "/responses/" + status
				if ref, ok := at(response)["$ref"].(string); ok {
					where = strings.TrimPrefix(ref, "#")
					response = lookUp(tree, where)
				}
				f(answer{method: strings.ToUpper(method), path: path, status: status}, where, response)
			}
		}
	}
}
