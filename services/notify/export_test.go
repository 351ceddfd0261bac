package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

func TestOwnerOfAnExportIsLedToItsPage(t *testing.T) {
	t.Parallel()
	world := stagetest.NewWorld(t, tables()...)
	all := stages(&service.Resources{Config: service.Config{PublicURL: "https://usher.example/", MailFrom: "usher@usher.example"}})
	ending := all[slices.IndexFunc(all, func(s stage.Stage) bool { return s.Kind == contracts.EventExport })]
	env := stagetest.NewEnvelope(ending.Kind)
	exported := &contracts.Exported{Size: 4711, SHA256: strings.Repeat("ab", 32), ExpiresAt: time.Date(2031, 5, 9, 9, 0, 0, 0, time.UTC)}
	counts := map[contracts.EntityType]int{contracts.Sessions: 48}
	data, err := contracts.Encode(env, &contracts.EventExported{Completed: contracts.Completed{Counts: counts, Carried: contracts.Carried{
		FileName: "lantern-days-1a2b3c4d.zip",
		Event:    &contracts.EventFacts{ID: "24", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "Europe/Lisbon"},
		Export:   &contracts.Export{Of: "01c29f11-5d3a-7b08-8a55-91c07be3d240", Dialect: "a"},
		Exported: exported,
	}}})
	require.NoError(t, err)
	msg := message.NewMessage("of the query stage", data)
	msg.SetContext(t.Context())
	require.NoError(t, stage.NewRunner(ending, world.Resources).Handle(msg))

	_, payload, ok := world.Outcome(t.Context(), t, ending, env.Import, 1)
	require.True(t, ok)
	page := "https://usher.example/imports/" + env.Import
	require.Equal(t, &contracts.Result{
		ID: "24", Identifier: "1a2b3c4d", EventName: "Lantern Days", URL: page,
		DownloadURL: "https://usher.example/v1/exports/" + env.Import, Exported: exported, Counts: counts,
	}, payload.(*contracts.ImportFinished).Result)

	var told struct{ Title, Message, URL, Subject, Text string }
	require.NoError(t, world.DB.NewRaw(`SELECT n.title, n.message, n.url, m.subject, m.text
		FROM notify.notifications n JOIN notify.mails m USING (import_id, attempt) WHERE import_id = ?`, env.Import).Scan(t.Context(), &told))
	require.Equal(t, "Event Lantern Days has been exported", told.Title)
	require.Equal(t, told.Title, told.Subject)
	require.Equal(t, "The event Lantern Days has been exported. Its archive can be downloaded until 9 May 2031, 09:00 UTC.", told.Message)
	require.Equal(t, page, told.URL)
	require.Contains(t, told.Text, "Its archive, 5 kB, can be downloaded until 9 May 2031, 09:00 UTC")
	require.Contains(t, told.Text, page)
}
