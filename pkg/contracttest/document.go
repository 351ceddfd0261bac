package contracttest

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"github.com/usher-events/usher/contracts"
)

// document is the OpenAPI document of one service.
//
// Two libraries read it, each for what it does well. The validator for OpenAPI
// knows parameters, security, statuses and headers. It rewrites schemas that
// stand beside a $ref, and some of them do not survive that, so bodies are held
// against the schemas as they stand in the file: those of OpenAPI 3.1 are
// JSON Schemas like any other.
type document struct {
	// mu is held by who validates: the library renders schemas in place as it meets them.
	mu        sync.Mutex
	model     *v3.Document
	validator validator.Validator
	// bodies has the schema of each body that may be answered with.
	bodies map[answer]schema
	// empty has the answers, without a content type, that have no body.
	empty map[answer]bool
}

// exchanges is all HTTP traffic that the contracts know.
type exchanges struct {
	mux *http.ServeMux
	// routes by their patterns, documents by service. Reading a document takes
	// a moment, so it is read when it is first asked for.
	routes    map[string]contracts.Route
	documents map[contracts.Service]func() (*document, error)
}

var known = sync.OnceValue(func() *exchanges {
	e := &exchanges{
		mux:       http.NewServeMux(),
		routes:    make(map[string]contracts.Route),
		documents: make(map[contracts.Service]func() (*document, error)),
	}
	for _, route := range contracts.Routes() {
		// The mux only says which route it is that a request takes.
		e.mux.Handle(route.Pattern(), http.NotFoundHandler())
		e.routes[route.Pattern()] = route
	}
	for _, service := range contracts.Services() {
		e.documents[service] = sync.OnceValues(func() (*document, error) { return readDocument(service) })
	}
	return e
})

func readDocument(service contracts.Service) (*document, error) {
	name := string(service) + ".yaml"
	text, err := fs.ReadFile(contracts.OpenAPI(), name)
	if err != nil {
		return nil, err
	}
	bodies, err := compileBodies(name, text)
	if err != nil {
		return nil, fmt.Errorf("openapi/%s: %w", name, err)
	}
	tree, err := readTree(text)
	if err != nil {
		return nil, fmt.Errorf("openapi/%s: %w", name, err)
	}
	parsed, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, fmt.Errorf("openapi/%s: %w", name, err)
	}
	model, err := parsed.BuildV3Model()
	if err != nil {
		return nil, fmt.Errorf("openapi/%s: %w", name, err)
	}
	v, errs := validator.NewValidator(parsed,
		config.WithFormatAssertions(),
		config.WithoutResponseBodyValidation(),
		config.WithSchemaCache(nil), // or it compiles every schema of the document at once
		config.WithStrictMode(),
		config.WithStrictIgnorePaths(
			"$.headers.**",                              // any request and answer has more than we name
			"$.cookies.usher_session", "$.query.ticket", // security schemes, which the strict mode does not look at
		),
	)
	if len(errs) > 0 {
		return nil, fmt.Errorf("openapi/%s: %w", name, errors.Join(errs...))
	}
	return &document{model: &model.Model, validator: v, bodies: bodies, empty: emptyAnswers(tree)}, nil
}
