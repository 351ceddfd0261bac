package openevent_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// trackJSON is a track whose inside looks much like a track: each object in it
// has an id and some a name.
func trackJSON(id int) string {
	return fmt.Sprintf(`{"id":%d,"name":"Boats %d","color":"#fff","description":"say \"%d\"; {[",`+
		`"hosts":[{"id":901,"name":"a"},{"id":902,"name":"b"},{"id":903,"name":"c"}],"lead":{"id":904,"name":"d"},"sessions":[{"id":905,"title":"e"},{"id":906,"title":"f"}],"location":null}`, id, id, id)
}

// styles are ways to write a list of records.
var styles = map[string]func(records []string) string{
	"in one line":    func(records []string) string { return "[" + strings.Join(records, ",") + "]" },
	"a line each":    func(records []string) string { return "[\n" + strings.Join(records, ",\n") + "\n]\n" },
	"indented":       func(records []string) string { return "[\n  " + indented(strings.Join(records, ",\n  ")) + "\n]\n" },
	"comma in front": func(records []string) string { return "[ " + strings.Join(records, "\n, ") + "\n]" },
}

// indented breaks records into lines at their commas and braces.
func indented(records string) string {
	return strings.NewReplacer(`{"`, "{\n    \"", `,"`, ",\n    \"", `:[{`, ":[\n      {", `},{`, "},\n      {", `}]`, "}\n    ]").Replace(records)
}

// What is wrong with one record costs that record, and at most a neighbour;
// nothing that stands inside a record is taken for one.
func TestDamageInARecordCostsNoOthers(t *testing.T) {
	t.Parallel()
	const n, rounds = 9, 500
	rnd := rand.New(rand.NewPCG(1, 2))
	lost := map[string]int{}
	for _, style := range slices.Sorted(maps.Keys(styles)) {
		join := styles[style]
		for range rounds {
			k := 1 + rnd.IntN(n-1) // what records look like is learned from the first
			records := make([]string, n)
			for i := range records {
				records[i] = trackJSON(11 * (i + 1)) // one changed digit makes no other of them
			}
			const sign = "\x00\x00"
			records[k] = sign + records[k] + sign
			parts := strings.Split(join(records), sign)
			require.Len(t, parts, 3)
			damaged := damage(rnd, parts[1])
			content := parts[0] + damaged + parts[2]

			found, issues := readAll(t, open(t, item{"tracks", content}), openevent.Tracks)
			seen := map[string]bool{}
			for i, r := range found {
				at := offset(content, r.Line, r.Column)
				if at >= len(parts[0]) && at < len(parts[0])+len(damaged) { // what is left of the damaged one
					require.LessOrEqual(t, at, len(parts[0])+1, "%s: %s", style, damaged)
					continue
				}
				require.False(t, seen[r.ID], content)
				require.Equal(t, "Boats "+r.ID, r.Value.Name)
				seen[r.ID] = true
				require.True(t, i == 0 || r.Index > found[i-1].Index)
			}
			missing := 0
			for i := range n {
				if i != k && !seen[fmt.Sprint(11*(i+1))] {
					missing++
					require.LessOrEqual(t, max(i-k, k-i), 1, "%s: record %d of damaged %d: %s\n%v", style, i, k, content, issues)
				}
			}
			require.LessOrEqual(t, missing, 1, content)
			lost[style] += missing
			if len(found) < n {
				require.NotEmpty(t, issues, content)
			}
		}
	}
	t.Logf("of %d damages cost a neighbour: %v", rounds, lost)
}

// offset returns where a line and column are in a content.
func offset(content string, line, column int) int {
	for range line - 1 {
		column += strings.IndexByte(content, '\n') + 1
		content = content[strings.IndexByte(content, '\n')+1:]
	}
	return column - 1
}

