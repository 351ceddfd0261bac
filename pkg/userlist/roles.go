package userlist

import "strings"

// takeRoles takes the roles that are named, separated by bars, commas or semicolons.
func (u *User) takeRoles(text string) *Fault {
	separator := func(r rune) bool { return strings.ContainsRune("|,;", r) }
	for role := range strings.FieldsFuncSeq(text, separator) {
		switch strings.ToLower(strings.TrimSpace(role)) {
		case "":
			continue
		case "organizer":
		case "admin":
			u.Admin = true
		default:
			return &Fault{Roles, CodeRoleUnknown, "This names a role that there is not", "The roles are organizer and admin."}
		}
		u.RolesNamed = true
	}
	return nil
}
