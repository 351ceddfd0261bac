package notify

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

func TestOwnerIsToldByANotificationAndAMail(t *testing.T) {
	t.Parallel()
	world := stagetest.NewWorld(t, tables()...)
	config := auth.Config{Secret: "a secret for tests that is long enough", Issuer: "usher", Audience: "usher"}
	verifier, err := auth.NewVerifier(config)
	require.NoError(t, err)
	signer, err := auth.NewSigner(config)
	require.NoError(t, err)
	res := &service.Resources{
		DB: world.DB, Broker: world.Broker, Auth: verifier, Log: world.Log,
		Config: service.Config{Auth: config, PublicURL: "https://usher.example", MailFrom: "Usher <mail@usher.example>"},
	}
	ending := stages(res)[0]
	env := stagetest.NewEnvelope(ending.Kind)
	data, err := contracts.Encode(env, contracts.CompletionOf(contracts.Media, contracts.Completed{Carried: contracts.Carried{
		Blob:          "archives/1",
		EarlierImport: "01c29f11-5d3a-7b08-8a55-91c07be3d240",
		Event:         &contracts.EventFacts{ID: "24", Identifier: "1a2b3c4d", Name: "Lantern <Days>", Timezone: "Europe/Lisbon"},
	}}))
	require.NoError(t, err)
	msg := message.NewMessage("of the media stage", data)
	msg.SetContext(t.Context())
	require.NoError(t, stage.NewRunner(ending, world.Resources).Handle(msg))

	names := world.Broker.Names()
	stored, err := world.Broker.Last(t.Context(), names.ImportsStream(), names.Control(env.Kind, env.Import))
	require.NoError(t, err)
	contracttest.Message(t, stored.Data)
	_, payload, err := contracts.Decode(stored.Data)
	require.NoError(t, err)
	require.Equal(t, "https://usher.example/e/1a2b3c4d", payload.(*contracts.ImportFinished).Result.URL)
	require.Equal(t, "01c29f11-5d3a-7b08-8a55-91c07be3d240", payload.(*contracts.ImportFinished).Result.EarlierImport)

	mux, err := service.NewMux(res, func(*http.Request) error { return nil }, Service())
	require.NoError(t, err)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	list := func(path string, who auth.Identity) []map[string]any {
		token, err := signer.Issue(who, time.Hour)
		require.NoError(t, err)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+path, nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := contracttest.Client(t, web.Client()).Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)
		var answer struct{ Data []map[string]any }
		require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
		return answer.Data
	}
	told := list("/v1/notifications", auth.Identity{Subject: env.Owner.Subject})
	require.Len(t, told, 1)
	require.Equal(t, "https://usher.example/e/1a2b3c4d", told[0]["url"])
	require.Empty(t, list("/v1/notifications", auth.Identity{Subject: "paul"}))

	mails := list("/v1/mails", auth.Identity{Subject: "ada", Admin: true})
	require.Len(t, mails, 1)
	require.Equal(t, "import."+env.Import+".1@usher.example", mails[0]["message_id"])
	require.Equal(t, "Event Lantern <Days> has been imported", mails[0]["subject"])
	require.Contains(t, mails[0]["text"], "Lantern <Days>")
	require.Contains(t, mails[0]["html"], "Lantern &lt;Days&gt;")
	require.Equal(t, "kept", mails[0]["state"])
}