// damage changes one byte of a record or cuts a piece out of it.
func damage(rnd *rand.Rand, record string) string {
	at := rnd.IntN(len(record))
	switch rnd.IntN(4) {
	case 0:
		return record[:at] + record[at+1:]
	case 1:
		return record[:at] + string(`{}[]",:x1\`[rnd.IntN(10)]) + record[at+1:]
	case 2:
		return record[:at] + string(`{}[]",:x1\`[rnd.IntN(10)]) + record[at:]
	default:
		return record[:at] + record[at+rnd.IntN(len(record)-at):]
	}
}

// syntax returns the issues about what is no JSON, as places and messages.
func syntax(issues []contracts.Issue) []string {
	list := []string{}
	for _, i := range issues {
		if i.Code == openevent.CodeJSONSyntax {
			list = append(list, fmt.Sprintf("%d:%d %s", i.Line, i.Column, i.Message))
		}
	}
	return list
}

// ids lists the ids of records.
func ids[T any](records []openevent.Record[T]) []string {
	list := []string{}
	for _, r := range records {
		list = append(list, r.ID)
	}
	return list
}

func TestRecordsBesideBrokenOnesAreRead(t *testing.T) {
	t.Parallel()
	track := func(id int) string { return fmt.Sprintf(`{"id":%d,"name":"Boats","color":"red"}`, id) }
	a, b, c := track(1), track(2), track(3)
	for name, w := range map[string]struct {
		content string
		ids     []string
		issues  []string
	}{
		"commas missing": {
			"[\n" + a + "\n" + b + "\n" + c + "\n]", []string{"1", "2", "3"},
			[]string{"3:1 A comma is missing between two records", "4:1 A comma is missing between two records"},
		},
		"broken inside": {
			"[\n" + a + ",\n{\"id\":2,\n\"name\" \"x\"},\n" + c + "]", []string{"1", "3"},
			[]string{"4:8 '\"' stands where a colon belongs; lines 3 to 4 are left out"},
		},
		"brace missing": {
			"[" + a + ",\n{\"id\":2,\"name\":\"x\",\n" + c + "]", []string{"1", "3"},
			[]string{"3:1 '{' stands where a key in quotes belongs; columns 1 to 19 of line 2 are left out"},
		},
		"quote missing": {
			"[" + a + ",\n{\"id\":2,\"name\":\"x},\n" + c + "]", []string{"1", "3"},
			[]string{"3:3 'i' stands where a comma or a closing brace belongs; columns 1 to 19 of line 2 are left out"},
		},
		"garbage between": {
			"[" + a + ",\n<<<<<<< HEAD\n" + b + ",\n" + c + "]", []string{"1", "2", "3"},
			[]string{"2:1 '<' stands where a value belongs; columns 1 to 12 of line 2 are left out"},
		},
		"garbage before": {
			"tracks = [" + a + "," + b + "]", []string{"1", "2"},
			[]string{"1:1 The file does not begin as JSON; columns 1 to 10 of line 1 are left out"},
		},
		"end missing":       {"[" + a + ",\n" + b, []string{"1", "2"}, []string{"2:38 The file ends inside its list"}},
		"two lists":         {"[" + a + "]\n[" + b + "]", []string{"1", "2"}, []string{"2:1 There is more after the end of the JSON; columns 1 to 1 of line 2 are left out"}},
		"beginning missing": {a + ",\n" + b + "]", []string{"1", "2"}, []string{"1:38 The list has no opening bracket"}},
		"key without an object": {
			"[" + a + ",\n\"id\":2,\"lead\":{\"name\":\"x\"}},\n" + c + "]", []string{"1", "3"},
			[]string{"2:1 A key stands where a record belongs; columns 1 to 28 of line 2 are left out"},
		},
	} {
		archive := open(t, item{"tracks", w.content})
		records, issues := readAll(t, archive, openevent.Tracks)
		require.Equal(t, w.ids, ids(records), name)
		require.Equal(t, w.issues, syntax(issues), name)
		require.Len(t, issues, len(w.issues), name)
		require.Equal(t, contracts.Error, issues[0].Severity)
		require.Equal(t, strings.Split(w.content, "\n")[issues[0].Line-1], issues[0].Value, name)

		archive.Mode = contracts.Lenient
		records, issues = readAll(t, archive, openevent.Tracks)
		require.Equal(t, w.ids, ids(records), name)
		require.Equal(t, w.issues, syntax(issues), name)
		require.Equal(t, contracts.Warning, issues[0].Severity)
	}
}

func TestStrayCommasAndControlCharactersAreReadOver(t *testing.T) {
	t.Parallel()
	a := open(t, item{"tracks", "[\n{\"id\":1,\"name\":\"Boats\tand\nnets\x00\",\"color\":\"red\", \"location\":\"\x01\\n\x02\",},\n{\"id\":2,\"name\":\"Ships\",\"color\":\"red\",\"mood\":[1,{\"a\x07\":\"\xff\\\"\",},],},\n]"})
	records, issues := readAll(t, a, openevent.Tracks)
	require.Equal(t, []string{"1", "2"}, ids(records))
	require.Equal(t, "Boats\tand\nnets", records[0].Value.Name)
	require.Equal(t, "\x01\n\x02", records[0].Value.Location)
	require.JSONEq(t, `[1,{"a\u0007":"�\""}]`, string(records[1].Extra["mood"]))
	found := []string{}
	for _, i := range issues {
		require.Equal(t, contracts.Warning, i.Severity)
		require.NotNil(t, i.RecordIndex)
		found = append(found, fmt.Sprintf("%d %d:%d %s", *i.RecordIndex, i.Line, i.Column, i.Code))
	}
	require.Equal(t, []string{
		"0 2:16 nul_removed",
		"0 2:22 control_character", "0 3:35 control_character", "0 3:40 trailing_comma",
		"1 4:51 control_character", "1 4:59 trailing_comma", "1 4:61 trailing_comma", "1 4:63 trailing_comma",
		"1 4:65 trailing_comma",
	}, found)
}

// Each of many thousand commas would be an issue, at the cost of looking for its line.
func TestOneRecordTellsOnlySoMuch(t *testing.T) {
	t.Parallel()
	a := openWithin(t, openevent.Limits{Ratio: 100_000}, item{"tracks", `[{"id":1,"name":"Boats","color":"red","mood":[` + strings.Repeat("[1,],", 1<<15) + `]}]`})
	records, issues := readAll(t, a, openevent.Tracks)
	require.Len(t, records, 1)
	require.Len(t, issues, 1001)
	require.Contains(t, issues[1000].Message, fmt.Sprint(1<<15+1-1000))
}

func TestUTF16IsRead(t *testing.T) {
	t.Parallel()
	const content = "[{\"id\":1,\"name\":\"Öl 🚢\",\"color\":\"red\"},\n{\"id\":2,\"name\":\"x\"}]"
	encode := func(order binary.AppendByteOrder, text string) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	for _, bom := range []string{"", "\ufeff"} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			records, issues := readAll(t, open(t, item{"tracks", encode(order, bom+content)}), openevent.Tracks)
			require.Equal(t, []string{"1", "2"}, ids(records))
			require.Equal(t, "Öl 🚢", records[0].Value.Name)
			require.Equal(t, []int{2, 1}, []int{records[1].Line, records[1].Column})
			require.Equal(t, []string{openevent.CodeEncoding, openevent.CodeFieldMissing}, codes(issues))
			require.Equal(t, contracts.Info, issues[0].Severity)
			require.Contains(t, issues[0].Message, "UTF-16")
		}
	}
}

