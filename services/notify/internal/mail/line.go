package mail

import (
	"context"
	"errors"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// mailsPerConnection is after how many mails a connection is given up, before the server
// does so: some take no more.
const mailsPerConnection = 20

// line is a connection to the server that is kept from one mail to the next: dialling,
// encryption and signing in take longer than a mail. It is for one mail at a time.
type line struct {
	server     *server
	connection *smtp.Client
	carried    int
}

// send delivers a mail; nil means that the server has taken it. Ending ctx ends
// connecting, but not a dialogue that has begun: breaking that off would leave
// open whether the mail was taken.
func (l *line) send(ctx context.Context, row Row) *failure {
	s := l.server
	msg, err := s.message(row)
	if err != nil {
		return &failure{verdict: refused, text: "the address of the recipient, or of the sender, is none"}
	}
	kept := l.connection != nil
	if err := l.open(ctx); err != nil {
		return &failure{verdict: outage, text: s.scrub.clean(err, row)}
	}
	err = s.client.SendWithSMTPClient(l.connection, msg)
	if kept && notBegun(err) {
		// The server has hung up since the last mail and knows nothing of this one.
		l.hangUp()
		if err := l.open(ctx); err != nil {
			return &failure{verdict: outage, text: s.scrub.clean(err, row)}
		}
		err = s.client.SendWithSMTPClient(l.connection, msg)
	}
	if l.carried++; err != nil || l.carried >= mailsPerConnection {
		l.hangUp()
	}
	if err == nil || msg.IsDelivered() {
		return nil
	}
	return &failure{verdict: verdictOf(err), text: s.scrub.clean(err, row)}
}

// notBegun says that the server has not heard of a mail: its connection was looked at
// first, and was broken.
func notBegun(err error) bool {
	failed, ok := errors.AsType[*gomail.SendError](err)
	return ok && failed.Reason == gomail.ErrConnCheck
}

// open sees to a connection.
func (l *line) open(ctx context.Context) error {
	if l.connection != nil {
		return nil
	}
	connection, err := l.server.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	l.connection, l.carried = connection, 0
	return nil
}

// hangUp ends the connection, if there is one.
func (l *line) hangUp() {
	if l.connection != nil {
		if l.server.client.CloseWithSMTPClient(l.connection) != nil { // a good-bye that fails undoes nothing
			_ = l.connection.Close()
		}
		l.connection = nil
	}
}
