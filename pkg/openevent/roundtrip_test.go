package openevent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/usher-events/usher/contracts"
)

// What is written is what is read, in both dialects, whatever a record says.
func TestRecordsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	t.Run("event", roundTrip(Events))
	t.Run("forms", roundTrip(Forms))
	t.Run("microlocations", roundTrip(Microlocations))
	t.Run("sponsors", roundTrip(Sponsors))
	t.Run("speakers", roundTrip(Speakers))
	t.Run("tracks", roundTrip(Tracks))
	t.Run("session_types", roundTrip(SessionTypes))
	t.Run("sessions", roundTrip(Sessions))
}

func roundTrip[T any](f File[T]) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			n := 1
			if !f.Single {
				n = rapid.IntRange(0, 3).Draw(t, "n")
			}
			var records []Record[T]
			for i := range n {
				var r Record[T]
				v := reflect.ValueOf(&r.Value).Elem()
				drawObject(t, f.schema, v, f.Name)
				if form, is := any(&r.Value).(*Form); is {
					drawForm(t, form)
				}
				v.Field(f.schema.fields[f.schema.id].index).SetString(fmt.Sprint(rapid.SampledFrom([]string{"", "x-", "0", " y"}).Draw(t, "id"), i))
				if id := v.Field(f.schema.fields[f.schema.id].index); strings.HasPrefix(id.String(), " ") {
					id.SetString(strings.TrimSpace(id.String()))
				}
				r.Extra = drawExtra(t, f.schema, v)
				records = append(records, r)
			}
			for _, d := range []Dialect{DialectA, DialectB} {
				again, issues := readAgain(t, f, d, records)
				requireSame(t, records, again)
				for _, i := range issues {
					require.Contains(t, []string{CodeUnknownValue, CodeInvalidLength, CodeFieldMissing}, i.Code, "%v", i)
				}
			}
		})
	}
}

// readAgain writes records in a dialect and reads them.
func readAgain[T any](t rapid.TB, f File[T], d Dialect, records []Record[T]) ([]Record[T], []contracts.Issue) {
	var b bytes.Buffer
	w := NewWriter(&b, d)
	require.NoError(t, WriteRecords(w, f, sequence(records)))
	require.NoError(t, w.Close())
	return readBytes(t, f, b.Bytes())
}

func readBytes[T any](t rapid.TB, f File[T], b []byte) ([]Record[T], []contracts.Issue) {
	a, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
	require.NoError(t, err)
	var records []Record[T]
	var issues []contracts.Issue
	for r, err := range Records(a, f, func(i contracts.Issue) { issues = append(issues, i) }) {
		require.NoError(t, err)
		records = append(records, r)
	}
	return records, issues
}

func sequence[T any](records []Record[T]) iter.Seq2[Record[T], error] {
	return func(yield func(Record[T], error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func requireSame[T any](t rapid.TB, want, got []Record[T]) {
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i].Value, got[i].Value)
		if unknown := want[i].Unknown(); unknown == nil {
			require.Nil(t, got[i].Unknown())
		} else {
			require.JSONEq(t, string(unknown), string(got[i].Unknown()))
		}
	}
}

// drawObject fills a struct with such values as the reader makes.
func drawObject(t *rapid.T, s *schema, v reflect.Value, label string) {
	for i := range s.fields {
		f := &s.fields[i]
		if f.kind == KindDropped || f.kind == KindDeleted || f.kind == KindBack {
			continue
		}
		if !f.required && f.fallback == "" && rapid.IntRange(0, 3).Draw(t, label+"/"+f.name+" is there") == 0 {
			continue
		}
		drawField(t, f, v.Field(f.index), label+"/"+f.name)
	}
}

func drawField(t *rapid.T, f *field, v reflect.Value, label string) {
	switch f.kind {
	case KindNumber:
		n := rapid.Float64().Draw(t, label)
		if most, limited := degrees[f.name]; limited {
			n = rapid.Float64Range(-most, most).Draw(t, label)
		}
		v.Set(reflect.ValueOf(&n))
	case KindInteger:
		n := rapid.Int64().Draw(t, label)
		v.Set(reflect.ValueOf(&n))
	case KindBoolean:
		b := rapid.Bool().Draw(t, label)
		v.Set(reflect.ValueOf(&b))
	case KindTime:
		v.Set(reflect.ValueOf(drawTime(t, label)))
	case KindRef:
		v.Set(reflect.ValueOf(Ref{ID: drawID(t, label)}))
	case KindRefs:
		ids := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string { return drawID(t, label) }), 1, 20, rapid.ID).Draw(t, label)
		refs := make([]Ref, len(ids))
		for i, id := range ids {
			refs[i].ID = id
		}
		v.Set(reflect.ValueOf(refs))
	case KindObject:
		v.Set(reflect.New(v.Type().Elem()))
		drawObject(t, f.inner, v.Elem(), label)
	case KindList:
		n := rapid.IntRange(1, 3).Draw(t, label+" has")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			drawObject(t, f.inner, v.Index(i), label)
		}
	case KindForm:
		name := strings.TrimSuffix(f.name, "_form")
		fields := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) FormField {
			return FormField{
				Form: name, Field: strings.ReplaceAll(drawText(t, label), "-", "_"),
				Required: rapid.Bool().Draw(t, label), Included: rapid.Bool().Draw(t, label),
			}
		}), 1, 4, func(f FormField) string { return f.Field }).Draw(t, label)
		v.Set(reflect.ValueOf(fields))
	default:
		v.SetString(drawWord(t, f, label))
	}
}

