package desk

import (
	"context"
	"fmt"

	"github.com/usher-events/usher/pkg/auth"
)

// unreadShown is up to how many unread notifications are counted: beyond it the bell
// only says that there are more.
const unreadShown = 99

// topView is the bar at the top of every page of who has signed in.
type topView struct {
	Places []barLink
	// Unread is how many notifications are new, at most one more than are counted.
	Unread int
	// Bell tells that the page is that of the notifications.
	Bell bool
}

// barLink is a page that the bar leads to.
type barLink struct {
	Name, Path string
	Here       bool
}

// Badge is the number on the bell, empty where nothing is new.
func (v topView) Badge() string {
	switch {
	case v.Unread == 0:
		return ""
	case v.Unread > unreadShown:
		return fmt.Sprintf("%d+", unreadShown)
	}
	return fmt.Sprint(v.Unread)
}

// top makes the bar of a page, whose path is here.
func (d Desk) top(ctx context.Context, who auth.Identity, here string) (topView, error) {
	var found struct {
		Unread int
		Kept   bool
	}
	err := d.DB.NewRaw(`SELECT
			(SELECT count(*) FROM (SELECT FROM notify.api_notifications
				WHERE owner_iss = ? AND owner_sub = ? AND read_at IS NULL LIMIT ?) AS n) AS unread,
			? AND EXISTS (SELECT FROM notify.api_kept_mails) AS kept`,
		who.Issuer, who.Subject, unreadShown+1, who.Admin).Scan(ctx, &found.Unread, &found.Kept)
	if err != nil {
		return topView{}, fmt.Errorf("top of a page: %w", err)
	}
	view := topView{Unread: found.Unread, Bell: here == "/notifications"}
	add := func(name, path string) { view.Places = append(view.Places, barLink{name, path, path == here}) }
	add("Import", "/")
	add("History", "/imports")
	if who.Admin {
		add("Users", "/users")
		if found.Kept { // where mails are sent there is nothing to be read here
			add("Mailbox", "/mails")
		}
		add("Operations", "/operations")
	}
	return view, nil
}
