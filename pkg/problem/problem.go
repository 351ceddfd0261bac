// Package problem is how the HTTP interface says no: problem documents as of
// RFC 9457, each with a code that programs compare. Handlers return them as
// errors; Handler turns whatever a handler returns into the answer.
package problem

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// ContentType is the media type of a problem document.
const ContentType = "application/problem+json"

// Problem is one problem document, and the error that a handler returns to
// answer with it.
type Problem struct {
	// Type is a URI; "about:blank" says that the status tells all there is to
	// tell beyond Code, and Title is then the name of the status.
	Type  string `json:"type"`
	Title string `json:"title"`
	// Status is the HTTP status of the answer.
	Status int `json:"status"`
	// Detail is for people: what was wrong with this very request. It must not
	// repeat a secret.
	Detail string `json:"detail,omitempty"`
	// Code is stable: "not_a_zip", "too_large", … Programs compare it.
	Code string `json:"code"`
	// Instance names this very occurrence; usually empty.
	Instance string `json:"instance,omitempty"`
	// Extra are further members of the document. One that is named like a
	// member above is ignored.
	Extra map[string]any `json:"-"`

	cause error
}

// New returns the problem of a status and a code, with a detail for people.
func New(status int, code, detail string) *Problem {
	return &Problem{
		Type:   "about:blank",
		Title:  http.StatusText(status),
		Status: status,
		Detail: detail,
		Code:   code,
	}
}

// With returns a copy that has one more member in its document.
func (p *Problem) With(name string, value any) *Problem {
	with := *p
	with.Extra = maps.Clone(p.Extra)
	if with.Extra == nil {
		with.Extra = make(map[string]any)
	}
	with.Extra[name] = value
	return &with
}

// Because returns a copy that remembers the error behind it, for the log and
// for errors.Is. It never becomes part of the document.
func (p *Problem) Because(cause error) *Problem {
	with := *p
	with.cause = cause
	return &with
}

// Error implements error.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
	if p.cause != nil {
		text += ": " + p.cause.Error()
	}
	return text
}

// Unwrap returns what Because was given.
func (p *Problem) Unwrap() error { return p.cause }

// MarshalJSON puts the extra members beside the others.
func (p *Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	own, err := json.Marshal((*plain)(p))
	if err != nil || len(p.Extra) == 0 {
		return own, err
	}
	members := make(map[string]json.RawMessage)
	for name, value := range p.Extra {
		if members[name], err = json.Marshal(value); err != nil {
			return nil, fmt.Errorf("member %q of problem %s: %w", name, p.Code, err)
		}
	}
	if err := json.Unmarshal(own, &members); err != nil { // its own members win
		return nil, err
	}
	return json.Marshal(members)
}

// Write answers with a problem document. Headers that the handler has set,
// such as Retry-After or WWW-Authenticate, are kept; those that described
// another body are not.
func Write(w http.ResponseWriter, p *Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		bare := *p
		bare.Extra = nil
		body, _ = json.Marshal(&bare) // strings and a number: cannot fail
	}
	header := w.Header()
	body = append(body, '\n')
	for _, name := range []string{"Content-Encoding", "Content-Disposition", "Etag", "Last-Modified"} {
		header.Del(name)
	}
	header.Set("Content-Type", ContentType)
	// With its length the answer is whole for the client as soon as it is flushed.
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // a client that is gone misses nothing
}
