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
	if err := hold(ctx, tx, "SELECT coalesce(by_nick, by_email) FROM pg_temp.usher_list"); err != nil {
		return 0, err
	}
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

// hold keeps the accounts that a query names from being changed by another list, or by
// one that is taken back, until the transaction ends: what they were is read behind it.
func hold(ctx context.Context, tx bun.IDB, accounts string, args ...any) error {
	_, err := tx.NewRaw(`SELECT FROM people.users WHERE id IN (`+accounts+`) ORDER BY id FOR UPDATE`, args...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("hold accounts: %w", err)
	}
	return nil
}

// handOn leaves it to other lists what accounts had before this one: where another has
// found the value of this one and changed it, that one gives back what was before both.
// A key goes with the nick or the address that it is made of.
func handOn(ctx context.Context, tx bun.Tx, importID string) error {
	_, err := tx.NewRaw(`WITH handed AS (
			SELECT c.account, k.name, c.before -> k.name AS before, c.after -> k.name AS after, heir.import_id AS heir
			FROM people.account_changes c
			CROSS JOIN LATERAL (SELECT name, regexp_replace(name, '_key$', '') AS source FROM jsonb_object_keys(c.before) AS name) k
			CROSS JOIN LATERAL (SELECT o.import_id FROM people.account_changes o
				WHERE o.account = c.account AND o.turn > c.turn AND o.before -> k.source = c.after -> k.source
				ORDER BY o.turn LIMIT 1) heir
			WHERE c.import_id = ?0
		), taken AS (
			UPDATE people.account_changes c SET before = c.before || h.before, after = h.after || c.after
			FROM (SELECT account, heir, jsonb_object_agg(name, before) AS before, jsonb_object_agg(name, after) AS after
				FROM handed GROUP BY account, heir) h
			WHERE c.account = h.account AND c.import_id = h.heir
		)
		UPDATE people.account_changes c SET before = c.before - h.names
		FROM (SELECT account, array_agg(name) AS names FROM handed GROUP BY account) h
		WHERE c.account = h.account AND c.import_id = ?0`, importID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("hand on what accounts were: %w", err)
	}
	return nil
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
