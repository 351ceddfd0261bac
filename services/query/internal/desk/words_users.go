package desk

import (
	"fmt"
	"strings"

	"github.com/usher-events/usher/pkg/userlist"
)

// fieldWord is what a field of a user, or a column of the accounts, is called.
func fieldWord(field string) string {
	switch userlist.Field(field) {
	case userlist.Email:
		return "E-mail address"
	case userlist.DECT:
		return "DECT"
	case userlist.TShirtSize:
		return "T-shirt size"
	case "is_admin": // as the accounts have it of the roles
		return "Administrator"
	}
	name := strings.ReplaceAll(field, "_", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

// actionWords are what becomes of a row.
var actionWords = map[string]string{
	"create": "New account",
	"update": "Update",
	"skip":   "Skipped",
	"fail":   "Has errors",
}

// passwordWords are where the password of an account comes from.
var passwordWords = map[string]string{
	"given":  "given",
	"hashed": "taken over",
	"none":   "still to choose",
}

// valueWord is what an account has in a field.
func valueWord(value any) string {
	switch value {
	case nil:
		return ""
	case true:
		return "yes"
	case false:
		return "no"
	}
	return fmt.Sprint(value)
}
