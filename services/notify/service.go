// Package notify is the stage that ends an import, whether it succeeded or
// failed: it writes the notification and the mail that tell its owner, and
// announces the end. A loop beside it delivers the mails. The all-in-one
// process and cmd/notify run it.
package notify

import (
	"embed"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/notify/internal/ending"
	"github.com/usher-events/usher/services/notify/internal/inbox"
	"github.com/usher-events/usher/services/notify/internal/invitation"
	"github.com/usher-events/usher/services/notify/internal/mail"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the notify service.
func Service() service.Service {
	deliveries := mail.NewDeliveries()
	return service.Service{
		Name:       contracts.NotifyService,
		Migrations: migrations,
		Stages:     stages,
		Routes:     routes,
		Loops:      func(res *service.Resources) []service.Loop { return loops(res, deliveries) },
		Metrics: func(res *service.Resources) []prometheus.Collector {
			return []prometheus.Collector{deliveries, mail.Outbox{DB: res.DB}}
		},
	}
}

// stages has the last stage of every pipeline.
func stages(res *service.Resources) []stage.Stage {
	finish := ending.Finish(ending.Config{
		URLOf:       res.Config.URLOf,
		ImportURL:   res.Config.ImportURL,
		DownloadURL: res.Config.DownloadURL,
		MailFrom:    res.Config.MailFrom,
		SendMail:    res.Config.SMTPURL != "",

		Invitations: invitations(res.Config),
	})
	var all []stage.Stage
	for _, p := range contracts.Pipelines() {
		all = append(all, stage.Stage{
			Kind: p.Kind, Name: contracts.Notify, Finish: finish, After: ending.Release, Discard: ending.Discard,
		})
	}
	return all
}

func routes(res *service.Resources) map[string]http.Handler {
	box := inbox.Inbox{DB: res.DB, Letters: letters(res.Config)}
	return map[string]http.Handler{
		"GET /v1/notifications":       service.Authenticated(res.Log, res.Auth, box.Notifications),
		"POST /v1/notifications/read": service.Authenticated(res.Log, res.Auth, box.Read),
		"GET /v1/mails":               service.AdminOnly(res.Log, res.Auth, box.Mails),
	}
}

func loops(res *service.Resources, deliveries *mail.Deliveries) []service.Loop {
	again := invitation.Again{DB: res.DB, Config: invitations(res.Config), Log: res.Log}
	all := []service.Loop{{Name: "invitations", Run: again.Run}}
	if res.Config.SMTPURL == "" {
		return all
	}
	sender := mail.Sender{
		DB: res.DB, URL: res.Config.SMTPURL, From: res.Config.MailFrom, Log: res.Log, Write: letters(res.Config).Fill,
		Deliveries: deliveries,
	}
	if res.Config.Tracing.On() { // it costs a look at the import's outcome for each mail
		sender.Tracer = &mail.Tracer{Tracer: res.Tracer(), DB: res.DB}
	}
	return append(all, service.Loop{Name: "mail sender", Run: sender.Run})
}

func invitations(cfg service.Config) invitation.Config {
	return invitation.Config{PublicURL: cfg.PublicURL, Domain: mail.Domain(cfg.MailFrom), SendMail: cfg.SMTPURL != ""}
}

func letters(cfg service.Config) invitation.Letters {
	inviter, err := auth.NewInviter(cfg.Auth)
	if err != nil {
		panic(err) // the same settings have made a verifier already
	}
	return invitation.Letters{Inviter: inviter, Site: cfg.PublicURL, URLOf: cfg.InvitationURL}
}
