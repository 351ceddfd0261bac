package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/orphans"
)

// digest tells rows from others: their number, and a hash of what they say.
type digest struct {
	rows int
	sum  string
}

// contents are the digests of all tables that have rows of an import.
type contents map[string]digest

// volatile are the columns that differ between two imports of the same archive.
const volatile = `'{id,import_id,attempt,n,identifier,blob,subject,password_hash,created_at}'::text[]`

// references are the columns that hold ids of other rows. In their place stands
// the origin of the row that they lead to, which is null where it is of another
// import, or nowhere.
var references = map[string]map[string]string{
	"schedule.sessions": {
		"track_id": origin("schedule.tracks", "track_id"), "microlocation_id": origin("schedule.microlocations", "microlocation_id"),
		"session_type_id": origin("schedule.session_types", "session_type_id"),
	},
	"schedule.session_speakers": {
		"session_id": origin("schedule.sessions", "session_id"), "speaker_id": origin("people.speakers", "speaker_id"),
	},
	"media.files": {"owner_id": `CASE owner_type` +
		` WHEN 'events' THEN ` + origin("event.events", "owner_id") +
		` WHEN 'sponsors' THEN ` + origin("people.sponsors", "owner_id") +
		` WHEN 'speakers' THEN ` + origin("people.speakers", "owner_id") +
		` WHEN 'tracks' THEN ` + origin("schedule.tracks", "owner_id") +
		` WHEN 'sessions' THEN ` + origin("schedule.sessions", "owner_id") + ` END`},
}

func origin(table, column string) string {
	return fmt.Sprintf(`(SELECT r.origin FROM %s r WHERE r.id = t.%s AND r.import_id = t.import_id)`, table, column)
}

// tables reads every table of the stages that has rows of imports, by import. The
// issues are those of the newest run of each stage.
func (w *world) tables(ctx context.Context) (map[string]contents, error) {
	all, err := orphans.Tables(ctx, w.db)
	if err != nil {
		return nil, err
	}
	found := make(map[string]contents)
	for _, table := range all {
		if projects(table) {
			continue
		}
		parts := []string{"to_jsonb(t) - " + volatile}
		if table == "query.issues" { // of exports, whose records have the ids of rows
			parts[0] += " - 'source_id'"
		}
		for column, reference := range references[table] {
			parts = append(parts, fmt.Sprintf("jsonb_build_object('%s', %s)", column, reference))
		}
		where := "t.import_id IS NOT NULL"
		if schema, isIssues := strings.CutSuffix(table, ".issues"); isIssues {
			where += " AND t.attempt = (SELECT max(attempt) FROM " + schema + ".stage_run r WHERE r.import_id = t.import_id AND r.stage = t.stage)" +
				" AND t.code <> 'identifier_taken'" // which tells of another import
		}
		var rows []struct {
			Import string
			Rows   int
			Sum    string
		}
		err := w.db.NewRaw(`SELECT import, count(*) AS rows, md5(string_agg(document::text, E'\n' ORDER BY document::text)) AS sum
			FROM (SELECT t.import_id AS import, ? AS document FROM ? t WHERE ?) d GROUP BY import`,
			bun.Safe(strings.Join(parts, " || ")), bun.Safe(table), bun.Safe(where)).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		for _, row := range rows {
			if found[row.Import] == nil {
				found[row.Import] = make(contents)
			}
			found[row.Import][table] = digest{row.Rows, row.Sum}
		}
	}
	return found, nil
}

// projects tells of a table that it is one of what query shows of all imports, also of
// those that were taken back, and not one of its stage.
func projects(table string) bool {
	schema, name, _ := strings.Cut(table, ".")
	return schema == string(contracts.Query) && !slices.Contains([]string{"import_fence", "stage_run", "issues", "exports"}, name)
}

// made is the part that an import is for: not what the stages remember of their
// runs, not whom notify has told, and not where the archive of an export is.
func (c contents) made() contents {
	rest := make(contents)
	for table, d := range c {
		if _, name, _ := strings.Cut(table, "."); !slices.Contains([]string{"import_fence", "stage_run", "notifications", "mails", "exports"}, name) {
			rest[table] = d
		}
	}
	return rest
}

// leftOver is the part that must not be of an import that was taken back.
func (c contents) leftOver() contents {
	rest := make(contents)
	for table, d := range c {
		if !strings.HasSuffix(table, ".import_fence") {
			rest[table] = d
		}
	}
	return rest
}

// differences tells where two contents differ.
func (c contents) differences(want contents) string {
	var all []string
	for table, d := range c {
		if w, ok := want[table]; !ok {
			all = append(all, fmt.Sprintf("%s has %d rows, not 0", table, d.rows))
		} else if d.rows != w.rows {
			all = append(all, fmt.Sprintf("%s has %d rows, not %d", table, d.rows, w.rows))
		} else if d.sum != w.sum {
			all = append(all, fmt.Sprintf("%s says something else in its %d rows", table, d.rows))
		}
	}
	for table, w := range want {
		if _, ok := c[table]; !ok {
			all = append(all, fmt.Sprintf("%s has 0 rows, not %d", table, w.rows))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// usersOf reads the accounts that an import has made, in the order of its list.
func (w *world) usersOf(ctx context.Context, importID string) ([]user, error) {
	var users []user
	err := w.db.NewRaw(`SELECT nick, email, first_name AS first, last_name AS last, age::text AS age, city, mobile,
			CASE WHEN password_hash IS NOT NULL AND invitation IS NULL THEN ? WHEN password_hash IS NULL AND invitation = 1 THEN ? END AS enters
		FROM people.users WHERE import_id = ? ORDER BY origin::int`, byPassword, byInvitation, importID).Scan(ctx, &users)
	return users, err
}

// eventOf is the id of the event that an import has made.
func (w *world) eventOf(ctx context.Context, importID string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var id int64
	err := w.db.NewRaw(`SELECT id FROM event.events WHERE import_id = ?`, importID).Scan(ctx, &id)
	return id, err
}

// projected is what the query service shows of an import.
type projected struct {
	ID      string
	State   contracts.State
	Attempt int
	Message string
}

func (w *world) projected(ctx context.Context) (map[string]projected, error) {
	var rows []projected
	err := w.db.NewRaw(`SELECT id, state, attempt, concat_ws(' ', stage, waiting_for, note) AS message FROM query.imports`).Scan(ctx, &rows)
	all := make(map[string]projected, len(rows))
	for _, row := range rows {
		all[row.ID] = row
	}
	return all, err
}
