package mail

import (
	"context"
	"errors"
)

// Greet connects to a mail server as a delivery does, with its encryption and signing
// in, and hangs up. No mail is sent. The error has no credentials in it.
func Greet(ctx context.Context, rawURL, from string) error {
	s, err := newServer(rawURL, from)
	if err != nil {
		return err
	}
	l := line{server: s}
	if err := l.open(ctx); err != nil {
		return errors.New(s.scrub.clean(err, Row{}))
	}
	l.hangUp()
	return nil
}
