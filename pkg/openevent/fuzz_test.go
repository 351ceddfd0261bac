package openevent_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// FuzzRecords reads any bytes as a list of sessions. What encoding/json takes
// for a list of objects is never broken for us, and the other way round.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("[" + sessionJSON(1) + "]"))
	f.Add([]byte(`[{"id":"1","id":2,"speakers":[{"id":null},3],"title":"\ud800\u0000"},null,3]`))
	f.Add([]byte(`[{"track":{"id":1e400},"start_time":"2031-05-02T017:00:00+08"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := openBytes(stored(t, "sessions", string(b)), openevent.Limits{})
		require.NoError(t, err)
		broken, objects := false, 0
		for r, err := range openevent.Records(a, openevent.Sessions, func(i contracts.Issue) {
			require.NotEmpty(t, i.Message)
			require.Positive(t, i.Line)
			require.Positive(t, i.Column)
			require.LessOrEqual(t, len(i.Value), contracts.MaxIssueValue)
			switch i.Code {
			case openevent.CodeJSONSyntax, openevent.CodeJSONRoot, openevent.CodeJSONTooDeep, openevent.CodeRecordTooLarge:
				broken = true
			}
		}) {
			require.NoError(t, err)
			require.NotContains(t, r.Value.Title, "\x00")
			objects++
		}
		b = bytes.TrimPrefix(b, []byte("\ufeff"))
		var list []json.RawMessage
		valid := json.Unmarshal(b, &list) == nil && list != nil
		if !valid {
			require.True(t, broken)
			return
		}
		if broken {
			return // too deep, or too large
		}
		want := 0
		for _, v := range list {
			if v[0] == '{' {
				want++
			}
		}
		require.Equal(t, want, objects)
	})
}
