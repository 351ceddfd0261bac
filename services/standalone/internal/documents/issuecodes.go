package documents

import (
	"bytes"
	"fmt"

	"github.com/usher-events/usher/contracts"
)

// issueCodes is the catalogue of issue codes in Markdown. Each code is a heading,
// so that it can be linked to.
func issueCodes() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`# Issue codes

What the code of an issue means, what Usher made of it, and how to mend it. Made from issue_codes.go by
"make documents"; the page /help/archive of a running Usher has the same.

The severity is the usual one. An error fails the import, a warning tells of something that was repaired or left
out, info of something worth knowing. In the mode "strict" a warning fails the import as well; in the mode "lenient"
records with errors are left out, with a warning, and the rest is imported.
`)
	for _, topic := range contracts.IssueTopics() {
		fmt.Fprintf(&b, "\n## %s\n", topic)
		for _, c := range contracts.IssueCodes() {
			if c.About == topic {
				fmt.Fprintf(&b, "\n### %s\n\n*%s.* %s\n\n%s %s\n", c.Code, c.Severity, c.Means, c.Done, c.Mend)
			}
		}
	}
	return b.Bytes(), nil
}
