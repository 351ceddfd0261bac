// Package backup saves and restores what only Usher can: the data folder of `usher up`,
// and the streams of a broker with where their consumers stand. For databases and buckets
// there are tools; the order that keeps them together is in ARCHITECTURE.md.
package backup
