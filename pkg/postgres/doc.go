// Package postgres is Usher's way to PostgreSQL: bun over pgx, transactions on
// one dedicated connection, bulk upserts through COPY, migrations, and a lock
// for work that only one replica may do.
//
// Stages write through [InTx], [Upsert] and [DeleteOlder]; services open the
// database with [Open] and bring their schema up with [Migrate] or check it
// with [VerifyMigrations]; a projector holds a [Lock].
//
// The subpackage private runs a PostgreSQL of Usher's own from installed
// binaries, postgrestest gives every test a fresh database.
package postgres
