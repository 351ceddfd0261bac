package openevent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// cutAll returns the records of a list with their places, what is wrong with
// the file, and how it ended.
func cutAll(r io.Reader, limits Limits) (records []string, places []place, wrong []string, err error) {
	s := newSplitter(r, false, "name", limits)
	for {
		record, at, err := s.next()
		var broken *jsonError
		switch {
		case errors.As(err, &broken):
			wrong = append(wrong, fmt.Sprint(broken, " in ", broken.line))
		case err != nil:
			return records, places, wrong, err
		default:
			records, places = append(records, string(record)), append(places, at)
		}
	}
}

func TestSplitterCutsWhereverItsReaderStops(t *testing.T) {
	t.Parallel()
	const list = "\ufeff [ {\"a\\\\\":\"}\\\"]\\\\\"} ,\n\n[1,[2]],\"x,]\" , -1.5e3,null\n,{}\t]\r\n"
	want := []string{`{"a\\":"}\"]\\"}`, `[1,[2]]`, `"x,]"`, `-1.5e3`, `null`, `{}`}
	at := []place{{1, 4}, {3, 1}, {3, 9}, {3, 17}, {3, 24}, {4, 2}}
	for name, r := range map[string]io.Reader{
		"at once":       strings.NewReader(list),
		"byte by byte":  iotest.OneByteReader(strings.NewReader(list)),
		"half by half":  iotest.HalfReader(strings.NewReader(list)),
		"data with EOF": iotest.DataErrReader(strings.NewReader(list)),
	} {
		records, places, wrong, err := cutAll(r, Limits{}.withDefaults())
		require.ErrorIs(t, err, io.EOF, name)
		require.Empty(t, wrong, name)
		require.Equal(t, want, records, name)
		require.Equal(t, at, places, name)
	}
}

func TestSplitterHandsOnTheErrorsOfItsReader(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	r := io.MultiReader(strings.NewReader(`[{"a":1},{"b":`), iotest.ErrReader(away))
	records, _, _, err := cutAll(r, Limits{}.withDefaults())
	require.ErrorIs(t, err, away)
	require.Equal(t, []string{`{"a":1}`}, records)
}

func TestSplitterHandsOnTheErrorsThatItMeetsBehindDamage(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	for _, content := range []string{`[{"a":1} x `, `[{"a" 1,"b":{"name":`, `x`, ``, `[{"name":"a"},{"name":"b"`} {
		_, _, _, err := cutAll(io.MultiReader(strings.NewReader(content), iotest.ErrReader(away)), Limits{}.withDefaults())
		require.ErrorIs(t, err, away, content)
	}
}

func TestSplitterKeepsNoMoreThanARecord(t *testing.T) {
	t.Parallel()
	record := `{"a":"` + strings.Repeat("x", 1000) + `"},`
	s := newSplitter(strings.NewReader("["+strings.Repeat(record, 10_000)+"1]"), false, "name", Limits{}.withDefaults())
	for {
		_, _, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.LessOrEqual(t, cap(s.buf), minBuffer)
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{`[]`, `[{"a":"b\\\""},2 , [3]]`, "[\n{},\n{}", `[{]`, `{}`, "[\"\\u0000\xff\"]", `[1,,2]`, `[[[[[]]]]] x`,
		`[{"name":"a},` + "\n" + `{"name":"b","x":[{"name":"c"},{}]},{"name":"d"}}`, "\xff\xfe[\x00]\x00", "\x00[\x001\x00,\x00]", `{"name":1},{}]`} {
		f.Add([]byte(seed))
	}
	limits := Limits{Record: 1 << 12, Depth: 8}.withDefaults()
	f.Fuzz(func(t *testing.T, b []byte) {
		records, places, wrong, err := cutAll(strings.NewReader(string(b)), limits)
		slow, slowPlaces, slowWrong, slowErr := cutAll(iotest.OneByteReader(strings.NewReader(string(b))), limits)
		require.Equal(t, slow, records)
		require.Equal(t, slowPlaces, places)
		require.Equal(t, slowWrong, wrong)
		require.Equal(t, slowErr, err)
		// What is a list for everybody else is one for us.
		var want []json.RawMessage
		if json.Unmarshal(b, &want) != nil || want == nil || len(wrong) > 0 {
			return
		}
		require.Len(t, records, len(want))
		for i := range want {
			require.Equal(t, string(want[i]), records[i])
		}
	})
}

// What hostile files make the reader look at again, and hold, is bounded.
func TestHostileFilesCostOnlySoMuch(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	limits := Limits{Record: 1 << 20}.withDefaults()
	for name, content := range map[string]string{
		"braces":            "[" + fill("{"),
		"brackets":          "[" + fill("["),
		"closing ones":      "[" + fill("}"),
		"objects not ended": "[" + fill(`{"name":"a",`),
		"objects inside":    "[" + fill(`{"name":`),
		"texts not ended":   "[" + fill(`{"name":"a`),
		"lists not ended":   "[" + fill(`{"name":"a","b":[`),
		"long texts":        "[" + fill(`{"name":"`+strings.Repeat("x", 1<<19)),
		"quotes":            "[" + fill(`"`),
		"backslashes":       `["` + fill(`\`),
		"escaped quotes":    `["` + fill(`\"`),
		"blanks":            "[{}" + fill(" "),
		"blanks after text": `["a"` + fill(" "),
		"colons":            "[" + fill(`:{"name":1`),
		"parts":             `[{"name":"a"},{"a":[{"name":[1,` + fill(`{"name":"a"},`),
		"a huge text":       `[{"name":"` + fill("x"),
		"UTF-16":            "\xff\xfe[\x00" + fill("{\x00"),
	} {
		for _, first := range []string{"", "\n{\"name\":\"a\"},\n"} {
			s := newSplitter(strings.NewReader(content[:1]+first+content[1:]), false, "name", limits)
			calls := 0
			for ; ; calls++ {
				_, _, err := s.next()
				if errors.Is(err, io.EOF) {
					break
				}
				require.LessOrEqual(t, cap(s.buf), 5*limits.Record, name)
			}
			require.LessOrEqual(t, s.found, maxFound+1, name)
			require.LessOrEqual(t, s.work, maxWork+3*limits.Record, name)
			require.LessOrEqual(t, calls, size, name)
		}
	}
}
