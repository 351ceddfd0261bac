package desk

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/usher-events/usher/pkg/paging"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// What the lists of several pages are made of.

// instant is a time, for people and for programs.
type instant struct{ Words, Date string }

func instantOf(t time.Time) instant {
	t = t.UTC()
	return instant{t.Format("2 Jan 2006, 15:04 UTC"), t.Format("2006-01-02T15:04:05Z")}
}

// pagerView says which part of a list is shown, and leads to the parts beside it.
type pagerView struct {
	First, Last, Total int
	Prev, Next         string
}

func pagerOf(r *http.Request, page paging.Page, shown, total int) pagerView {
	links := page.Links(r.URL, total)
	v := pagerView{Last: page.Offset() + shown, Total: total, Prev: links.Prev, Next: links.Next}
	if shown > 0 {
		v.First = page.Offset() + 1
	}
	return v
}

// asked reads what a form with filters asks for. Fields that are left empty, which a
// browser sends all the same, ask for nothing.
func asked(r *http.Request) (url.Values, paging.Page, error) {
	page, err := jsonapi.ReadPage(r)
	if err != nil {
		return nil, page, err
	}
	q := r.URL.Query()
	for name, values := range q {
		if len(values) == 1 && strings.TrimSpace(values[0]) == "" {
			delete(q, name)
		}
	}
	return q, page, nil
}

// searched is the text that a form asks for; the error is a problem.
func searched(q url.Values) (string, error) {
	text := strings.TrimSpace(q.Get("filter[search]"))
	if !postgres.Storable(text) {
		return "", problem.New(http.StatusBadRequest, "bad_filter", "filter[search] takes a text.")
	}
	return text, nil
}

// option is one of the choices of a form.
type option struct {
	Value, Word string
	Chosen      bool
}

// options makes the choices of a filter: all, or one of the values.
func options[T ~string](q url.Values, filter, all string, values []T, word func(T) string) []option {
	chosen := q.Get(filter)
	list := []option{{"", all, chosen == ""}}
	for _, v := range values {
		list = append(list, option{string(v), word(v), chosen == string(v)})
	}
	return list
}

// nameOf is what an import is called: as its event, where it has one.
func nameOf(i projection.Import) string {
	if i.Result != nil && i.Result.EventName != "" {
		return i.Result.EventName
	}
	return cmp.Or(i.FileName, "A file without a name")
}

// sizeWord is how large a file is.
func sizeWord(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%.0f kB", float64(bytes)/1e3)
	case bytes < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}

// plural is a number of things in words.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
