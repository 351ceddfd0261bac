package standalone_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// moments at which the process is killed. Each is a condition on the task; an
// import that is past it before it is seen is killed where it then is.
var moments = map[string]func(contracts.Task) bool{
	"right after the 202":        func(contracts.Task) bool { return true },
	"when the event stage works": func(t contracts.Task) bool { return t.Stage == contracts.Event },
	"while it waits for people":  func(t contracts.Task) bool { return t.WaitingFor == contracts.People },
	"when people are made":       func(t contracts.Task) bool { return t.Progress[contracts.Speakers].Done > 0 },
	"when the schedule begins":   func(t contracts.Task) bool { return t.Stage == contracts.Schedule },
	"in the middle of sessions":  func(t contracts.Task) bool { return t.Progress[contracts.Sessions].Done > 0 },
	"when media begins":          func(t contracts.Task) bool { return t.Stage == contracts.Media },
	"in the middle of media":     func(t contracts.Task) bool { return t.Progress[contracts.MediaFiles].Done > 0 },
	"while it waits for notify":  func(t contracts.Task) bool { return t.WaitingFor == contracts.Notify },
	"just after the end":         func(t contracts.Task) bool { return t.State.Final() },
}

func TestKillingTheProcessInTheMiddleLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	archive := made(t, 1500, 300, 3)
	killAtEveryMoment(t, archive, expected(t, archive))
}

// killAtEveryMoment imports an archive once for each moment, each time in a
// folder of its own, kills the process at that moment and starts it again.
func killAtEveryMoment(t *testing.T, archive []byte, want inventory) {
	t.Helper()
	for name, reached := range moments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := dataFolder(t)
			smtp := newCatcher(t)
			settings := "USHER_SMTP_URL=smtp://" + smtp.address
			p := upAlone(t, folder, settings)
			olga := as(t, p, folder, "olga@organizers.example", false)
			id := olga.upload(t, archive)
			task := olga.task(t, id)
			for !reached(task) && !task.State.Final() {
				task = olga.task(t, id)
			}
			p.kill(t)
			t.Logf("killed at: %s %s", task.State, task.Message)

			p = upAlone(t, folder, settings)
			olga = as(t, p, folder, "olga@organizers.example", false)
			result := olga.succeeded(t, id)
			require.Equal(t, want, olga.inventory(t, result.ID))
			require.Len(t, olga.all(t, "/v1/events"), 1)
			require.Equal(t, 1, olga.total(t, "/v1/notifications"))
			as(t, p, folder, "ada@admins.example", true).awaitMailSent(t)
			require.Equal(t, []string{fmt.Sprintf("<import.%s.1@localhost>", id)}, smtp.distinctIDs(t))
			require.NotContains(t, p.log.String(), "panic")
		})
	}
}
