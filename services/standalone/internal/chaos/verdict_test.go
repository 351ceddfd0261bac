package chaos

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// testWorld is a world of its own.
func testWorld(t *testing.T) *world {
	t.Helper()
	folder, err := os.MkdirTemp("", "usher-chaos-test-") //nolint:usetesting // as root the database's user may not enter t.TempDir
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	require.NoError(t, os.Chmod(folder, 0o755))
	w, err := openWorld(t.Context(), testPrograms(t), folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.close()) })
	return w
}

// judged is what is found of everything that was loaded.
func judged(t *testing.T, l *load) []Finding {
	t.Helper()
	v := verdict{w: l.w, shipments: l.soFar(), report: &Report{States: make(map[contracts.State]int), Exports: make(map[string]int)}}
	findings, err := v.judge(t.Context())
	require.NoError(t, err)
	return findings
}

// sorted counts findings by their sort and what they are of.
func sorted(t *testing.T, findings []Finding) map[Sort]map[string]int {
	t.Helper()
	found := make(map[Sort]map[string]int)
	for _, f := range findings {
		t.Log(f)
		if found[f.Sort] == nil {
			found[f.Sort] = make(map[string]int)
		}
		found[f.Sort][f.Of]++
	}
	return found
}

// A verdict that finds nothing is worth what it would have found.
func TestVerdictFindsWhatIsLostDoubledAndOrphaned(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	goods, err := newGoods(rand.New(rand.NewPCG(1, 0)), 1)
	require.NoError(t, err)
	l := &load{w: w}
	small, media := goods.small[0], goods.media[0]
	list, err := goods.list(rand.New(rand.NewPCG(2, 0)), form{format: table.CSV})
	require.NoError(t, err)
	require.NoError(t, l.calm(t.Context(), []*cargo{small, media, goods.broken[0], goods.checks[0], goods.badList}))
	l.upload(t.Context(), &shipment{cargo: list, key: "list"})
	require.NoError(t, w.settle(t.Context(), l.soFar()))
	judge := func() []Finding { return judged(t, l) }
	require.Empty(t, judge())
	require.Len(t, l.soFar(), 8, "both events are exported as well")

	ids := make(map[*cargo]string)
	for _, s := range l.soFar() {
		ids[s.cargo] = s.id
	}
	stranger := uuid.NewString()
	for _, statement := range []string{
		"DELETE FROM schedule.session_speakers WHERE import_id = '" + ids[small] + "' AND position = 0",
		"UPDATE people.speakers SET name = 'Nobody' WHERE import_id = '" + ids[media] + "' AND origin = '1'",
		"UPDATE people.users SET city = 'Rome' WHERE import_id = '" + ids[list] + "' AND origin = '1'",
		"DELETE FROM notify.notifications WHERE import_id = '" + ids[goods.badList] + "'",
		"DELETE FROM query.exports WHERE import_id = '" + ids[small.exports] + "'",
		"INSERT INTO people.sponsors (import_id, attempt, origin, name) VALUES ('" + stranger + "', 1, '1', 'Nobody')",
	} {
		_, err := w.db.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	files, err := w.storedFiles(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(w.blobs(), files[0].Blob), []byte("other bytes"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(w.blobs(), "media", ids[media], "stray"), nil, 0o600))
	exports, err := w.exportRows(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(w.blobs(), exports[ids[media.exports]].Blob), []byte("other bytes"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(w.blobs(), "exports", stranger, "1-try"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(w.blobs(), "exports", stranger, "1-try", "event.zip"), nil, 0o600))
	var names contracts.Names
	again, err := contracts.Encode(contracts.Envelope{
		ID: uuid.NewString(), Import: ids[small], Kind: contracts.EventArchive, Attempt: 1, Source: string(contracts.MediaService),
	}, contracts.CompletionOf(contracts.Media, contracts.Completed{}))
	require.NoError(t, err)
	_, err = w.js.Publish(t.Context(), names.Outcome(contracts.EventArchive, contracts.Media, ids[small], 1, contracts.OutcomeCompleted), again)
	require.NoError(t, err)

	found := sorted(t, judge())
	require.Contains(t, found[Lost], ids[small], "a row is missing")
	require.Equal(t, 2, found[Lost][ids[media]], "a row says something else, and so does a file")
	require.Contains(t, found[Lost], ids[list], "an account says something else")
	require.Contains(t, found[Lost], ids[goods.badList], "nobody was told")
	require.Contains(t, found[Doubled], ids[small], "a stage has two outcomes")
	require.Equal(t, 2, found[Orphaned][stranger], "a row is of no import, and so is an archive")
	require.Contains(t, found[Lost], ids[small.exports], "an archive has no row")
	require.Equal(t, 2, found[Lost][ids[media.exports]], "an archive has other bytes, also for who downloads it")
	require.Contains(t, found[Orphaned], ids[media], "a file is of no row")
	require.NotContains(t, found[Lost], ids[goods.broken[0]])
}

func TestVerdictKnowsWhatACommandHasToComeTo(t *testing.T) {
	t.Parallel()
	var v verdict
	v.courses = make(map[string]*course)
	for _, what := range []string{remove, removeEvent, cancel} {
		for _, state := range []contracts.State{contracts.Discarded, contracts.Canceled, contracts.Success} {
			id := what + " " + string(state)
			v.courses[id] = &course{state: state}
			v.obeyed = append(v.obeyed, obeyed{what: what, id: id})
		}
	}
	v.commands()
	require.Equal(t, map[Sort]map[string]int{Lost: {
		"discard CANCELED": 1, "discard SUCCESS": 1, "delete event SUCCESS": 1, "cancel SUCCESS": 1,
	}}, sorted(t, v.findings))
}
