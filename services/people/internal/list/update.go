package list

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
	"github.com/usher-events/usher/services/people/internal/profile"
)

// changeable are the columns that a list can change of an account: those that it has.
// A cell without anything in it changes nothing, and a password is left alone.
func changeable(list *userlist.List) []string {
	var columns []string
	for _, c := range profile.Columns() {
		field := userlist.Field(strings.TrimSuffix(c, "_key"))
		if field == "is_admin" {
			field = userlist.Roles
		}
		if list.Has(field) {
			columns = append(columns, c)
		}
	}
	return columns
}

// changes is a query for what the list changes of accounts: for each account what it
// was and what it becomes, of the columns that differ only.
func changes(list *userlist.List) string {
	var keys []string
	for _, c := range changeable(list) {
		keys = append(keys, fmt.Sprintf("('%s', to_jsonb(u.%s), to_jsonb(coalesce(l.%s, u.%s)))", c, c, c, c))
	}
	return `SELECT l.n, u.id AS account, u.nick, d.before, d.after
		FROM pg_temp.usher_list l JOIN people.users u ON u.id = coalesce(l.by_nick, l.by_email)
		CROSS JOIN LATERAL (
			SELECT jsonb_object_agg(name, before) AS before, jsonb_object_agg(name, after) AS after
			FROM (VALUES ` + strings.Join(keys, ", ") + `) AS v (name, before, after)
			WHERE before IS DISTINCT FROM after
		) d WHERE d.before IS NOT NULL`
}

// update changes accounts to what the list says of them, and keeps what they were. It
// returns how many there were, also those of an earlier attempt.
func update(ctx context.Context, tx *postgres.Tx, run *stage.Run, in *input) (int, error) {
	// What an earlier attempt has changed was changed by this import: the first before
	// stays, and what is changed back to it is no change.
	_, err := tx.NewRaw(`INSERT INTO people.account_changes AS c (import_id, account, before, after)
		SELECT ?, account, before, after FROM (`+changes(in.list)+`) AS d
		ON CONFLICT (import_id, account) DO UPDATE SET before = excluded.before || c.before, after = c.after || excluded.after`,
		run.ImportID).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("changes of accounts: %w", err)
	}
	if err := populate(ctx, tx, run.ImportID, "c.after"); err != nil {
		return 0, fmt.Errorf("change accounts: %w", err)
	}
	var n int
	err = tx.NewRaw(`SELECT count(*) FROM people.account_changes WHERE import_id = ?`, run.ImportID).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("changed accounts: %w", err)
	}
	return n, nil
}

// restore gives accounts back what they had before the list, in each column that has
// not been changed since. A nick or an address that somebody else has by now stays away.
func restore(ctx context.Context, tx bun.Tx, importID string) error {
	err := populate(ctx, tx, importID, `(
		SELECT coalesce(jsonb_object_agg(b.key, b.value), '{}') FROM jsonb_each(c.before) AS b
		WHERE to_jsonb(u) -> b.key IS NOT DISTINCT FROM c.after -> b.key
		AND NOT EXISTS (SELECT FROM people.users o WHERE o.id <> u.id AND (
			b.key IN ('nick', 'nick_key') AND o.nick_key = c.before ->> 'nick_key' OR
			b.key IN ('email', 'email_key') AND o.email_key = c.before ->> 'email_key'))
	)`)
	if err != nil {
		return fmt.Errorf("restore accounts: %w", err)
	}
	return nil
}

// populate sets those columns of the accounts that an import has changed which an
// object names; the others stay.
func populate(ctx context.Context, tx bun.IDB, importID, object string) error {
	columns := profile.Columns()
	_, err := tx.NewRaw(`UPDATE people.users u SET (`+strings.Join(columns, ", ")+`) = (
			SELECT `+strings.Join(columns, ", ")+` FROM jsonb_populate_record(u, `+object+`)
		) FROM people.account_changes c WHERE c.import_id = ? AND c.account = u.id`, importID).Exec(ctx)
	return err
}
