package desk

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/usher-events/usher/pkg/paging"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

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
