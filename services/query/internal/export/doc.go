// Package export writes an event into an archive again. It has the request of an export,
// the stage that reads the views of all services in one snapshot and streams the zip to
// the bucket, and the download. What a row becomes in the archive is a pure function, in
// a file for each kind of record; how an archive is spelled is pkg/openevent's.
package export
