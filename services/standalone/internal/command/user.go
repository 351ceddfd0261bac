package command

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// User is `usher user`.
type User struct {
	Add UserAdd `cmd:"" help:"Add an account; the password is asked for, or read from the standard input."`
}

// UserAdd is `usher user add`. The password is no argument: those of a process can be
// read by everybody on the machine, and shells keep them.
type UserAdd struct {
	client.Config
	Nick           string `help:"Nick to sign in with." required:"" placeholder:"NICK"`
	Email          string `help:"E-mail address to sign in with; mails about imports go there." required:"" placeholder:"ADDRESS"`
	Admin          bool   `help:"Let the account see and do everything."`
	Generate       bool   `help:"Make up a password and print it, this once."`
	FirstName      string `help:"First name." placeholder:"NAME"`
	LastName       string `help:"Last name." placeholder:"NAME"`
	Age            *int   `help:"Age in years." placeholder:"N"`
	City           string `help:"City that the person lives in." placeholder:"NAME"`
	Mobile         string `help:"Number of the mobile telephone." placeholder:"NUMBER"`
	Pronoun        string `help:"How to speak of the person." placeholder:"WORD"`
	DECT           string `name:"dect" help:"Number of the telephone at the event." placeholder:"NUMBER"`
	TShirtSize     string `name:"tshirt-size" help:"Size of the T-shirt." placeholder:"SIZE"`
	PlannedArrival string `help:"Day of arrival, such as 2031-05-02." placeholder:"DATE"`
	TimeZone       string `help:"Time zone, such as Europe/Berlin." placeholder:"NAME"`
	Organization   string `help:"Organization that the person belongs to." placeholder:"NAME"`
	Web            string `help:"Address of a page on the web." placeholder:"URL"`
}

// Run adds the account and prints what it is.
func (c *UserAdd) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	password := rand.Text() // 128 random bits at least
	if !c.Generate {
		if password, err = t.password(ctx); err != nil {
			return err
		}
	}
	user, err := server.AddUser(ctx, client.NewUser{
		Nick: c.Nick, Email: c.Email, Password: password, FirstName: c.FirstName, LastName: c.LastName, Age: c.Age, City: c.City,
		Mobile: c.Mobile, Pronoun: c.Pronoun, DECT: c.DECT, TShirtSize: c.TShirtSize, PlannedArrival: c.PlannedArrival,
		TimeZone: c.TimeZone, Organization: c.Organization, Web: c.Web, Admin: c.Admin,
	})
	if err != nil {
		return err
	}
	text := fmt.Sprintf("User      %s\nNick      %s\nE-mail    %s\n", client.Line(user.ID), client.Line(user.Nick), client.Line(user.Email))
	if user.Admin {
		text += "Admin     yes\n"
	}
	if c.Generate {
		text += "Password  " + password + "\n"
	}
	_, err = fmt.Fprint(t.Out, text)
	return err
}