func TestTheEventMayBeAListOfOne(t *testing.T) {
	t.Parallel()
	another := strings.Replace(smallEvent, "Harbour", "River", 1)
	for content, want := range map[string][]string{
		"[" + smallEvent + "]":                 {},
		"\n[ " + smallEvent + " ,\n]":          {"warning trailing_comma"},
		"[" + smallEvent + "," + another + "]": {"error several_events"},
		"[" + smallEvent + "":                  {"error json_syntax"},
		"[" + smallEvent + "}":                 {"error json_syntax"},
		"[" + smallEvent + "]]":                {"error json_syntax"},
	} {
		records, issues := readAll(t, open(t, item{"event", content}), openevent.Events)
		require.Len(t, records, 1, content)
		require.Equal(t, "Harbour Days", records[0].Value.Name)
		require.Equal(t, "/0", records[0].Pointer)
		found := []string{}
		for _, i := range issues {
			found = append(found, string(i.Severity)+" "+i.Code)
		}
		require.Equal(t, want, found, content)
	}
	records, issues := readAll(t, open(t, item{"event", "[ ]"}), openevent.Events)
	require.Empty(t, records)
	require.Equal(t, []string{openevent.CodeJSONRoot}, codes(issues))

	a := open(t, item{"event", "[" + smallEvent + "," + another + "]"})
	a.Mode = contracts.Lenient
	records, issues = readAll(t, a, openevent.Events)
	require.Len(t, records, 1)
	require.Equal(t, contracts.Warning, issues[0].Severity)
	a = open(t, item{"event", smallEvent[1:]})
	a.Mode = contracts.Lenient
	_, issues = readAll(t, a, openevent.Events)
	require.Equal(t, contracts.Error, issues[0].Severity, "an event that is broken is an error in every mode")
}

func TestAListMayBeOneObject(t *testing.T) {
	t.Parallel()
	records, issues := readAll(t, open(t, item{"tracks", "\n" + `{"id":1,"name":"Boats","color":"red"}` + "\n"}), openevent.Tracks)
	require.Equal(t, []string{"1"}, ids(records))
	require.Equal(t, []string{openevent.CodeJSONRoot}, codes(issues))
	require.Equal(t, contracts.Warning, issues[0].Severity)
	require.Equal(t, []int{2, 1}, []int{issues[0].Line, issues[0].Column})
	records, issues = readAll(t, open(t, item{"tracks", `{"tracks":[{"id":1,"name":"Boats","color":"red"}]}`}), openevent.Tracks)
	require.Empty(t, records)
	require.Equal(t, []string{openevent.CodeJSONRoot}, codes(issues))
	require.Equal(t, contracts.Error, issues[0].Severity)
}

