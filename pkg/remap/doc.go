// Package remap keeps the old-id → new-id maps of imports in a JetStream
// key-value bucket, so that a stage can resolve what an earlier one made
// without asking it. Stages write a map after their commit and read those of
// the stages before them.
//
// What it keeps is derived: the truth is the rows, and a map that is gone is
// made again from the owner's api_remap view.
package remap
