package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// sendTimeout bounds one delivery: a row is locked for as long.
const sendTimeout = 30 * time.Second

// server is a mail server.
type server struct {
	host    string
	options []gomail.Option
	from    string
}

// newServer reads the URL of a mail server. Errors never repeat it, it holds
// the password.
func newServer(rawURL, from string) (*server, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("USHER_SMTP_URL must be a URL such as smtp://user:password@mail.example:587")
	}
	s := &server{host: u.Hostname(), from: from}
	s.options = append(s.options, gomail.WithTimeout(sendTimeout))
	if u.Scheme == "smtps" {
		s.options = append(s.options, gomail.WithSSL())
	} else {
		// A server that offers encryption gets it; a mail catcher has none.
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if text := u.Port(); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil {
			return nil, errors.New("USHER_SMTP_URL: the port is no number")
		}
		s.options = append(s.options, gomail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options,
			gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return s, nil
}

func (s *server) send(ctx context.Context, row Row) error {
	msg := gomail.NewMsg()
	if err := msg.From(s.from); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := msg.To(row.Recipient); err != nil {
		return &badRecipientError{err}
	}
	msg.SetMessageIDWithValue(row.MessageID)
	msg.SetDateWithValue(row.CreatedAt)
	msg.Subject(row.Subject)
	msg.SetBodyString(gomail.TypeTextPlain, row.Text)
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("mail client: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	return nil
}

// badRecipientError is an address that no server would take.
type badRecipientError struct{ err error }

func (e *badRecipientError) Error() string { return "recipient: " + e.err.Error() }
func (e *badRecipientError) Unwrap() error { return e.err }

// refusedForGood tells whether trying again cannot help: the address is none,
// or the server said no for ever (5xx).
func refusedForGood(err error) bool {
	if _, ok := errors.AsType[*badRecipientError](err); ok {
		return true
	}
	refused, ok := errors.AsType[*gomail.SendError](err)
	return ok && !refused.IsTemp() && refused.ErrorCode() >= 500
}
