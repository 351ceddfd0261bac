// Command documents writes the files of the repository that are made from the
// code for people to read: "make documents".
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/usher-events/usher/services/standalone/internal/documents"
)

func main() {
	if len(os.Args) != 2 {
		fail("usage: documents REPOSITORY")
	}
	for _, d := range documents.All() {
		content, err := d.Make()
		if err != nil {
			fail(err)
		}
		if err := os.WriteFile(filepath.Join(os.Args[1], d.Path), content, 0o644); err != nil { //nolint:gosec // nothing in it is secret
			fail(err)
		}
	}
}

func fail(why any) {
	_, _ = fmt.Fprintln(os.Stderr, "documents:", why) // nobody to tell where even this fails
	os.Exit(1)
}
