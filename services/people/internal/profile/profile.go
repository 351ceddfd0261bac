// Package profile maps what is known of a user to the columns of people.users. An
// account is made of it in either way, from a list or one by one.
package profile

import (
	"time"

	"github.com/usher-events/usher/pkg/userlist"
)

// Profile is what a row of people.users says of the person. What is empty is
// not known.
type Profile struct {
	Nick           string    `bun:"nick"`
	Email          string    `bun:"email"`
	NickKey        string    `bun:"nick_key"`
	EmailKey       string    `bun:"email_key"`
	FirstName      string    `bun:"first_name,nullzero"`
	LastName       string    `bun:"last_name,nullzero"`
	Age            *int      `bun:"age"`
	City           string    `bun:"city,nullzero"`
	Mobile         string    `bun:"mobile,nullzero"`
	Pronoun        string    `bun:"pronoun,nullzero"`
	DECT           string    `bun:"dect,nullzero"`
	TShirtSize     string    `bun:"tshirt_size,nullzero"`
	PlannedArrival time.Time `bun:"planned_arrival,type:date,nullzero"`
	TimeZone       string    `bun:"time_zone,nullzero"`
	Organization   string    `bun:"organization,nullzero"`
	Web            string    `bun:"web,nullzero"`
	Admin          bool      `bun:"is_admin"`
}

// Of maps a user. The password is not part of it: its hash is the caller's.
func Of(u userlist.User) Profile {
	return Profile{
		Nick:           u.Nick,
		Email:          u.Email,
		NickKey:        userlist.Key(u.Nick),
		EmailKey:       userlist.Key(u.Email),
		FirstName:      u.FirstName,
		LastName:       u.LastName,
		Age:            u.Age,
		City:           u.City,
		Mobile:         u.Mobile,
		Pronoun:        u.Pronoun,
		DECT:           u.DECT,
		TShirtSize:     u.TShirtSize,
		PlannedArrival: u.PlannedArrival,
		TimeZone:       u.TimeZone,
		Organization:   u.Organization,
		Web:            u.Web,
		Admin:          u.Admin,
	}
}
