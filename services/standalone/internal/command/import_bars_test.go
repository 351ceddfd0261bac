package command

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestImportWatchedOnATerminalEndsWithABarPerEntityType(t *testing.T) {
	t.Parallel()
	u := newUsher(t, run()...)
	u.issues = twoIssues
	terminal := newRecorder(true)

	require.NoError(t, u.importer(t, true).Run(t.Context(), &terminal.Terminal))

	// The buffer holds every frame; the last is what stays on the screen.
	full := strings.Repeat("█", barColumn)
	frames, rest, found := strings.Cut(terminal.out.String(), "SUCCESS after 12.3s: Spring Fair (id 24)\n")
	require.True(t, found)
	require.True(t, strings.HasSuffix(frames, "\n"+
		"events           "+full+"                   1/1 100 %\n"+
		"speakers         "+full+"                 20/20 100 %\n"+
		"sessions         "+full+"                 79/79 100 %\n"), frames)
	require.Contains(t, frames, "upload           "+full+"             20 B/20 B 100 %\n")
	require.NotContains(t, frames, "sponsors", "there are none")
	require.True(t, strings.HasSuffix(u.told(rest), "\nURL/v1/events/a1b2c3d4\n"))
	for line := range strings.Lines(frames) {
		if strings.ContainsAny(line, "█░") {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
		}
	}
}

func TestBarsStandWhereTheImportFailed(t *testing.T) {
	t.Parallel()
	end := failure()
	end.Progress = progressOf{contracts.Speakers: {Done: 5, Total: 20}}
	u := newUsher(t, end)
	terminal := newRecorder(true)

	require.Error(t, u.importer(t, true).Run(t.Context(), &terminal.Terminal))

	require.Contains(t, terminal.out.String(), "speakers         "+strings.Repeat("█", 8)+strings.Repeat("░", 24)+
		"                  5/20  25 %\nFAILURE after 2s in stage event\n")
}

func TestABarGoesBackWhenAStageBeginsAgain(t *testing.T) {
	t.Parallel()
	terminal := newRecorder(true)
	b := newBars(&terminal.Terminal)
	for _, done := range []int{20, 3} {
		b.Changed(clientTask(state(contracts.Started, contracts.People, "", progressOf{contracts.Speakers: {Done: done, Total: 20}})))
	}
	require.NoError(t, b.Close())
	require.True(t, strings.HasSuffix(terminal.out.String(), " 3/20  15 %\n"), terminal.out.String())
}