// drawWord draws what the kind of a text allows.
func drawWord(t *rapid.T, f *field, label string) string {
	end := rapid.StringMatching(`[a-zé0-9?&=#%/._-]{1,20}`)
	var of *rapid.Generator[string]
	switch f.kind {
	case KindID:
		return drawID(t, label)
	case KindURL:
		of = rapid.Map(end, func(s string) string { return "https://lakeside.example/" + s })
	case KindUpload:
		of = rapid.OneOf(
			rapid.Map(end, func(s string) string { return "ftp://lakeside.example/" + s }),
			rapid.Custom(func(t *rapid.T) string {
				return "/" + MediaName(contracts.Speakers, "photo", drawText(t, label), drawText(t, label), drawText(t, label))
			}),
			rapid.SampledFrom([]string{"audio/session_1.mp3", "/a:b", "/ä ö"}),
		)
	case KindEmail:
		of = rapid.SampledFrom([]string{"a@b.example", "<&\"'>@ü.example", "a@b.c.d"})
	case KindIdentifier:
		of = rapid.SampledFrom([]string{"b548bcfc", "12345678", "Harbour_Days-2"})
	case KindColor:
		of = rapid.SampledFrom([]string{"#fff", "#1485CC", "Teal", "rgba(1, 2, 3, .5)", "hsl(10deg 50% 20% / 1)"})
	case KindZone:
		of = rapid.SampledFrom(strings.Fields(zoneNames))
	case KindLanguage:
		of = rapid.SampledFrom([]string{"German", "Greek", "German (Austria)", "Klingon", "Chinese (Traditional Han) (Taiwan)"})
	case KindState:
		of = rapid.SampledFrom(append([]string{"Other"}, sessionStates...))
	case KindEventState:
		of = rapid.SampledFrom(append([]string{"Call for papers"}, eventStates...))
	case KindPrivacy:
		of = rapid.SampledFrom(append([]string{"secret"}, privacies...))
	case KindEnum:
		of = rapid.SampledFrom(append([]string{"Something else"}, listed[f.name]...))
	case KindLength:
		of = rapid.SampledFrom([]string{"00:30", "30", "0.3", "long"})
	default:
		return drawText(t, label)
	}
	return of.Draw(t, label)
}

