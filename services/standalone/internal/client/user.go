package client

import (
	"context"
	"errors"
)

// NewUser is an account to be made. What is empty is not known.
type NewUser struct {
	Nick           string `json:"nick"`
	Email          string `json:"email"`
	Password       string `json:"password"`
	FirstName      string `json:"first_name,omitempty"`
	LastName       string `json:"last_name,omitempty"`
	Age            *int   `json:"age,omitempty"`
	City           string `json:"city,omitempty"`
	Mobile         string `json:"mobile,omitempty"`
	Pronoun        string `json:"pronoun,omitempty"`
	DECT           string `json:"dect,omitempty"`
	TShirtSize     string `json:"tshirt_size,omitempty"`
	PlannedArrival string `json:"planned_arrival,omitempty"`
	TimeZone       string `json:"time_zone,omitempty"`
	Organization   string `json:"organization,omitempty"`
	Web            string `json:"web,omitempty"`
	Admin          bool   `json:"admin"`
}

// User is an account.
type User struct {
	ID    string `json:"-"`
	Nick  string `json:"nick"`
	Email string `json:"email"`
	Admin bool   `json:"admin"`
}

// AddUser makes an account. The server holds it to its rules; what it refuses names
// all that is wrong.
func (c *Client) AddUser(ctx context.Context, u NewUser) (User, error) {
	var added struct {
		Data struct {
			ID         string `json:"id"`
			Attributes User   `json:"attributes"`
		} `json:"data"`
	}
	if err := c.post(ctx, answerTimeout, &added, u, "v1/users"); err != nil {
		return User{}, err
	}
	if added.Data.ID == "" {
		return User{}, c.notUsher(errors.New("it accepts the account and names none"))
	}
	added.Data.Attributes.ID = added.Data.ID
	return added.Data.Attributes, nil
}
