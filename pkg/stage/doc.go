// Package stage is the runtime of a pipeline's stages. A service declares what
// its stage makes, as data and pure mapping functions; this package does all
// that is the same for every stage: it takes the message before it, reads the
// archive, writes the rows in one transaction behind the import's fence, keeps
// the remaps, tells how far it is, and publishes exactly one outcome.
//
// # One run
//
//	message ─▶ before ─▶ ┌ fence, prepare, entities, issues, stage_run ┐ ─▶ remaps ─▶ outcome ─▶ ack
//	                     └────────────── one transaction ──────────────┘
//
// A stage with effects outside of Postgres (files in a bucket) commits its rows
// first, has its effects, and ends with a second transaction behind the same
// fence that records them with the stage_run.
//
// # Why nothing is lost and nothing happens twice
//
// The message is acked last. Dying before the commit leaves nothing behind but
// a redelivery, which begins anew. Dying after it leaves the stage_run, which a
// redelivery finds: it repeats only what follows the commit, with the message
// that stands in the row. Rows are upserted by (import, origin), remaps are the
// same whenever they are written, and the broker keeps the first outcome of an
// import, stage and attempt and refuses any other.
//
// A run ends in one of three ways: done; Permanent, which publishes
// StageFailed; or any other error, which is tried again by redelivery until the
// tries are used up.
package stage
