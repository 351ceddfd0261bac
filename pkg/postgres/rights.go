package postgres

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Rights are what the role of a service may do: read and write the rows of the tables
// in its schema, draw numbers from the sequences there, and read some views of others.
// It makes, changes and removes no table.
type Rights struct {
	// Schema is the service's own, and what its role is named for; see Role.
	Schema string
	// Views are those of other schemas that it reads.
	Views []View
}

// View is a view by its schema and name.
type View struct{ Schema, Name string }

// Role names the role of a service: it begins as the one that owns the tables,
// so that several installations share a server.
func Role(owner, service string) string { return owner + "_" + service }

// Grant gives each service's role its rights, and takes from it what it had beside
// them in the schemas that are named. It returns the roles. A role that the server
// does not have is passed over: where everything runs as one there are none.
//
// It is for after Migrate, as the same user: whoever made the tables may give rights
// to them. So what a migration makes is granted by the command that applies it.
func Grant(ctx context.Context, db *bun.DB, all ...Rights) (granted []string, err error) {
	lock, err := advisoryLock(ctx, db, migrationLock) // of two at once the server would refuse one
	if err != nil {
		return nil, fmt.Errorf("grant: %w", err)
	}
	defer lock.Release()
	err = InTx(ctx, db, TxOptions{}, func(ctx context.Context, tx *Tx) error {
		granted = nil
		var owner string
		if err := tx.NewRaw("SELECT current_user").Scan(ctx, &owner); err != nil {
			return err
		}
		for _, r := range all {
			role := Role(owner, r.Schema)
			var there bool
			if err := tx.NewRaw("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)", role).Scan(ctx, &there); err != nil {
				return err
			}
			if !there {
				continue
			}
			if err := r.grant(ctx, tx, role, all); err != nil {
				return fmt.Errorf("%s: %w", role, err)
			}
			granted = append(granted, role)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("grant: %w", err)
	}
	return granted, nil
}

func (r Rights) grant(ctx context.Context, tx *Tx, role string, all []Rights) error {
	to := bun.Ident(role)
	type statement struct{ text, on string }
	var statements []statement
	say := func(text, on string) { statements = append(statements, statement{text, on}) }
	for _, other := range all {
		say("REVOKE ALL ON ALL TABLES IN SCHEMA ? FROM ?", other.Schema)
		say("REVOKE ALL ON ALL SEQUENCES IN SCHEMA ? FROM ?", other.Schema)
		say("REVOKE ALL ON SCHEMA ? FROM ?", other.Schema)
	}
	say("GRANT USAGE ON SCHEMA ? TO ?", r.Schema)
	say("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ? TO ?", r.Schema)
	say("GRANT USAGE ON ALL SEQUENCES IN SCHEMA ? TO ?", r.Schema)
	say("REVOKE INSERT, UPDATE, DELETE ON ? FROM ?", r.Schema+".migrations")
	for _, v := range r.Views {
		say("GRANT USAGE ON SCHEMA ? TO ?", v.Schema)
		say("GRANT SELECT ON ? TO ?", v.Schema+"."+v.Name)
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s.text, bun.Ident(s.on), to); err != nil {
			return err
		}
	}
	return nil
}
