package service

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"net/url"

	"github.com/caarlos0/env/v11"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/tracing"
	"github.com/usher-events/usher/pkg/userlist"
)

// Config is what an operator sets, for every service alike. A process reads
// what its services use and ignores the rest.
type Config struct {
	Broker  broker.Config
	Auth    auth.Config
	Tracing Tracing

	// DatabaseURL names the PostgreSQL database: postgres://user:password@host/name.
	DatabaseURL string `env:"USHER_DATABASE_URL"`
	// BucketURL names the blob store, as gocloud.dev/blob does: s3://, gs://,
	// azblob://, file:// or mem://.
	BucketURL string `env:"USHER_BUCKET_URL"`
	// Listen is the address that the process serves HTTP on.
	Listen string `env:"USHER_LISTEN" envDefault:":8080"`
	// PublicURL is how people reach Usher, without a slash at the end; links in
	// results and mails begin with it. Empty means that it is reached where it
	// listens, on this machine.
	PublicURL string `env:"USHER_PUBLIC_URL"`
	// CORSOrigins are the origins of web pages, such as "https://app.example",
	// that may use the HTTP interface from a browser, separated by commas; "*"
	// is any. Empty is none but Usher's own.
	CORSOrigins []string `env:"USHER_CORS_ORIGINS"`
	// EventURL is where people look at an event: a URL with {identifier} or {id}
	// in it. Empty is "/e/{identifier}" below PublicURL; see URLOf.
	EventURL string `env:"USHER_EVENT_URL"`
	// Workers is how many imports each stage of a process handles at once.
	Workers int `env:"USHER_WORKERS" envDefault:"4"`
	// MaxTries is after how many tries a stage is given up and the import fails;
	// it can be replayed then. An outage does not count.
	MaxTries int `env:"USHER_MAX_TRIES" envDefault:"8"`
	// MaxUpload is how many bytes an upload may have.
	MaxUpload int64 `env:"USHER_MAX_UPLOAD" envDefault:"1073741824"`
	// PasswordMin is how many characters a password has at least; fewer than
	// userlist.MinPassword cannot be set.
	PasswordMin int `env:"USHER_PASSWORD_MIN" envDefault:"8"`
	// BuildupStart and TeardownEnd are the first and the last day on which somebody
	// can mean to arrive; empty is no bound.
	BuildupStart Day `env:"USHER_BUILDUP_START"`
	TeardownEnd  Day `env:"USHER_TEARDOWN_END"`
	// RequiredUserFields are the fields that no user may leave empty, beside nick and
	// e-mail address.
	RequiredUserFields []userlist.Field `env:"USHER_REQUIRED_USER_FIELDS"`
	// SMTPURL names the mail server: smtp://user:password@host:587 or
	// smtps://…:465. Without it mails are kept and can be read over HTTP.
	SMTPURL string `env:"USHER_SMTP_URL"`
	// MailFrom is the sender of mails.
	MailFrom string `env:"USHER_MAIL_FROM" envDefault:"usher@localhost"`
	// ProfileListen is an address for profiles of the Go runtime, apart from Listen; empty
	// is none.
	ProfileListen string `env:"USHER_PROFILE_LISTEN"`
	// LogFormat is "text" or "json".
	LogFormat string `env:"USHER_LOG_FORMAT" envDefault:"text"`
}

// ConfigFromEnv reads the settings of the process's environment. It is for
// mains; all else gets its Config passed in.
func ConfigFromEnv() (Config, error) {
	var c Config
	if err := env.Parse(&c); err != nil {
		return c, fmt.Errorf("settings: %w", err)
	}
	return c, c.validate()
}

func (c Config) validate() error {
	var errs []error
	if err := c.Broker.Validate(); err != nil {
		errs = append(errs, err)
	}
	if err := c.Tracing.validate(); err != nil {
		errs = append(errs, err)
	}
	if c.Workers < 1 {
		errs = append(errs, fmt.Errorf("USHER_WORKERS is %d, it must be at least 1", c.Workers))
	}
	if c.MaxTries < 1 {
		errs = append(errs, fmt.Errorf("USHER_MAX_TRIES is %d, it must be at least 1", c.MaxTries))
	}
	if c.MaxUpload < 1 {
		errs = append(errs, fmt.Errorf("USHER_MAX_UPLOAD is %d, it must be at least 1", c.MaxUpload))
	}
	errs = append(errs, c.validateUsers())
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "") {
		errs = append(errs, errors.New("USHER_PUBLIC_URL must be a URL such as https://usher.example"))
	}
	if err := validateOrigins(c.CORSOrigins); err != nil {
		errs = append(errs, err)
	}
	if c.EventURL != "" {
		errs = append(errs, checkEventURL(c.EventURL))
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil {
		errs = append(errs, errors.New("USHER_MAIL_FROM must be an address such as usher@usher.example"))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		errs = append(errs, fmt.Errorf("USHER_LOG_FORMAT is %q, it must be text or json", c.LogFormat))
	}
	return errors.Join(errs...)
}

// Logger returns the log of a process, in the format that is set.
func (c Config) Logger(w io.Writer) *slog.Logger {
	if c.LogFormat == "json" {
		return slog.New(tracing.Logged(slog.NewJSONHandler(w, nil)))
	}
	return slog.New(tracing.Logged(slog.NewTextHandler(w, nil)))
}
