package list

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
	"github.com/usher-events/usher/services/people/internal/profile"
)

// The bounds of what a preview shows.
const (
	shownRows    = 20
	shownSamples = 3
	shownChanges = 200
	shownText    = 100
)

// Preview is what a check of a list shows beside its issues. No password is in it, nor
// what may be one: of a column that is not known it has the shape of the samples only.
type Preview struct {
	Columns []PreviewColumn `json:"columns"`
	Rows    []PreviewRow    `json:"rows"`
	Changes []PreviewChange `json:"changes"`
}

// PreviewColumn is a column of the list, the field that it holds and what has told it.
type PreviewColumn struct {
	Title    string         `json:"title"`
	Position int            `json:"position"`
	Field    userlist.Field `json:"field,omitempty"`
	By       userlist.Match `json:"by,omitempty"`
	Samples  []string       `json:"samples"`
}

// PreviewRow is one of the first rows as it would become.
type PreviewRow struct {
	Line int `json:"line"`
	// Action is "create", "update", "skip" or "fail".
	Action string                    `json:"action"`
	Fields map[userlist.Field]string `json:"fields"`
	// Password is "given", "hashed" or, where it is still to be chosen, "none".
	Password string `json:"password"`
}

// PreviewChange is one field of an account that would change.
type PreviewChange struct {
	Nick  string `json:"nick"`
	Field string `json:"field"`
	Old   any    `json:"old"`
	New   any    `json:"new"`
}

// preview counts what an import would come to, and stores what the check shows.
func preview(ctx context.Context, tx *postgres.Tx, run *stage.Run, in *input, facts *contracts.Accounts) error {
	// An invitation is for who has no password, which the rows still have to tell.
	shown := Preview{Columns: columnsShown(in.list), Rows: []PreviewRow{}, Changes: []PreviewChange{}}
	actions, err := actionsOf(ctx, tx, run, in.list.Users(), facts)
	if err != nil {
		return err
	}
	for row, err := range in.list.Rows(func(contracts.Issue) {}) {
		if err == nil {
			err = tx.StayAwake(ctx)
		}
		if err != nil {
			return err
		}
		sample(shown.Columns, row)
		action := cmp.Or(actions[row.Index], "fail")
		if action == "create" && !run.Options.NoInvite && row.User.Password == "" && row.User.PasswordHash == "" {
			facts.Invited++
		}
		if len(shown.Rows) < shownRows {
			shown.Rows = append(shown.Rows, rowShown(row, action))
		}
	}
	if run.Options.OnConflict == contracts.ConflictUpdates {
		if shown.Changes, err = changesShown(ctx, tx, in.list, facts); err != nil {
			return err
		}
	}
	if in.preview, err = json.Marshal(shown); err != nil {
		return err
	}
	return KeepPreview(ctx, tx.Tx, run)
}

