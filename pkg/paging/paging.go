// Package paging reads which page of a list a request asks for and makes the
// links to the others, in the way of JSON:API: page[number] and page[size].
package paging

import (
	"errors"
	"net/url"
	"strconv"
)

const (
	// DefaultSize is how many entries a page has when the request does not say.
	DefaultSize = 20
	// MaxSize is how many it may ask for.
	MaxSize = 200
	// maxNumber keeps the offset within what a database takes.
	maxNumber = 1 << 31
)

// ErrBadPage is returned for a number or a size that is none, or out of bounds.
var ErrBadPage = errors.New("page[number] must be a number from 1, page[size] one from 1 to " + strconv.Itoa(MaxSize))

// Page is one page of a list.
type Page struct {
	// Number is counted from 1.
	Number int
	// Size is how many entries it holds at most.
	Size int
}

// Parse reads the page from a request's query.
func Parse(q url.Values) (Page, error) {
	number, err := within(q.Get("page[number]"), 1, maxNumber)
	if err != nil {
		return Page{}, err
	}
	size, err := within(q.Get("page[size]"), DefaultSize, MaxSize)
	if err != nil {
		return Page{}, err
	}
	return Page{Number: number, Size: size}, nil
}

func within(s string, otherwise, most int) (int, error) {
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, ErrBadPage
	}
	return n, nil
}

// Offset is how many entries come before the page.
func (p Page) Offset() int { return (p.Number - 1) * p.Size }

// Links lead to the other pages. Prev is absent on the first page, Next on the last.
type Links struct {
	Self  string `json:"self"`
	First string `json:"first"`
	Prev  string `json:"prev,omitempty"`
	Next  string `json:"next,omitempty"`
	Last  string `json:"last"`
}

// Links makes the links of a list of total entries that was asked for at u.
func (p Page) Links(u *url.URL, total int) Links {
	last := max(1, (total+p.Size-1)/p.Size)
	links := Links{Self: p.link(u, p.Number), First: p.link(u, 1), Last: p.link(u, last)}
	if p.Number > 1 {
		links.Prev = p.link(u, min(p.Number-1, last))
	}
	if p.Number < last {
		links.Next = p.link(u, p.Number+1)
	}
	return links
}

// link keeps the rest of the query, such as filters.
func (p Page) link(u *url.URL, number int) string {
	q := u.Query()
	q.Set("page[number]", strconv.Itoa(number))
	q.Set("page[size]", strconv.Itoa(p.Size))
	return u.Path + "?" + q.Encode()
}
