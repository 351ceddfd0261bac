package openevent_test

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// only gives one record.
func only[T any](r openevent.Record[T]) iter.Seq2[openevent.Record[T], error] {
	return func(yield func(openevent.Record[T], error) bool) { yield(r, nil) }
}

func TestWriterSaysWhatNoReaderTakesAndLeavesBlanksAwayBefore(t *testing.T) {
	t.Parallel()
	nested := json.RawMessage(strings.Repeat("[", 50) + strings.TrimSuffix(strings.Repeat("1,", 90_000), ",") + strings.Repeat("]", 50))
	track := func(value openevent.Track, extra json.RawMessage) openevent.Record[openevent.Track] {
		value.Name, value.Color = "Boats", "red"
		return openevent.Record[openevent.Track]{ID: "7", Value: value, Extra: map[string]json.RawMessage{"deep": extra}}
	}
	for name, c := range map[string]struct {
		record openevent.Record[openevent.Track]
		told   int
	}{
		"what blanks make too large": {track(openevent.Track{}, nested), 0},
		"a text":                     {track(openevent.Track{Location: strings.Repeat("x", 17<<20)}, json.RawMessage("1")), 1},
		"many values":                {track(openevent.Track{}, json.RawMessage("["+strings.TrimSuffix(strings.Repeat("1,", 100_001), ",")+"]")), 1},
	} {
		var told []contracts.Issue
		var b bytes.Buffer
		w := openevent.NewWriter(&b, openevent.DialectA)
		w.TooLarge = func(i contracts.Issue) { told = append(told, i) }
		require.NoError(t, openevent.WriteRecords(w, openevent.Tracks, only(c.record)), name)
		require.NoError(t, w.Close())
		require.Len(t, told, c.told, name)
		archive, err := openevent.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), openevent.Limits{})
		require.NoError(t, err)
		records, issues := readAll(t, archive, openevent.Tracks)
		require.Len(t, records, 1-c.told, "%s: %v", name, issues)
	}
}