// KeepPreview stores what a check shows, also of a list that has failed: it may be what
// tells why.
func KeepPreview(ctx context.Context, tx bun.Tx, run *stage.Run) error {
	in, err := inputOf(run)
	if err != nil || in.preview == nil {
		return nil //nolint:nilerr // it did not come to that
	}
	_, err = tx.NewRaw(`INSERT INTO people.previews (import_id, document) VALUES (?, ?::jsonb)
		ON CONFLICT (import_id) DO UPDATE SET document = excluded.document`, run.ImportID, string(in.preview)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	return nil
}

// actionsOf says what becomes of the rows that are good, of so many, by index.
func actionsOf(ctx context.Context, tx *postgres.Tx, run *stage.Run, users int, facts *contracts.Accounts) ([]string, error) {
	var there []int
	err := tx.NewRaw(`SELECT n FROM pg_temp.? WHERE by_nick IS NOT NULL OR by_email IS NOT NULL`, bun.Ident(temp)).Scan(ctx, &there)
	if err != nil {
		return nil, fmt.Errorf("accounts that are there: %w", err)
	}
	var fresh []int
	err = tx.NewRaw(`SELECT n FROM pg_temp.? WHERE by_nick IS NULL AND by_email IS NULL`, bun.Ident(temp)).Scan(ctx, &fresh)
	if err != nil {
		return nil, fmt.Errorf("accounts to make: %w", err)
	}
	facts.Created = len(fresh)
	known := "skip"
	if run.Options.OnConflict == contracts.ConflictUpdates {
		known = "update"
	}
	actions := make([]string, users)
	for _, n := range there {
		actions[n] = known
	}
	for _, n := range fresh {
		actions[n] = "create"
	}
	return actions, nil
}

// changesShown counts the accounts that would change, and says how the first of them do.
func changesShown(ctx context.Context, tx *postgres.Tx, list *userlist.List, facts *contracts.Accounts) ([]PreviewChange, error) {
	all := []PreviewChange{}
	var rows []struct {
		Nick          string
		Before, After map[string]any `bun:"type:jsonb"`
	}
	query := changes(list)
	if err := tx.NewRaw(`SELECT count(*) FROM (`+query+`) AS d`).Scan(ctx, &facts.Updated); err != nil {
		return nil, fmt.Errorf("changes of accounts: %w", err)
	}
	if err := tx.NewRaw(`SELECT nick, before, after FROM (`+query+`) AS d ORDER BY n LIMIT ?`, shownChanges).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("changes of accounts: %w", err)
	}
	for _, row := range rows {
		for _, column := range profile.Columns() {
			after, changed := row.After[column]
			if !changed || strings.HasSuffix(column, "_key") {
				continue
			}
			if len(all) == shownChanges {
				return all, nil
			}
			all = append(all, PreviewChange{Nick: row.Nick, Field: column, Old: row.Before[column], New: after})
		}
	}
	return all, nil
}

func columnsShown(list *userlist.List) []PreviewColumn {
	columns := []PreviewColumn{}
	for _, c := range list.Columns() {
		columns = append(columns, PreviewColumn{Title: short(c.Title), Position: c.Position, Field: c.Field, By: c.By, Samples: []string{}})
	}
	// Who has to say what the columns are needs something to know them by.
	for i, cell := range list.Start() {
		if cell = strings.TrimSpace(cell); cell != "" {
			columns[i].Samples = append(columns[i].Samples, short(shape(cell)))
		}
	}
	return columns
}

// sample takes samples of a row. A row that does not fit may have its password anywhere.
func sample(columns []PreviewColumn, row userlist.Row) {
	if len(row.Cells) != len(columns) {
		return
	}
	for i := range columns {
		c := &columns[i]
		cell := strings.TrimSpace(row.Cells[i])
		if cell == "" || len(c.Samples) == shownSamples || c.Field == userlist.Password {
			continue
		}
		if c.Field == "" {
			cell = shape(cell)
		}
		c.Samples = append(c.Samples, short(cell))
	}
}

// shape says what a text looks like without repeating it: "Xxxx 99".
func shape(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsUpper(r):
			return 'X'
		case unicode.IsLetter(r):
			return 'x'
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
}

func short(text string) string {
	text = userlist.Storable(text)
	if utf8.RuneCountInString(text) <= shownText {
		return text
	}
	return string([]rune(text)[:shownText]) + "…"
}

func rowShown(row userlist.Row, action string) PreviewRow {
	shown := PreviewRow{Line: row.Line, Action: action, Fields: make(map[userlist.Field]string), Password: "none"}
	switch {
	case row.User.PasswordHash != "":
		shown.Password = "hashed"
	case row.User.Password != "":
		shown.Password = "given"
	}
	if action == "fail" {
		shown.Password = "" // nothing becomes of it
		return shown
	}
	for _, field := range userlist.Fields() {
		if text := row.User.Text(field); text != "" && field != userlist.Password {
			shown.Fields[field] = short(text)
		}
	}
	return shown
}
