package mail

import (
	"errors"
	"net/mail"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// phaseTimeout bounds each phase of a delivery: finding out that a connection that was
// kept has broken; connecting; the greeting; hello, encryption and signing in; the mail
// itself. There are phases of them.
const (
	phaseTimeout = 30 * time.Second
	phases       = 5
)

// server is a mail server. It is safe for concurrent use.
type server struct {
	client *gomail.Client
	from   string
	scrub  scrubber
}

// newServer reads the URL of a mail server. Errors never repeat it, it holds
// the password.
func newServer(rawURL, from string) (*server, error) {
	u, err := url.Parse(rawURL)
	if err == nil && u.User != nil {
		if password, _ := u.User.Password(); !utf8.ValidString(u.User.Username() + password) {
			return nil, errors.New("USHER_SMTP_URL: user and password must be UTF-8")
		}
	}
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("USHER_SMTP_URL must be a URL such as smtp://user:password@mail.example:587")
	}
	if _, err := mail.ParseAddress(from); err != nil {
		return nil, errors.New("USHER_MAIL_FROM is no address")
	}
	options := []gomail.Option{gomail.WithTimeout(phaseTimeout)}
	if u.Scheme == "smtps" {
		options = append(options, gomail.WithSSL())
	} else {
		// A server that offers encryption gets it; a mail catcher has none.
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if text := u.Port(); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil {
			return nil, errors.New("USHER_SMTP_URL: the port is no number")
		}
		options = append(options, gomail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options,
			gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, errors.New("USHER_SMTP_URL names no server that mail can go to")
	}
	return &server{client: client, from: from, scrub: newScrubber(u.User)}, nil
}

// message is the mail as it travels. Its date and its Message-ID are those of
// the row, however often it has to be sent.
func (s *server) message(row Row) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(s.from); err != nil {
		return nil, err
	}
	if err := msg.To(row.Recipient); err != nil {
		return nil, err
	}
	msg.SetMessageIDWithValue(row.MessageID)
	msg.SetDateWithValue(row.CreatedAt)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence notice answers it
	msg.Subject(row.Subject)
	msg.SetBodyString(gomail.TypeTextPlain, row.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, row.HTML)
	return msg, nil
}
