// Package hostile makes what a stranger with bad intentions, or a broken program,
// may upload: each as a case with a name, and with what is to come of it. It is
// for tests.
package hostile

// Case is one hostile file. It is refused at the upload, or its import ends in a
// failure or in a success, and either has the very issues that are named.
type Case struct {
	Name string
	// List tells that the file is a list of users, else it is an archive.
	List bool
	// File makes the file.
	File func() []byte
	// Refused is the code of the problem that answers the upload; empty where the
	// upload is taken.
	Refused string
	// Failed is the code with which the import fails; empty where it succeeds.
	Failed string
	// Issues are the codes of all issues, in order and each once.
	Issues []string
	// Media says how the files of the event are served, by their paths.
	Media map[string]Served
}

// Served is how a file of an event is answered.
type Served struct {
	// Type is the media type, without parameters.
	Type string
	// Shown tells that a browser shows it in its place instead of saving it.
	Shown bool
	// Pixels tells that it is nothing but a picture, which needs no sandbox.
	Pixels bool
	// Copy is the code of the problem that answers for a smaller copy.
	Copy string
}

// The codes with which an import of a bad file fails.
const (
	badArchive = "invalid_archive"
	badList    = "invalid_list"
)
