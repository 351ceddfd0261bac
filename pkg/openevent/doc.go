// Package openevent reads archives in the Open Event format: a zip of JSON
// files and media that describes one conference. It is called by ingest (is
// this an archive at all?), by the event stage (which checks the whole archive
// before a row is written) and by the stages that make rows of its records.
//
// The package is pure: bytes come from an io.ReaderAt, nothing is extracted to
// disk, and memory is bounded by one record. Every record knows its file, its
// index, its line and its JSON pointer, and so does every issue.
//
// Two kinds of trouble are kept strictly apart. What is wrong with the archive
// is an *Error (from Open and from media) or a contracts.Issue (from Records
// and Check): trying again cannot mend it. Any other error is an I/O error of
// the io.ReaderAt, and the caller tries again.
package openevent
