package api

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
)

// filter narrows a list by filter[name].
type filter struct {
	name string
	// condition is SQL on a row called r, with a mark for each value of read.
	condition string
	// read makes values for the condition of what a request says, or tells, in
	// the rest of a sentence that begins with the filter's name, what it takes.
	read func(text string, who auth.Identity) ([]any, error)
	// private filters are there only for who may see the whole event.
	private bool
}

// text takes any text that the database can hold.
func text(s string, _ auth.Identity) ([]any, error) {
	if !postgres.Storable(s) {
		return nil, errors.New("takes a text")
	}
	return []any{s}, nil
}

// anID takes the id of a resource.
func anID(s string, _ auth.Identity) ([]any, error) {
	n, ok := readID(s)
	if !ok {
		return nil, errors.New("takes an id")
	}
	return []any{n}, nil
}

// readID reads an id in the one form that we write it in.
func readID(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == s
}

// truth takes true or false.
func truth(s string, _ auth.Identity) ([]any, error) {
	if s != "true" && s != "false" {
		return nil, errors.New("takes true or false")
	}
	return []any{s == "true"}, nil
}

// moment takes a time with its offset.
func moment(s string, _ auth.Identity) ([]any, error) {
	// A plus sign that was not escaped arrives as a space.
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+"))
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return nil, errors.New("takes a time such as 2031-05-02T09:00:00Z")
	}
	return []any{at.UTC()}, nil
}

// oneOf takes one of a few words.
func oneOf(words ...string) func(string, auth.Identity) ([]any, error) {
	return func(s string, _ auth.Identity) ([]any, error) {
		if !slices.Contains(words, s) {
			return nil, errors.New("takes " + strings.Join(words, ", "))
		}
		return []any{s}, nil
	}
}

// me takes "me" from somebody who is known.
func me(s string, who auth.Identity) ([]any, error) {
	if s != "me" || who == (auth.Identity{}) {
		return nil, errors.New("takes me, from who has a token")
	}
	return []any{who.Issuer, who.Subject}, nil
}
