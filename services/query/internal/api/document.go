package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// mostIncluded is how many resources a document includes at most. It bounds what
// one request makes us read, whatever the event.
const mostIncluded = 1000

// batch are rows of one kind on their way into a document.
type batch struct {
	res  resource
	rows []row
	// others are, by relationship and own id, where relationships to many lead.
	// Those that are not to be told are not in it.
	others map[string]map[int64][]int64
}

// document makes a document of rows of one kind, with all that was asked for.
// How many queries that takes follows from the declarations and what is asked,
// and not from the rows: one for each relationship to many and each kind that is
// included, and one for the files. What is included is of one event.
func (a API) document(ctx context.Context, res resource, rows []row, want ask) (data, included []jsonapi.Resource, err error) {
	main, err := a.relate(ctx, res, rows, want, want.include)
	if err != nil {
		return nil, nil, err
	}
	batches := []batch{main}
	total := 0
	for _, relationship := range want.include {
		other, ids := main.ends(relationship)
		if total += len(ids); total > mostIncluded {
			return nil, nil, tooMany()
		}
		if len(ids) == 0 {
			continue
		}
		s := rows[0].scope
		found, err := other.fetch(ctx, a.within(s, other).Where("r.id IN (?)", bun.List(ids)).OrderExpr("r.id"), s.ofAll)
		if err != nil {
			return nil, nil, err
		}
		b, err := a.relate(ctx, other, found, want, nil)
		if err != nil {
			return nil, nil, err
		}
		batches = append(batches, b)
	}
	found, err := a.shelf(ctx, want, batches)
	if err != nil {
		return nil, nil, err
	}
	data = main.show(want, found)
	if want.include != nil {
		included = []jsonapi.Resource{}
		for _, b := range batches[1:] {
			included = append(included, b.show(want, found)...)
		}
	}
	return data, included, nil
}

// relate makes a batch of rows. The named relationships are to be included.
func (a API) relate(ctx context.Context, res resource, rows []row, want ask, include []string) (batch, error) {
	b := batch{res: res, rows: rows, others: make(map[string]map[int64][]int64)}
	for _, relationship := range res.many {
		told := relationship.told && want.shows(res, relationship.name)
		if !told && !slices.Contains(include, relationship.name) {
			continue
		}
		limit := 0
		if !relationship.told {
			limit = mostIncluded + 1
		}
		others, err := a.pairs(ctx, relationship, rows, limit)
		if err != nil {
			return batch{}, err
		}
		b.others[relationship.name] = others
	}
	return b, nil
}

// ends returns the kind that a relationship leads to, and the ids at its other
// end, each once.
func (b batch) ends(relationship string) (resource, []int64) {
	var ids []int64
	for i, one := range b.res.one {
		if one.name != relationship {
			continue
		}
		for _, r := range b.rows {
			if id, ok := r.values[len(b.res.attributes)+i].(int64); ok {
				ids = append(ids, id)
			}
		}
		return ofType(one.name), distinct(ids)
	}
	for _, many := range b.res.many {
		if many.name != relationship {
			continue
		}
		for _, others := range b.others[many.name] {
			ids = append(ids, others...)
		}
		return ofType(many.leads), distinct(ids)
	}
	return resource{}, nil
}

func distinct(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// tooMany is the problem of including more than a document should hold.
func tooMany() error {
	return problem.New(http.StatusBadRequest, "too_many_included",
		"This includes more than "+strconv.Itoa(mostIncluded)+" resources. Ask for a smaller page, or for their own list.")
}
