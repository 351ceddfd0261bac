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

// Imports returns the caller's imports in the server's order, the newest
// first, at most limit of them.
func (c *Client) Imports(ctx context.Context, limit int) ([]Import, error) {
	var imports []Import
	known := make(map[string]bool) // an import that begins between two pages moves the others
	for number := 1; len(imports) < limit; number++ {
		var p page
		if _, _, err := c.get(ctx, &p, pageOf(number, min(limit, maxPage)), "v1/imports"); err != nil {
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