// hostile are texts that are something else elsewhere.
var hostile = []string{
	"null", "true", "1", "-0", "1e5", "[]", "{}", `"`, `\`, `\u0041`, "</script>", "<b>&amp;</b>", " a ", "\t\n\r\b\f\x01\x1f\x7f", "a/b~1c~0d", "~01", "/", "..",
	"\u2028\u2029", "\ufeff", "\ufffd", "💥", "e\u0301é", "\U0010ffff", "\u202eabc", strings.Repeat("long ", 3000), "  ", "id", "require",
}

func drawText(t *rapid.T, label string) string {
	return rapid.OneOf(rapid.SampledFrom(hostile), rapid.StringN(1, 40, -1)).Filter(func(s string) bool {
		return s != "" && !strings.ContainsRune(s, 0)
	}).Draw(t, label)
}

func drawID(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }),
		rapid.SampledFrom([]string{"-0", "007", "1e2", "1.5", "9223372036854775808", "a/b", "ada quill", "null", "true", "\u00a0"}),
	).Draw(t, label)
}

func drawTime(t *rapid.T, label string) Time {
	zone := drawZone(t, label)
	at := time.Unix(rapid.Int64Range(firstTime.Unix(), lastTime.Unix()).Draw(t, label), 1000*rapid.Int64Range(0, 999_999).Draw(t, label))
	if at.After(lastTime) {
		at = lastTime
	}
	return TimeOf(at, zone)
}

func drawZone(t *rapid.T, label string) *time.Location {
	zone, err := time.LoadLocation(rapid.SampledFrom(strings.Fields(zoneNames)).Draw(t, label+" zone"))
	require.NoError(t, err)
	return zone
}

// drawForm makes a form one of both sorts.
func drawForm(t *rapid.T, form *Form) {
	if !rapid.Bool().Draw(t, "columns") {
		form.OfForm, form.FieldName = "", ""
	}
}

// drawExtra draws unknown keys wherever the record has room for them.
func drawExtra(t *rapid.T, s *schema, v reflect.Value) map[string]json.RawMessage {
	extra := map[string]json.RawMessage{}
	add := func(s *schema, before string) {
		for range rapid.IntRange(0, 2).Draw(t, "unknown") {
			key := drawText(t, "key")
			if !s.knows(key) {
				extra[before+escapePointer.Replace(key)] = drawJSON(t, 0)
			}
		}
	}
	add(s, "")
	for _, f := range s.fields {
		switch {
		case f.kind == KindObject && !v.Field(f.index).IsNil():
			add(f.inner, f.name+"/")
		case f.kind == KindList:
			for i := range v.Field(f.index).Len() {
				add(f.inner, fmt.Sprintf("%s/%d/", f.name, i))
			}
		case f.kind == KindForm:
			for _, field := range v.Field(f.index).Interface().([]FormField) {
				if key := drawText(t, "flag"); rapid.Bool().Draw(t, "flagged") && !isFormFlag(key) {
					extra[f.name+"/"+escapePointer.Replace(field.Field)+"/"+escapePointer.Replace(key)] = drawJSON(t, 0)
				}
			}
		}
	}
	return extra
}

func drawJSON(t *rapid.T, depth int) json.RawMessage {
	kind := rapid.IntRange(0, 7).Draw(t, "JSON")
	switch {
	case kind == 0 && depth < 4:
		var list []string
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			list = append(list, string(drawJSON(t, depth+1)))
		}
		return json.RawMessage("[ " + strings.Join(list, "\n,") + "]")
	case kind == 1 && depth < 4:
		members := map[string]json.RawMessage{}
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			members[drawText(t, "member")] = drawJSON(t, depth+1)
		}
		b, err := json.Marshal(members)
		require.NoError(t, err)
		return b
	case kind == 2:
		b, err := json.Marshal(drawText(t, "text"))
		require.NoError(t, err)
		return b
	default:
		return json.RawMessage(rapid.SampledFrom([]string{"null", "true", "-0", "1.50", "1e400", "12345678901234567890", `"\ud83d\ude00\u0001"`, "{}", "[]", `"\ud800"`}).Draw(t, "value"))
	}
}

// Whatever an archive says, what was made of it once stays as it is.
func TestWhatWasReadIsReadTheSameAgain(t *testing.T) {
	t.Parallel()
	t.Run("event", readTwice(Events))
	t.Run("forms", readTwice(Forms))
	t.Run("microlocations", readTwice(Microlocations))
	t.Run("sponsors", readTwice(Sponsors))
	t.Run("speakers", readTwice(Speakers))
	t.Run("tracks", readTwice(Tracks))
	t.Run("session_types", readTwice(SessionTypes))
	t.Run("sessions", readTwice(Sessions))
}

func readTwice[T any](f File[T]) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			source := drawSource(t, f.schema, 0)
			if !f.Single {
				source = "[" + source + "]"
			}
			var b bytes.Buffer
			w := NewWriter(&b, DialectA)
			entry, err := w.entry(f.Name, false)
			require.NoError(t, err)
			_, err = entry.Write([]byte(source))
			require.NoError(t, err)
			require.NoError(t, w.Close())
			records, _ := readBytes(t, f, b.Bytes())
			if f.Single && len(records) == 0 {
				t.Skip("no event")
			}
			for _, d := range []Dialect{DialectA, DialectB} {
				again, issues := readAgain(t, f, d, records)
				requireSame(t, records, again)
				for _, i := range issues {
					require.Contains(t, []string{
						CodeUnknownValue, CodeInvalidLength, CodeInvalidURL, CodeFieldMissing, CodeRequiredFieldMissing, CodeIDMissing,
					}, i.Code, "%v\n%s", i, source)
				}
			}
		})
	}
}

// words are values that people write, right and wrong.
var words = []string{
	`"2031-05-02T09:00:00"`, `"2031-05-02 9:0:0,5 +8:00"`, `"2031-05-02T24:00:00Z"`, `"0001-01-02"`, `"2031-05-02T09:00:00+00:00"`, `"2031/5/2"`, `"9999-12-30T23:59:59-15:59"`,
	`"us / pacific"`, `"UTC+07:00"`, `"gmt-9:30"`, `"Asia/Vietnum"`, `"english"`, `"de_AT"`, `"zh-Hant-TW"`, `"German (x)"`, `"persian (farsi)"`, `"no"`, `"CANCELLED"`, `"Published"`, `"PUBLIC"`,
	`"conference"`, `"science & technology"`, `"fff"`, `"#FFF"`, `"teal"`, `"red;"`, `" a@b.example "`, `"a@b.example, c@d.example"`, `"www.a.example/x"`, `"//a.example/x"`, `"a.example:80/x"`,
	`"https:// a.example"`, `"javascript:x"`, `"images\\logo.png"`, `"./a/../b.png"`, `"//"`, `"/../x"`, `"C:\\x"`, `"1h30"`, `"30"`, `"PT1H"`, `"48,5"`, `"+3"`, `"3.0"`, `3.0`, `-0`, `1e2`, `1e400`, `90.5`,
	`9223372036854775808`, `true`, `"yes"`, `"off"`, `null`, `""`, `" "`, `"\n a \t"`, `"\u0000"`, `"a\u0000b"`, `"\ud800"`, "\"\xff\"", "\"\x01\"", `[]`, `{}`, `[1]`, `{"id":3}`, `[{"id":"a b"},null,{"id":"a b"},{}]`, `{"id":null,"name":"x"}`,
	`"{\"title\":{\"require\":1,\"include\":\"0\",\"type\":[1,]},\"short-abstract\":{\"x\":{}},\"title\":{\"require\":null,\"Require\":2},\"y\":3}"`, `{"a-b":{"include":true,"n/a":1}}`, `"{"`,
	`"ſtate"`, `"K"`, `"<p>a<b>c</p>"`, `"\u00e9 e\u0301"`, `"0x10"`, `"NaN"`,
}

// drawSource draws an object such as the archives of strangers have it: known keys in any
// spelling, some of them twice, and others.
func drawSource(t *rapid.T, s *schema, depth int) string {
	var members []string
	for range rapid.IntRange(0, 12).Draw(t, "members") {
		f := s.fields[rapid.IntRange(0, len(s.fields)-1).Draw(t, "field")]
		key := rapid.SampledFrom(append([]string{f.name}, f.aliases...)).Draw(t, "key")
		key = rapid.SampledFrom([]string{key, strings.ReplaceAll(key, "_", "-"), strings.ToUpper(key), "mood", "a/b~", ""}).Draw(t, "spelling")
		value := rapid.SampledFrom(words).Draw(t, "value")
		if f.inner != nil && depth == 0 && rapid.IntRange(0, 3).Draw(t, "nested") > 0 {
			value = drawSource(t, f.inner, depth+1)
			if f.kind == KindList {
				value = "[null," + value + "," + rapid.SampledFrom(words).Draw(t, "element") + "," + drawSource(t, f.inner, depth+1) + "]"
			}
		}
		quoted, err := json.Marshal(key)
		require.NoError(t, err)
		members = append(members, string(quoted)+":"+value)
	}
	if depth == 0 {
		for i := range s.fields {
			if s.fields[i].required && rapid.IntRange(0, 9).Draw(t, "required") > 0 {
				members = slices.Insert(members, 0, fmt.Sprintf(`%q:"2031-05-02T09:00"`, s.fields[i].name))
			}
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// Clean markup is what an export has, and an import cleans it again.
func TestCleanMarkupStaysAsItIs(t *testing.T) {
	t.Parallel()
	pieces := rapid.SampledFrom([]string{
		"<p>", "</p>", "<b", "<b>", "</b>", "<ul>", "<li>", `<a href="`, `<a href='x'>`, "</a>", "<br/>", "<br>", "<script>", "</script>", "<style>", "</style>", "<!--", "-->", "--!>", "<!x>", "<?x>", "</", "<", ">", "&", "&amp;",
		"&lt;", "&#60;", "&#x3c;b>", "&nbsp", "&quot;", "'", `"`, "=", "/", " ", "\n", "\r", "\r\n", "\x00", "\xff", "é", ` style="color:red;text-align: center"`, ` href="javascript:x"`, ` href="https://a.example/?a=1&b=2&amp;c"`, ` href="//x"`, ` href="mailto:a@b"`,
		"<textarea>", "</textarea>", "<title>", "<iframe>", "</iframe>", "<noscript>", "<plaintext>", "<svg>", "<math>", "<![CDATA[", "]]>", "<P ", "<xmp>", "</xmp>", "a", "script", "<p/>", "</br>", "<table>",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 12).Draw(t, "pieces"), "")
		clean := CleanHTML(text)
		require.Equal(t, clean, CleanHTML(clean), "of %q", text)
	})
}
