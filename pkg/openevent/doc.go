// Package openevent reads and writes archives in the Open Event format: a zip
// of JSON files and media that describes one conference. Reading is called by
// ingest (is this an archive at all?), by the event stage (which checks the
// whole archive before a row is written) and by the stages that make rows of
// its records; writing by the export of the query service.
//
// The package is pure: bytes come from an io.ReaderAt and go to an io.Writer,
// nothing is extracted to disk, and memory is bounded by one record. Every
// record that is read knows its file, its index, its line and its JSON pointer,
// and so does every issue.
//
// Two kinds of trouble are kept strictly apart. What is wrong with the archive
// is an *Error (from Open and from media) or a contracts.Issue (from Records
// and Check): trying again cannot mend it. Any other error is an I/O error of
// the io.ReaderAt, and the caller tries again.
//
// One table, made of the struct tags of the records, says how they are read and
// how they are written. What Records yields and a Writer writes is, read again,
// the same: values, unknown keys and all, in either dialect. RefusedByV1 tells
// what the server that the format comes from would not take of it.
package openevent
