// Package userlist knows what a user is, and reads lists of them: a table in
// CSV or Excel becomes users, and whatever is wrong with it becomes issues with
// line and column. The people service makes accounts of lists with it, and holds
// users that are added one by one to the same rules.
package userlist

import (
	"strings"
	"time"
)

// User is somebody who is to have an account. Texts have no blanks around them,
// but for the password, in which every character counts.
type User struct {
	Nick  string
	Email string
	// Password is as it was given. It is empty where PasswordHash is not, or where
	// an invitation lets the user choose one.
	Password string
	// PasswordHash is what another program has stored of a password, in a form that
	// auth.HashKnown knows.
	PasswordHash string
	FirstName    string
	LastName     string
	City         string
	// Mobile is as it was given; see Rules.Doubts.
	Mobile  string
	Pronoun string
	DECT    string
	// TShirtSize is one of those that tshirt.go names.
	TShirtSize string
	// Age is nil where it is not known.
	Age *int
	// PlannedArrival is a date at midnight UTC, zero where it is not known.
	PlannedArrival time.Time
	// TimeZone is a name of the IANA database.
	TimeZone     string
	Organization string
	// Web is an address of http or https.
	Web string
	// Admin is who has the role of an administrator. Everybody is an organizer.
	Admin bool
	// RolesNamed tells that the list says which roles the user has, Admin or not.
	RolesNamed bool
}

// Field names a field of a user.
type Field string

// The fields of a user.
const (
	Nick           Field = "nick"
	Email          Field = "email"
	Password       Field = "password"
	FirstName      Field = "first_name"
	LastName       Field = "last_name"
	Age            Field = "age"
	City           Field = "city"
	Mobile         Field = "mobile"
	Pronoun        Field = "pronoun"
	DECT           Field = "dect"
	TShirtSize     Field = "tshirt_size"
	PlannedArrival Field = "planned_arrival"
	TimeZone       Field = "time_zone"
	Organization   Field = "organization"
	Web            Field = "web"
	Roles          Field = "roles"
)

// Fields returns all fields, in the order in which people expect them.
func Fields() []Field {
	return []Field{
		Nick, Email, Password, FirstName, LastName, Pronoun, Age, City, Mobile, DECT,
		TShirtSize, PlannedArrival, TimeZone, Organization, Web, Roles,
	}
}

// Take takes what somebody has written for a field, and returns why it cannot be
// read as that. Blanks around it do not count, but for a password, and lines end alike
// whatever program has written them. What can be read may still be against the Rules.
func (u *User) Take(field Field, text string) *Fault {
	if field == Password {
		return u.takePassword(text)
	}
	if text = strings.TrimSpace(text); strings.Contains(text, "\r") { // the replacer copies in any case
		text = lineEnds.Replace(text)
	}
	switch field {
	case Nick:
		u.Nick = text
	case Email:
		u.Email = text
	case FirstName:
		u.FirstName = text
	case LastName:
		u.LastName = text
	case Age:
		return u.takeAge(text)
	case City:
		u.City = text
	case Mobile:
		u.Mobile = text
	case Pronoun:
		u.Pronoun = text
	case DECT:
		u.DECT = text
	case TShirtSize:
		u.TShirtSize = sizeNamed(text)
	case PlannedArrival:
		return u.takeDay(text)
	case TimeZone:
		u.TimeZone = text
	case Organization:
		u.Organization = text
	case Web:
		u.Web = text
	case Roles:
		return u.takeRoles(text)
	}
	return nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// has tells whether a field of a user is filled in.
func (u User) has(field Field) bool {
	switch field {
	case Nick:
		return u.Nick != ""
	case Email:
		return u.Email != ""
	case Password:
		return u.Password != "" || u.PasswordHash != ""
	case FirstName:
		return u.FirstName != ""
	case LastName:
		return u.LastName != ""
	case Age:
		return u.Age != nil
	case City:
		return u.City != ""
	case Mobile:
		return u.Mobile != ""
	case Pronoun:
		return u.Pronoun != ""
	case DECT:
		return u.DECT != ""
	case TShirtSize:
		return u.TShirtSize != ""
	case PlannedArrival:
		return !u.PlannedArrival.IsZero()
	case TimeZone:
		return u.TimeZone != ""
	case Organization:
		return u.Organization != ""
	case Web:
		return u.Web != ""
	case Roles:
		return true // everybody is an organizer
	}
	return false
}
