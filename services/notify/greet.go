package notify

import (
	"context"

	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/notify/internal/mail"
)

// Greet connects to the mail server of the settings as a delivery does, and sends
// nothing. It is for who looks whether mails could go out. The error has no
// credentials in it.
func Greet(ctx context.Context, cfg service.Config) error {
	return mail.Greet(ctx, cfg.SMTPURL, cfg.MailFrom)
}
