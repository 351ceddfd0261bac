package page

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/usher-events/usher/contracts"
)

// level are the sponsors of one level.
type level struct {
	Name     string
	rank     int
	Sponsors []sponsor
}

type sponsor struct{ Name, URL, Logo string }

// levelsOf are the sponsors, those of the first level first.
func levelsOf(rows []sponsorRow, pictures pictures) []level {
	var all []level
	for _, row := range rows {
		name := cmp.Or(row.Type, "Sponsors")
		at := slices.IndexFunc(all, func(l level) bool { return l.Name == name })
		if at < 0 {
			rank, err := strconv.Atoi(row.Level)
			if err != nil {
				rank = 1000 // behind those that have one
			}
			at = len(all)
			all = append(all, level{Name: name, rank: rank})
		}
		all[at].Sponsors = append(all[at].Sponsors, sponsor{
			Name: row.Name, URL: linkable(row.URL), Logo: pictures.of(contracts.Sponsors, row.ID, "logo", row.LogoURL, "thumbnail"),
		})
	}
	slices.SortStableFunc(all, func(a, b level) int { return cmp.Compare(a.rank, b.rank) })
	return all
}
