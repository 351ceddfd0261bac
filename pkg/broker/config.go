package broker

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/usher-events/usher/contracts"
)

// Config is what an operator sets about the broker.
type Config struct {
	// URL of the NATS servers, several separated by commas, such as
	// "nats://nats-0.example:4222". Empty only where an option of Connect says
	// how to reach an embedded server.
	URL string `env:"USHER_NATS_URL"`
	// Creds is the path of a credentials file; empty is none.
	Creds string `env:"USHER_NATS_CREDS"`
	// CA is the path of a PEM file with the authorities that the servers'
	// certificates are checked against; empty means those of the system.
	CA string `env:"USHER_NATS_CA"`
	// Replicas is how many servers keep each stream: 1 or 3.
	Replicas int `env:"USHER_NATS_REPLICAS" envDefault:"1"`
	// Prefix sets several installations on one cluster apart; empty is none.
	Prefix string `env:"USHER_PREFIX"`
}

// Validate names everything that is wrong at once. It never repeats what the
// URL says: a mistyped one shows the password in places nobody expects.
func (c Config) Validate() error {
	var errs []error
	for i, s := range c.servers() {
		if _, err := parseServer(s); err != nil {
			errs = append(errs, fmt.Errorf("USHER_NATS_URL: server %d is no URL such as nats://host:4222", i+1))
		}
	}
	if c.Replicas != 1 && c.Replicas != 3 {
		errs = append(errs, fmt.Errorf("USHER_NATS_REPLICAS is %d, must be 1 or 3", c.Replicas))
	}
	if _, err := contracts.ParseNames(c.Prefix); err != nil {
		errs = append(errs, fmt.Errorf("USHER_PREFIX: %w", err))
	}
	return errors.Join(errs...)
}

// InboxOf has answers come to the inbox of an account, which is the only one that
// the account may listen to where it has no more rights than it needs.
func (c Config) InboxOf(account string) nats.Option {
	return nats.CustomInboxPrefix(contracts.Names{Prefix: c.Prefix}.Inbox(account))
}

func (c Config) servers() []string {
	var all []string
	for s := range strings.SplitSeq(c.URL, ",") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// parseServer reads one server the way nats.go does: the scheme may be missing.
func parseServer(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "nats://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Hostname() == "" {
		return nil, errors.New("no host")
	}
	return u, nil
}

// redacted gives the servers without user, password or token, for logs and errors.
func (c Config) redacted() string {
	var shown []string
	for _, s := range c.servers() {
		if u, err := parseServer(s); err == nil {
			shown = append(shown, u.Scheme+"://"+u.Host)
		}
	}
	if len(shown) == 0 {
		return "the embedded server"
	}
	return strings.Join(shown, ", ")
}

// scrub returns err, or an error of the same text without them where the text
// contains credentials of the URL.
func (c Config) scrub(err error) error {
	text := err.Error()
	for _, s := range c.servers() {
		u, parseErr := parseServer(s)
		if parseErr != nil || u.User == nil {
			continue
		}
		secret := u.User.Username() // alone it is a token; beside a password it is a name
		if p, ok := u.User.Password(); ok {
			secret = p
		}
		secrets := []string{u.User.String(), secret}
		for _, secret := range secrets {
			if secret != "" {
				text = strings.ReplaceAll(text, secret, "xxxxx")
			}
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}
