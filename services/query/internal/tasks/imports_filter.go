package tasks

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
)

// importFilter narrows the list of imports by filter[name].
type importFilter struct {
	name string
	// condition is SQL on a row called i, with a mark for the value of read.
	condition string
	// read makes the value of what a request says, or tells, in the rest of a
	// sentence that begins with the filter's name, what it takes.
	read func(string) (any, error)
}

var importFilters = []importFilter{
	{"state", "i.state = ?", oneOf(
		contracts.Pending, contracts.Started, contracts.Success, contracts.Failure, contracts.Canceled, contracts.Discarded)},
	// Between two stages an import is at the one that it waits for.
	{"stage", "coalesce(nullif(i.waiting_for, ''), i.stage) = ?", oneOf(contracts.Stages()...)},
	// The history has the code in a column. The row has it in a document that may
	// hold what PostgreSQL does not look into.
	{"code", `i.state = 'FAILURE' AND EXISTS (SELECT FROM query.history AS h
		WHERE h.import_id = i.id AND h.attempt = i.attempt AND h.what = 'failed' AND h.stage = i.stage AND h.code = ?)`, anyText},
	{"kind", "i.kind = ?", oneOf(kinds()...)},
	// Names are compared in lower case, and as they are: a sign of a pattern is none. The
	// event has the name that it has now.
	{"search", `(strpos(lower(i.file_name), lower(?0)) > 0 OR EXISTS (SELECT FROM event.api_events AS e
		WHERE e.id = i.event_id AND strpos(lower(e.name), lower(?0)) > 0))`, anyText},
	// Who asks what failed in the last hours means when it failed. What has not
	// ended is of now.
	{"since", "(i.finished_at IS NULL OR i.finished_at >= ?)", aTime},
}

// readImportFilters reads what a request narrows the list to. The error is a problem.
func readImportFilters(q url.Values) (narrow func(*bun.SelectQuery) *bun.SelectQuery, err error) {
	type wanted struct {
		condition string
		value     any
	}
	var all []wanted
	for _, parameter := range slices.Sorted(maps.Keys(q)) {
		family, name, _ := strings.Cut(parameter, "[")
		if family != "filter" {
			continue // pages, and what is none of ours
		}
		at := slices.IndexFunc(importFilters, func(f importFilter) bool { return name == f.name+"]" })
		if at < 0 {
			return nil, badFilter("filter[…] knows " + strings.Join(filterNames(), ", "))
		}
		if len(q[parameter]) > 1 {
			return nil, badFilter(parameter + " is there twice")
		}
		value, err := importFilters[at].read(q.Get(parameter))
		if err != nil {
			return nil, badFilter(parameter + " " + err.Error())
		}
		all = append(all, wanted{importFilters[at].condition, value})
	}
	return func(query *bun.SelectQuery) *bun.SelectQuery {
		for _, w := range all {
			query.Where(w.condition, w.value)
		}
		return query
	}, nil
}

func badFilter(detail string) error {
	return problem.New(http.StatusBadRequest, "bad_filter", detail+".")
}

func filterNames() []string {
	var names []string
	for _, f := range importFilters {
		names = append(names, f.name)
	}
	return names
}

func kinds() []contracts.Kind {
	var all []contracts.Kind
	for _, p := range contracts.Pipelines() {
		all = append(all, p.Kind)
	}
	return all
}

// oneOf takes one of a few words.
func oneOf[T ~string](words ...T) func(string) (any, error) {
	return func(s string) (any, error) {
		if slices.Contains(words, T(s)) {
			return s, nil
		}
		text := make([]string, len(words))
		for n, w := range words {
			text[n] = string(w)
		}
		return nil, errors.New("takes " + strings.Join(text, ", "))
	}
}

// anyText takes any text that the database can hold.
func anyText(s string) (any, error) {
	if !postgres.Storable(s) || s == "" {
		return nil, errors.New("takes a text")
	}
	return s, nil
}

// aTime takes a time with its offset.
func aTime(s string) (any, error) {
	// A plus sign that was not escaped arrives as a space.
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+"))
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return nil, errors.New("takes a time such as 2031-05-02T09:00:00Z")
	}
	return at.UTC(), nil
}
