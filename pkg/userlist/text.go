package userlist

import (
	"strconv"
	"time"
)

// Text is what a user has for a field, as a list has it: empty where nothing is known.
// A password is not told.
func (u User) Text(field Field) string {
	switch field {
	case Nick:
		return u.Nick
	case Email:
		return u.Email
	case FirstName:
		return u.FirstName
	case LastName:
		return u.LastName
	case Age:
		if u.Age != nil {
			return strconv.Itoa(*u.Age)
		}
	case City:
		return u.City
	case Mobile:
		return u.Mobile
	case Pronoun:
		return u.Pronoun
	case DECT:
		return u.DECT
	case TShirtSize:
		return u.TShirtSize
	case PlannedArrival:
		if !u.PlannedArrival.IsZero() {
			return u.PlannedArrival.Format(time.DateOnly)
		}
	case TimeZone:
		return u.TimeZone
	case Organization:
		return u.Organization
	case Web:
		return u.Web
	case Roles:
		if u.Admin {
			return "admin"
		}
	case Password:
	}
	return ""
}
