package desk

import (
	"fmt"
	"net/url"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/filesize"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// resultView is what an import has come to, or what it would.
type resultView struct {
	// Event is the name of the event, and URL leads to it unless it was only
	// checked; or Users is what a list came to, in one line.
	Event, URL, Users string
	Checked           bool
	// Would and Mails are of a check: what would be made, and whom it would write to.
	Would []wouldView
	Mails []string
	// Download is where the archive of an export is, Size how large, and Until when it can
	// be downloaded; Refused is how much of it the format's first server would not take.
	Download, Size, Until string
	Refused               int
	// Earlier is the id of an import of the same file.
	Earlier string
}

// wouldView is how many of a type an import of a checked archive would make.
type wouldView struct {
	Type contracts.EntityType
	Name string
	N    int
}

// resultOf is nil where there is none.
func resultOf(i projection.Import) *resultView {
	if i.State != contracts.Success || i.Result == nil {
		return nil
	}
	r := i.Result
	v := &resultView{Event: r.EventName, Checked: r.DryRun, Earlier: r.EarlierImport}
	switch {
	case r.Accounts != nil && r.DryRun:
		v.Users = r.Would()
	case r.Accounts != nil:
		v.Users = r.String()
	case r.Exported != nil:
		v.Download, v.Size, v.Until, v.Refused = "/v1/exports/"+i.ID, filesize.Word(r.Size), instantOf(r.ExpiresAt).Words, r.RefusedByV1
		if time.Now().After(r.ExpiresAt) {
			v.Download = ""
		}
		return v
	}
	if !r.DryRun {
		v.URL = web(r.URL)
		return v
	}
	for _, t := range contracts.EntityTypes() {
		if n := r.Counts[t]; n > 0 {
			v.Would = append(v.Would, wouldView{Type: t, Name: typeWord(t), N: n})
		}
	}
	for _, address := range r.Mails {
		v.Mails = append(v.Mails, address+" is told when the import has ended.")
	}
	switch {
	case r.Accounts == nil || r.Invited == 0:
	case r.Invited == 1:
		v.Mails = append(v.Mails, "1 person is invited to choose a password.")
	default:
		v.Mails = append(v.Mails, fmt.Sprintf("%d people are invited to choose a password.", r.Invited))
	}
	return v
}

// web returns an address that a page may lead to, or nothing.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return address
}
