package remote

import "fmt"

// What comes of an address that no file was fetched from. Each is the code of an issue.
const (
	// CodeRefused: there is no server of the public web at the address.
	CodeRefused = "media_remote_refused"
	// CodeFailed: the server was not reached, or did not give the file.
	CodeFailed = "media_remote_failed"
	// CodeTooLarge: the file is larger than Limits.File.
	CodeTooLarge = "media_remote_too_large"
)

// Error says why there is no file. It is about the address or its server, never
// about us, and repeats nothing of what either has said.
type Error struct {
	Code string
	// Reason is the end of a sentence for people.
	Reason string
}

func (e *Error) Error() string { return e.Reason }

// The reasons that have nothing to add. A name that does not exist and one that
// leads to a private address are the same to whoever asks: else an archive could
// find out which names there are in our network.
var (
	errScheme    = &Error{CodeRefused, "it is no address that begins with http or https"}
	errNotPublic = &Error{CodeRefused, "no server of the public web has this address"}
	errPort      = &Error{CodeRefused, "files are fetched from the usual ports only, 80 and 443"}
	errRedirects = &Error{CodeFailed, "the server sends from one address to the next"}
	errElsewhere = &Error{CodeRefused, "the server sends to an address that is not one of the web"}
	errSlow      = &Error{CodeFailed, "it takes too long"}
	errSilent    = &Error{CodeFailed, "the server stopped sending"}
	errLookup    = &Error{CodeFailed, "the name of the server cannot be looked up"}
	errUnreached = &Error{CodeFailed, "the server cannot be reached"}
	errNoAnswer  = &Error{CodeFailed, "the server does not answer"}
	errTrust     = &Error{CodeFailed, "the server's certificate is not valid"}
	errBroken    = &Error{CodeFailed, "the connection broke off"}
)

// ErrEmpty is of a file without a byte. Where its size was not said before, whoever
// reads it finds out.
var ErrEmpty = &Error{CodeFailed, "the server gives an empty file"}

func tooLarge(limit int64) *Error {
	return &Error{CodeTooLarge, fmt.Sprintf("it is larger than %d MiB", limit>>20)}
}
