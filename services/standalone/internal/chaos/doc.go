// Package chaos holds Usher to its promise: an upload that was accepted ends, and
// nothing of it is lost, doubled or left half-done, whatever dies on the way.
//
// A World is broker, database, bucket, mail server and two processes of each
// service on this machine. The Load uploads archives and lists, while the Mischief
// kills, freezes and restarts processes, sends commands and has events exported at random
// moments.
// When both have ended and everything runs again, the Verdict holds every table,
// message, file and mail against what each upload must have come to.
//
// All that is decided at random follows from one seed. Which instruction a process
// is at when a signal reaches it does not, so a seed finds the same fault again
// often, but not always.
package chaos
