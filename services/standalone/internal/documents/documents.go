// Package documents makes those files of the repository that are read by people
// and follow from the code: the catalogue of issue codes, and the example
// archive of the page about archives. The command cmd/documents writes them, a
// test holds them against the code.
package documents

import "path/filepath"

// Document is a file that follows from the code.
type Document struct {
	// Path is where it lies in the repository.
	Path string
	Make func() ([]byte, error)
}

// All are the documents.
func All() []Document {
	return []Document{
		{filepath.Join("contracts", "issue-codes.md"), issueCodes},
		{filepath.Join("services", "query", "internal", "help", "example.zip"), example},
	}
}
