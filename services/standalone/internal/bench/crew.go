package bench

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/usher-events/usher/pkg/table"
)

// crew is a made-up list of users.
type crew struct {
	users  int
	format table.Format
	// withPasswords gives each of them one of their own.
	withPasswords bool
}

// write writes the list to a file.
func (c crew) write(path string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<20)
	w, err := table.NewWriter(out, c.format)
	if err != nil {
		return err
	}
	titles := []string{"Nick Name", "First Name", "Last Name", "Email", "Age", "Current City", "Mobile Number", "T-Shirt Size", "Planned Arrival"}
	if c.withPasswords {
		titles = append(titles, "Password")
	}
	if err := w.Write(titles); err != nil {
		return err
	}
	for n := range c.users {
		row := []string{
			fmt.Sprintf("angel_%07d", n), fmt.Sprintf("Vorname%d", n*7919%1_000_003), fmt.Sprintf("Nachname-%d", n*104729%1_000_003),
			fmt.Sprintf("angel%07d@volunteers.example.org", n), fmt.Sprint(18 + n%50), "Zürich", fmt.Sprintf("+49170%07d", n), "XL", "2031-05-02",
		}
		if c.withPasswords {
			row = append(row, fmt.Sprintf("the horse of %d", n))
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), out.Flush())
}
