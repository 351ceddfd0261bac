package chaos

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/table"
)

// list holds a list, or the check of one, against its accounts.
func (v *verdict) list(ctx context.Context, s *shipment, c *course) error {
	users, err := v.w.usersOf(ctx, s.id)
	if err != nil {
		return err
	}
	rival := v.byCargo[s.rival]
	again := s.kind == contracts.ListCheck && v.started[s.id] && c.attempt > 1
	switch {
	case s.kind == contracts.ListCheck && len(users) > 0:
		v.find(Doubled, s.id, "%s has made %d users", s.name, len(users))
	case again: // it has found the accounts of the import, or its list is gone
	case c.state == contracts.Success:
		return v.imported(ctx, s, c, users)
	case len(users) > 0:
		v.find(Doubled, s.id, "%s has failed and made %d users", s.name, len(users))
	case s.rival == nil || c.code != "invalid_list" || rival == nil || rival.state == contracts.Failure:
		v.find(Lost, s.id, "%s is %s %s", s.name, c.state, c.code)
	}
	return nil
}

// imported holds a list that has succeeded against what it was to come to.
func (v *verdict) imported(ctx context.Context, s *shipment, c *course, users []user) error {
	want := s.users
	if update := v.byCargo[s.update]; update != nil && update.state == contracts.Success {
		want = s.update.changed
	}
	if !slices.Equal(users, want) {
		v.find(Lost, s.id, "%s has made %s", s.name, difference(users, want))
	}
	if c.accounts != s.accounts {
		v.find(Lost, s.id, "%s tells of %s, not of %s", s.name, c.accounts, s.accounts)
	}
	if hashes, left := v.tables[s.id]["people.list_hashes"]; left {
		v.find(Orphaned, s.id, "%d of its passwords' hashes are kept beside the accounts", hashes.rows)
	}
	if rival := v.byCargo[s.rival]; rival != nil && rival.state == contracts.Success {
		v.find(Doubled, s.id, "%s has succeeded, and so has %s, which has the same nick", s.name, s.rival.name)
	}
	told, err := v.w.failedRows(ctx, s)
	if err != nil {
		return err
	}
	wanted, err := s.failedRows()
	if err != nil {
		return err
	}
	if !slices.EqualFunc(told, wanted, slices.Equal) {
		v.find(Lost, s.id, "%s has left out %q, not %q", s.name, told, wanted)
	}
	return nil
}

// difference tells where accounts begin to differ from those that were to be.
func difference(users, want []user) string {
	at := 0
	for at < min(len(users), len(want)) && users[at] == want[at] {
		at++
	}
	next := func(all []user) string { return fmt.Sprint(all[at:min(at+1, len(all))]) }
	return fmt.Sprintf("%d users, not %d; from place %d on %s, not %s", len(users), len(want), at, next(users), next(want))
}

// anIssue stands for whatever is said to be wrong with a row.
const anIssue = "an issue"

// failedRows are the table of the rows that were left out, nil where there are none.
func (s *shipment) failedRows() ([][]string, error) {
	if len(s.left) == 0 {
		return nil, nil
	}
	keys, err := auth.NewRowKeys(signing)
	if err != nil {
		return nil, err
	}
	rows := [][]string{append(s.titles(), contracts.IssueColumn, contracts.RowColumn)}
	for _, left := range s.left {
		rows = append(rows, append(slices.Clone(left.cells), anIssue, keys.Key(s.id, left.n)))
	}
	return rows, nil
}

// failedRows asks for the rows that were left out.
func (w *world) failedRows(ctx context.Context, s *shipment) ([][]string, error) {
	token, err := w.token(s.owner)
	if err != nil {
		return nil, err
	}
	path := "/v1/imports/" + s.id + "/failed-rows"
	status, answer, err := w.to(ctx, contracts.QueryService, request{method: http.MethodGet, path: path, token: token})
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, nil
	case status != http.StatusOK:
		return nil, fmt.Errorf("%s: %d: %s", path, status, answer)
	}
	file, err := table.Open(bytes.NewReader(answer), int64(len(answer)), table.CSV)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	var rows [][]string
	for record, err := range file.Records() {
		if err != nil {
			return nil, err
		}
		cells := slices.Clone(record.Cells)
		for i := range cells {
			cells[i] = table.Plain(cells[i])
		}
		if at := len(cells) - 2; len(rows) > 0 && at >= 0 && cells[at] != "" {
			cells[at] = anIssue
		}
		rows = append(rows, cells)
	}
	return rows, nil
}

// invitation is a row of notify.mails that asks somebody to choose a password.
type invitation struct {
	Recipient, MessageID, State string
	Tries                       int
}

// invitations looks whether everybody whose account came without a password was
// written to, by one mail, and nobody else was.
func (v *verdict) invitations(ctx context.Context) error {
	var rows []invitation
	err := v.w.db.NewRaw(`SELECT recipient, message_id, state, tries FROM notify.mails WHERE invitee IS NOT NULL`).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	outbox := make(map[string][]invitation)
	for _, r := range rows {
		outbox[r.Recipient] = append(outbox[r.Recipient], r)
	}
	came := make(map[string][]string)
	for id, m := range v.mails {
		if !strings.HasPrefix(id, "<import.") {
			came[m.to] = append(came[m.to], id)
		}
	}
	for _, s := range v.shipments {
		c := v.courses[s.id]
		if c == nil || s.kind != contracts.UserList {
			continue
		}
		for _, u := range s.users {
			v.invited(s, c, u, outbox[u.Email], came[u.Email])
			delete(came, u.Email)
			delete(outbox, u.Email)
		}
	}
	for address, ids := range came {
		v.find(Orphaned, address, "no account, and the mails %v", ids)
	}
	for address := range outbox {
		v.find(Orphaned, address, "no account, and a mail is kept")
	}
	return nil
}

// invited looks at the mails of one user of a list.
func (v *verdict) invited(s *shipment, c *course, u user, kept []invitation, came []string) {
	if len(came) > 1 {
		v.find(Doubled, s.id, "%s was invited by the mails %v", u.Email, came)
	}
	switch {
	case u.Enters != byInvitation || !c.succeeded:
		if len(came)+len(kept) > 0 {
			v.find(Orphaned, s.id, "%s was invited, and is not to be", u.Email)
		}
	case c.state.TakenBack():
		if slices.ContainsFunc(came, func(id string) bool { return v.late(s.id, v.mails[id]) }) {
			v.find(Orphaned, s.id, "it was taken back, and %s was invited after that", u.Email)
		}
	case len(kept) != 1:
		v.find(Lost, s.id, "%s has %d invitations", u.Email, len(kept))
	default:
		mail, times := kept[0], v.mails["<"+kept[0].MessageID+">"].times
		switch {
		case mail.State != "sent" || times == 0:
			v.find(Lost, s.id, "the invitation of %s is %s and has come %d times", u.Email, mail.State, times)
		case times > mail.Tries:
			v.find(Doubled, s.id, "the invitation of %s has come %d times in %d tries", u.Email, times, mail.Tries)
		default:
			v.report.MailsAgain += times - 1
		}
	}
}
