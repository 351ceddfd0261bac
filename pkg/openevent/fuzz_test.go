package openevent_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

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
	f.Add([]byte("[\n" + sessionJSON(1) + "\n" + sessionJSON(2) + ",\n" + strings.Replace(sessionJSON(3), `,`, `",`, 1) + ",\n" + sessionJSON(4) + ",]"))
	f.Add([]byte("[{\"title\":\"a\tb\x00\",\"mood\":[1,{\"x\":\"\x01\\\"\",},],},]"))
	f.Add([]byte("\xfe\xff\x00[\x00{\x00}\x00,\x00]"))
	f.Add([]byte(`{"title":"a"},{"title":"b","speakers":[{"title":"c"},{"title":"d"}}},{"title":"e"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := openBytes(stored(t, "sessions", string(b)), openevent.Limits{})
		require.NoError(t, err)
		broken, mended, objects := false, false, 0
		for r, err := range openevent.Records(a, openevent.Sessions, func(i contracts.Issue) {
			require.NotEmpty(t, i.Message)
			require.Positive(t, i.Line)
			require.Positive(t, i.Column)
			require.LessOrEqual(t, len(i.Value), contracts.MaxIssueValue)
			require.True(t, utf8.ValidString(i.Value))
			require.NotContains(t, i.Value, "\x00")
			switch i.Code {
			case openevent.CodeJSONSyntax, openevent.CodeJSONRoot, openevent.CodeJSONTooDeep, openevent.CodeRecordTooLarge:
				broken = true
			case openevent.CodeTrailingComma, openevent.CodeControlCharacter, openevent.CodeEncoding:
				mended = true
			}
		}) {
			require.NoError(t, err)
			require.NotContains(t, r.Value.Title, "\x00")
			for key, value := range r.Extra {
				require.True(t, json.Valid(value), key)
			}
			objects++
		}
		b = bytes.TrimPrefix(b, []byte("\ufeff"))
		var list []json.RawMessage
		valid := json.Unmarshal(b, &list) == nil && list != nil
		if !valid {
			require.True(t, broken || mended)
			return
		}
		require.False(t, mended)
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
