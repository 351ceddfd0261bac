package desk

import (
	"net/http"

	"github.com/usher-events/usher/pkg/paging"
)

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
