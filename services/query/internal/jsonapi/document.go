// Package jsonapi is the form of the lists and resources that the query service
// answers with, as of JSON:API 1.1. Packages tasks and api fill it.
package jsonapi

import (
	"net/http"
	"net/url"

	"github.com/usher-events/usher/pkg/paging"
	"github.com/usher-events/usher/pkg/problem"
)

// ContentType is the media type of a document.
const ContentType = "application/vnd.api+json"

// Document is what a request is answered with.
type Document struct {
	// Data is a Resource, a list of them, or a list of something plainer.
	Data any `json:"data"`
	// Included are resources that Data leads to; nil where none were asked for.
	Included []Resource    `json:"included,omitzero"`
	Meta     *Meta         `json:"meta,omitempty"`
	Links    *paging.Links `json:"links,omitempty"`
}

// Meta says what is to be said of a whole list.
type Meta struct {
	// Total is how many entries all pages have together.
	Total int `json:"total"`
	// Counts is set where the list has more to say about its parts.
	Counts any `json:"counts,omitempty"`
}

// Resource is one thing with a type and an id.
type Resource struct {
	Type          string                  `json:"type"`
	ID            string                  `json:"id"`
	Attributes    any                     `json:"attributes"`
	Relationships map[string]Relationship `json:"relationships,omitempty"`
	Links         *ResourceLinks          `json:"links,omitempty"`
}

// ResourceLinks are the addresses of one resource.
type ResourceLinks struct {
	// Self is where the resource itself is.
	Self string `json:"self"`
	// Enclosure is where its bytes are, if it stands for a file that is stored.
	Enclosure string `json:"enclosure,omitempty"`
}

// Identifier names a resource.
type Identifier struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Relationship leads to other resources.
type Relationship struct {
	Links *RelationshipLinks `json:"links,omitempty"`
	// Data is an *Identifier, which is nil where there is none, or a list of
	// Identifier, never nil. Without any Data the document does not say.
	Data any `json:"data,omitempty"`
}

// RelationshipLinks are the addresses of a relationship.
type RelationshipLinks struct {
	// Related is where the resources at its other end are.
	Related string `json:"related"`
}

// ReadPage reads which page a request asks for. The error is a problem.
func ReadPage(r *http.Request) (paging.Page, error) {
	page, err := paging.Parse(r.URL.Query())
	if err != nil {
		return page, problem.New(http.StatusBadRequest, "bad_page", err.Error())
	}
	return page, nil
}

// List makes the document of one page of a list of total entries.
func List(data any, page paging.Page, u *url.URL, total int) Document {
	links := page.Links(u, total)
	return Document{Data: data, Meta: &Meta{Total: total}, Links: &links}
}

// NotFound is the answer for what is not there, and for what is not there for
// who asks.
func NotFound() error {
	return problem.New(http.StatusNotFound, "not_found", "There is no such thing, or it is not yours.")
}
