package contracttest

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/pb33f/libopenapi-validator/errors"

	"github.com/usher-events/usher/contracts"
)

// Exchange fails the test where a request and its answer are not what the
// OpenAPI document of the route's service says:
//
//   - there is such a route, and it may answer with this status, these headers
//     and this content type;
//   - a JSON body fits its schema and has no member that the schema does not name;
//   - what was not refused (with 400 or more) was a request that the document allows.
//
// The answer's body is read where it is JSON, and can be read again. A request's
// body is looked at where it is JSON and there is a GetBody; uploads are left alone.
// HEAD is not in the documents: it is answered as GET is, but for the body.
func Exchange(t T, req *http.Request, resp *http.Response) {
	t.Helper()
	if err := checkExchange(req, resp); err != nil {
		t.Errorf("%s %s → %d against the OpenAPI document: %v", req.Method, req.URL.RequestURI(), resp.StatusCode, err)
	}
}

func checkExchange(req *http.Request, resp *http.Response) error {
	all := known()
	_, pattern := all.mux.Handler(req)
	route, ok := all.routes[pattern]
	if !ok {
		return fmt.Errorf("no route of the contracts")
	}
	doc, err := all.documents[route.Service]()
	if err != nil {
		return err
	}
	bare := req.Method == http.MethodHead && route.Method == http.MethodGet
	if bare {
		req = req.Clone(req.Context())
		req.Method = http.MethodGet
	}
	var wrong complaints
	wrong.add(doc.checkRequest(route, req, resp.StatusCode))
	wrong.add(doc.checkHead(route, req, resp))
	wrong.add(doc.checkBody(route, resp, bare))
	if len(wrong) > 0 {
		return fmt.Errorf("openapi/%s.yaml, %s:\n%s", route.Service, pattern, strings.Join(wrong, "\n"))
	}
	return nil
}

// complaints are lines for people.
type complaints []string

func (c *complaints) add(err error) {
	if err != nil {
		*c = append(*c, err.Error())
	}
}

// checkRequest holds against the document what was accepted. Tests also send
// what the document forbids, to see it refused.
func (d *document) checkRequest(route contracts.Route, req *http.Request, status int) error {
	if status >= http.StatusBadRequest {
		return nil
	}
	sent := req.Clone(req.Context())
	sent.Body = http.NoBody
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return fmt.Errorf("request body: %w", err)
		}
		sent.Body = body
	}
	item := d.model.Paths.PathItems.GetOrZero(route.Path)
	d.mu.Lock()
	defer d.mu.Unlock()
	_, found := d.validator.ValidateHttpRequestSyncWithPathItem(sent, item, route.Path)
	return told("request", found)
}

// checkHead looks at the status and the headers of an answer.
func (d *document) checkHead(route contracts.Route, req *http.Request, resp *http.Response) error {
	item := d.model.Paths.PathItems.GetOrZero(route.Path)
	d.mu.Lock()
	defer d.mu.Unlock()
	_, found := d.validator.GetResponseBodyValidator().ValidateResponseBodyWithPathItem(req, resp, item, route.Path)
	return told("answer", found)
}

// checkBody looks at the content type and, unless it is left out, the body of an
// answer. Bodies of a content type that stands for several are left alone.
func (d *document) checkBody(route contracts.Route, resp *http.Response, bare bool) error {
	status := strconv.Itoa(resp.StatusCode)
	if resp.Header.Get("Content-Type") == "" && resp.ContentLength <= 0 && d.empty[answer{route.Method, route.Path, status, ""}] {
		return nil
	}
	contentType, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("answer: content type %q: %w", resp.Header.Get("Content-Type"), err)
	}
	s, ok := d.bodies[answer{route.Method, route.Path, status, contentType}]
	if !ok {
		group, _, _ := strings.Cut(contentType, "/")
		for _, wildcard := range []string{group + "/*", "*/*"} {
			if _, ok := d.bodies[answer{route.Method, route.Path, status, wildcard}]; ok {
				return nil
			}
		}
		return fmt.Errorf("answer: no content type %q for this status", contentType)
	}
	if bare || contentType != "application/json" && !strings.HasSuffix(contentType, "+json") {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("answer: read the body: %w", err)
	}
	_ = resp.Body.Close() // all of it has been read
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err := s.check(body); err != nil {
		return fmt.Errorf("answer:\n%w\n%s", err, indented(body))
	}
	return nil
}

// told gives what the validator found, a line for each.
func told(what string, found []*errors.ValidationError) error {
	var lines []string
	for _, f := range found {
		var line strings.Builder
		line.WriteString(what + ": " + f.Message)
		if f.Reason != "" {
			line.WriteString(": " + f.Reason)
		}
		for _, detail := range f.SchemaValidationErrors {
			line.WriteString("\n  " + strings.TrimSpace(detail.FieldPath+" "+detail.Reason))
		}
		lines = append(lines, line.String())
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}
