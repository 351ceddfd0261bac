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
	_, err := tx.NewRaw(`WITH d AS (`+changes(in.list)+`), kept AS (
			INSERT INTO people.account_changes AS c (import_id, account, before, after)
			SELECT ?, account, before, after FROM d
			ON CONFLICT (import_id, account) DO UPDATE SET before = excluded.before || c.before, after = c.after || excluded.after
		) `+populate("d.after")+` FROM d WHERE d.account = u.id`, run.ImportID).Exec(ctx)
	if err != nil {
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
// not been changed since; a nick and its key go together, and so do an address and its.
// Those that somebody else has by now stay away.
func restore(ctx context.Context, tx bun.Tx, importID string) error {
	_, err := tx.NewRaw(populate(`(
		SELECT coalesce(jsonb_object_agg(b.key, b.value), '{}') FROM jsonb_each(c.before) AS b
		WHERE to_jsonb(u) -> b.key IS NOT DISTINCT FROM c.after -> b.key
		AND (b.key NOT IN ('nick', 'nick_key') OR `+unchanged("nick")+` AND `+unchanged("nick_key")+`)
		AND (b.key NOT IN ('email', 'email_key') OR `+unchanged("email")+` AND `+unchanged("email_key")+`)
		AND NOT EXISTS (SELECT FROM people.users o WHERE o.id <> u.id AND (
			b.key IN ('nick', 'nick_key') AND o.nick_key = c.before ->> 'nick_key' OR
			b.key IN ('email', 'email_key') AND o.email_key = c.before ->> 'email_key'))
	)`)+` FROM people.account_changes c WHERE c.import_id = ? AND c.account = u.id`, importID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("restore accounts: %w", err)
	}
	return nil
}

// unchanged tells of a column that it is what the list has made of it, if anything.
func unchanged(column string) string {
	return "u." + column + " = coalesce(c.after ->> '" + column + "', u." + column + ")"
}

// populate begins an update of accounts u that sets those columns which an object names;
// the others stay. An account that has not followed its invitation yet and gets another
// address is invited anew: the link that went to the old one may be in wrong hands.
func populate(object string) string {
	columns := strings.Join(profile.Columns(), ", ")
	return `UPDATE people.users u SET (` + columns + `, invitation) = (
			SELECT ` + columns + `, CASE WHEN u.password_hash IS NULL AND r.email_key <> u.email_key THEN u.invitation + 1 ELSE u.invitation END
			FROM jsonb_populate_record(u, ` + object + `) AS r
		)`
}
