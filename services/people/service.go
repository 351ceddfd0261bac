// Package people is the stage that makes sponsors and speakers of an archive and
// accounts of a list of users, and keeps the accounts. The all-in-one process and cmd/people run it.
package people

import (
	"embed"
	"net/http"
	"runtime"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/people/internal/accounts"
	"github.com/usher-events/usher/services/people/internal/archive"
	"github.com/usher-events/usher/services/people/internal/list"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the people service.
func Service() service.Service {
	return service.Service{
		Name:       contracts.PeopleService,
		Migrations: migrations,
		UsesBucket: true,
		Stages:     stages,
		Routes:     routes,
		Loops: func(res *service.Resources) []service.Loop {
			return []service.Loop{{Name: "sweep", Run: list.Sweeper{DB: res.DB, Broker: res.Broker, Log: res.Log}.Run}}
		},
	}
}

func routes(res *service.Resources) map[string]http.Handler {
	signer, err := auth.NewSigner(res.Config.Auth)
	if err != nil {
		panic(err) // the same settings have made a verifier already
	}
	inviter, err := auth.NewInviter(res.Config.Auth)
	if err != nil {
		panic(err) // as above
	}
	all := accounts.New(res.DB, signer, inviter, res.Config.UserRules(), res.Config.PublicURL)
	return map[string]http.Handler{
		"POST /v1/auth/session": service.Handler(res.Log, all.SignIn),
		"GET /v1/users":         service.AdminOnly(res.Log, res.Auth, all.List),
		"POST /v1/users":        service.AdminOnly(res.Log, res.Auth, all.Add),
		"GET /v1/users/me":      service.Authenticated(res.Log, res.Auth, all.Me),
		"GET /v1/users/{id}":    service.AdminOnly(res.Log, res.Auth, all.Show),

		"POST /v1/invitations":        service.AdminOnly(res.Log, res.Auth, all.InviteAgain),
		"POST /v1/invitations/accept": service.Handler(res.Log, all.AcceptInvitation),
	}
}

func stages(res *service.Resources) []stage.Stage {
	keys, err := auth.NewRowKeys(res.Config.Auth)
	if err != nil {
		panic(err) // as for the routes
	}
	lists := list.Lists{Rules: res.Config.UserRules(), Hashing: make(list.Hashing, runtime.GOMAXPROCS(0)), Keys: keys}
	return []stage.Stage{archiveStage(), listStage(lists), checkStage(lists)}
}

func archiveStage() stage.Stage {
	return stage.Stage{
		Kind: contracts.EventArchive,
		Name: contracts.People,
		Entities: []stage.Entity{
			stage.Rows(openevent.Sponsors, archive.MapSponsor),
			stage.Rows(openevent.Speakers, archive.MapSpeaker),
		},
	}
}

func listStage(lists list.Lists) stage.Stage {
	return stage.Stage{
		Kind:           contracts.UserList,
		Name:           contracts.People,
		Before:         lists.Before,
		Entities:       []stage.Entity{stage.Written[list.User](contracts.Users, lists.Write)},
		After:          list.PutAway,
		Discard:        list.Discard,
		DiscardEffects: list.DiscardUpload,
	}
}

// checkStage is listStage for a check: it keeps the list, for what is started of it.
func checkStage(lists list.Lists) stage.Stage {
	s := listStage(lists)
	s.Kind, s.After, s.Failed = contracts.ListCheck, nil, list.KeepPreview
	return s
}