func TestMistakesOfAFileAreCountedOnlyUpToSomeNumber(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for id := range 3000 {
		fmt.Fprintf(&list, `{"id":%d,"name":"Boats","color":"red"}`+"\n", id)
	}
	a := open(t, item{"tracks", "[" + list.String() + "]"})
	records, issues := readAll(t, a, openevent.Tracks)
	require.Len(t, records, 1001)
	require.Len(t, issues, 1001)
	require.Equal(t, "The file has more than 1000 mistakes; everything from line 1002 on is left out", issues[1000].Message)
}

func TestALineIsShownAroundItsMistake(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ö", 500)
	for content, want := range map[string]string{
		`[{"name":"` + long + `" "x"}]`:                   "… " + strings.Repeat("ö", 37) + `" "x"}]`,
		`[{"name":"` + long + `"  "x"}]`:                  "…" + strings.Repeat("ö", 37) + `"  "x"}]`,
		`[{"name" "` + long + `"}]`:                       `[{"name" "` + strings.Repeat("ö", 93) + "…",
		"[\n\n{\"name\" \"\x00\xff" + `"}` + "\r\n]":      `{"name" " ?"}`,
		"[\n" + strings.Repeat("\n", 300) + `{"name" 1}]`: `{"name" 1}]`,
	} {
		_, issues := readAll(t, open(t, item{"tracks", content}), openevent.Tracks)
		require.Equal(t, []string{openevent.CodeJSONSyntax}, codes(issues), content)
		require.Equal(t, want, issues[0].Value)
		require.LessOrEqual(t, len(issues[0].Value), contracts.MaxIssueValue)
		require.True(t, utf8.ValidString(issues[0].Value))
	}
}

// A mistake in a large record is found before much of the file is taken for a
// part of it.
func TestDamageInALargeRecordCostsNoOthers(t *testing.T) {
	t.Parallel()
	const n, k = 20, 7
	for style, join := range styles {
		for _, lost := range []string{`"name":`, `"color"`, `","hosts"`, `[{"id":901`, `}],"lead"`} {
			for _, limit := range []int{1 << 20, 300 << 10} {
				records := make([]string, n)
				for i := range records {
					records[i] = strings.Replace(trackJSON(i+1), "say", strings.Repeat("say ", 50<<10), 1)
				}
				records[k] = strings.Replace(records[k], lost, lost[1:], 1)
				a := openWithin(t, openevent.Limits{Record: limit, Ratio: 100_000}, item{"tracks", join(records)})
				found, issues := readAll(t, a, openevent.Tracks)
				want := []string{}
				for i := range n {
					if i != k {
						want = append(want, fmt.Sprint(i+1))
					}
				}
				require.Equal(t, want, ids(found), "%s without %s: %v", style, lost[:1], issues)
				require.Len(t, issues, 1)
			}
		}
	}
}

func TestARecordThatIsTooLargeCostsNoOthers(t *testing.T) {
	t.Parallel()
	for style, join := range styles {
		records := []string{trackJSON(1), trackJSON(2), strings.Replace(trackJSON(3), "say", strings.Repeat(`say \"`, 50<<10), 1), trackJSON(4)}
		a := openWithin(t, openevent.Limits{Record: 100 << 10, Ratio: 100_000}, item{"tracks", join(records)})
		found, issues := readAll(t, a, openevent.Tracks)
		require.Equal(t, []string{"1", "2", "4"}, ids(found), style)
		require.Equal(t, []string{openevent.CodeRecordTooLarge}, codes(issues), style)
		require.Equal(t, 3, found[2].Index)
	}
}

func TestTheSearchForRecordsIsGivenUpInTheEnd(t *testing.T) {
	t.Parallel()
	content := "[\n" + strings.Repeat(`{"name":`, 1<<18) + "\n" + trackJSON(1) + "]"
	records, issues := readAll(t, openWithin(t, openevent.Limits{Ratio: 100_000}, item{"tracks", content}), openevent.Tracks)
	require.Empty(t, records)
	require.Equal(t, []string{openevent.CodeJSONTooDeep}, codes(issues))
	require.Equal(t, "The JSON nests deeper than 64 levels; everything from line 2 on is left out", issues[0].Message)
}
