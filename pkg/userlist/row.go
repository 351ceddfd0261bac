package userlist

import (
	"strings"

	"github.com/usher-events/usher/contracts"
)

// Row is one user of a list, and where the row stands.
type Row struct {
	// Index counts the users from 0.
	Index int
	User  User

	file        string
	nick, email cell
}

// cell is where a value stands: the title of its column, and the place.
type cell struct {
	title string
	place
}

// NickTaken is the issue of a nick that an account has.
func (r Row) NickTaken() contracts.Issue {
	i := issue(r.file, r.Index, r.nick, CodeNickTaken, "Another account has this nick")
	i.Value, i.Hint = cut(r.User.Nick), "Choose another nick, or take the row out of the list."
	return i
}

// EmailTaken is the issue of an address that an account has.
func (r Row) EmailTaken() contracts.Issue {
	i := issue(r.file, r.Index, r.email, CodeEmailTaken, "Another account has this e-mail address")
	i.Value, i.Hint = cut(r.User.Email), "If it is the same person, take the row out of the list: they have an account."
	return i
}

// issue makes an error about one cell.
func issue(file string, index int, at cell, code, message string) contracts.Issue {
	return contracts.Issue{
		Severity: contracts.Error, Code: code, File: file, Line: at.line, Column: at.column,
		Pointer: pointer(at.title), RecordIndex: &index, Message: message,
	}
}

// pointer is the JSON Pointer of a cell, as if its row were an object.
func pointer(title string) string {
	return "/" + cut(strings.NewReplacer("~", "~0", "/", "~1").Replace(title))
}

// cut shortens what is repeated of a list.
func cut(s string) string {
	if len(s) > contracts.MaxIssueValue {
		s = s[:contracts.MaxIssueValue]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}
