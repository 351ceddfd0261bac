package page

import "cmp"

type link struct{ Name, URL string }

// links keeps those that lead somewhere. One without a name is called by its address.
func links(all ...link) []link {
	var kept []link
	for _, l := range all {
		if l.URL = linkable(l.URL); l.URL != "" {
			l.Name = cmp.Or(l.Name, l.URL)
			kept = append(kept, l)
		}
	}
	return kept
}
