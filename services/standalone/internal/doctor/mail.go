package doctor

import (
	"context"

	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/notify"
)

const mendMail = "see to the mail server, or correct USHER_SMTP_URL"

// greetMailServer connects, encrypts and signs in as a delivery does, and sends nothing.
func greetMailServer(ctx context.Context, cfg service.Config) []Finding {
	const check = "mail server"
	if cfg.SMTPURL == "" {
		return []Finding{green(check, "there is none: mails are kept, and shown to administrators")}
	}
	if err := notify.Greet(ctx, cfg); err != nil {
		return []Finding{red(check, mendMail, "%s", err)}
	}
	return []Finding{green(check, "it lets us in")}
}
