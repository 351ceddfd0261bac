package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/usher-events/usher/contracts"
)

// maxPage is how many entries of a list the server gives at once.
const maxPage = 200

// Import is one entry of the list of imports.
type Import struct {
	ID         string          `json:"-"`
	Kind       contracts.Kind  `json:"kind"`
	State      contracts.State `json:"state"`
	Stage      contracts.Stage `json:"stage"`
	FileName   string          `json:"file-name"`
	CreatedAt  *time.Time      `json:"created-at"`
	StartedAt  *time.Time      `json:"started-at"`
	FinishedAt *time.Time      `json:"finished-at"`
	EventID    string          `json:"event-id"`
	// Error is why it has failed, nil where it has not.
	Error *contracts.TaskError `json:"error"`
}

// Filter narrows a list of imports; what is empty does not.
type Filter struct {
	State contracts.State
	// Stage is where the import has failed, or where it is.
	Stage contracts.Stage
	// Code is that of a failure.
	Code string
	Kind contracts.Kind
	// Since leaves out what had ended before.
	Since time.Time
}

func (f Filter) addTo(query url.Values) {
	for name, value := range map[string]string{
		"state": string(f.State), "stage": string(f.Stage), "code": f.Code, "kind": string(f.Kind),
	} {
		if value != "" {
			query.Set("filter["+name+"]", value)
		}
	}
	if !f.Since.IsZero() {
		query.Set("filter[since]", f.Since.UTC().Format(time.RFC3339))
	}
}

// page is one page of the list of imports, as JSON:API has it.
type page struct {
	Data []struct {
		ID         string `json:"id"`
		Attributes Import `json:"attributes"`
	} `json:"data"`
	Links struct {
		Next string `json:"next"`
	} `json:"links"`
}

func pageOf(number, size int) url.Values {
	return url.Values{"page[number]": {strconv.Itoa(number)}, "page[size]": {strconv.Itoa(size)}}
}

// Imports returns the caller's imports, or those of everybody for administrators,
// in the server's order, the newest first, at most limit of them.
func (c *Client) Imports(ctx context.Context, filter Filter, limit int) ([]Import, error) {
	var imports []Import
	known := make(map[string]bool) // an import that begins between two pages moves the others
	for number := 1; len(imports) < limit; number++ {
		var p page
		query := pageOf(number, min(limit, maxPage))
		filter.addTo(query)
		if _, _, err := c.get(ctx, &p, query, "v1/imports"); err != nil {
			return nil, err
		}
		for _, entry := range p.Data {
			if !known[entry.ID] && len(imports) < limit {
				known[entry.ID] = true
				entry.Attributes.ID = entry.ID
				imports = append(imports, entry.Attributes)
			}
		}
		if p.Links.Next == "" || len(p.Data) == 0 {
			break
		}
	}
	return imports, nil
}
