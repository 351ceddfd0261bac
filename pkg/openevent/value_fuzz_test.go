package openevent_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// fuzzed reads a record that has one text among its values, with what is said of it.
func fuzzed[T any](t *testing.T, f openevent.File[T], key, text string) (T, []contracts.Issue) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		t.Skip("what no text can hold is mended before its kind matters")
	}
	value, err := json.Marshal(text)
	require.NoError(t, err)
	record := fmt.Sprintf(`{"id":1,"name":"Boats","title":"Boats","start_time":"2031-05-02T09:00:00","end_time":"2031-05-02T10:00:00",%q:%s}`, key, value)
	if !f.Single {
		record = "[" + record + "]"
	}
	a, err := openBytes(stored(t, f.Name, record), openevent.Limits{})
	require.NoError(t, err)
	records, issues := readAll(t, a, f)
	require.Len(t, records, 1)
	var about []contracts.Issue
	for _, i := range issues {
		require.LessOrEqual(t, len(i.Value), contracts.MaxIssueValue)
		if strings.HasSuffix(i.Pointer, "/"+key) && i.Code != openevent.CodeBlanksRemoved && i.Code != openevent.CodeRequiredFieldMissing {
			about = append(about, i)
		}
	}
	return records[0].Value, about
}

func seeds(f *testing.F, texts ...string) {
	f.Helper()
	for _, text := range texts {
		f.Add(text)
	}
}

// A time that is read can be stored and shown in every zone, and says itself in
// a way that needs no correcting.
func FuzzParseTime(f *testing.F) {
	seeds(f, "2031-05-02T09:00:00", "2031-05-02 9:0:0,5 +8:00", "2031-05-02T017:00:00.187481-0730", "2031-12-31T24:00 UTC", "2031/5/2", "0001-01-02T00:00:00+01:00", "9999-12-31T00:00")
	east, err := time.LoadLocation("Pacific/Kiritimati")
	require.NoError(f, err)
	west, err := time.LoadLocation("Etc/GMT+12")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		got, corrected, ok := openevent.ParseTime(text)
		if !ok {
			require.True(t, got.IsZero())
			require.False(t, corrected)
			return
		}
		require.False(t, got.IsZero())
		for _, zone := range []*time.Location{time.UTC, east, west} {
			shown, err := json.Marshal(got.In(zone))
			require.NoError(t, err)
			require.NotContains(t, string(shown), `"0000`)
		}
		again, corrected, ok := openevent.ParseTime(got.String())
		require.True(t, ok, got.String())
		require.False(t, corrected, got.String())
		require.Equal(t, got.String(), again.String())
		require.True(t, got.In(east).Equal(again.In(east)))
	})
}

// A zone is one that can be loaded, and means itself.
func FuzzZone(f *testing.F) {
	seeds(f, "Europe/Lisbon", "us / PACIFIC", "UTC+07:00", "gmt -9:30", "Asia/Vietnum", "Local", "../etc/localtime", "z")
	f.Fuzz(func(t *testing.T, text string) {
		event, _ := fuzzed(t, openevent.Events, "timezone", text)
		loc, err := time.LoadLocation(event.Timezone)
		require.NoError(t, err)
		require.NotEqual(t, time.Local, loc)
		require.Equal(t, loc.String(), event.Location().String())
		again, issues := fuzzed(t, openevent.Events, "timezone", event.Timezone)
		require.Equal(t, event.Timezone, again.Timezone)
		require.Empty(t, issues)
	})
}

// A length is not negative, not longer than a month, and the same in the form
// that everybody reads alike.
func FuzzLength(f *testing.F) {
	seeds(f, "00:30", "30", "0.3", "01.00", "3.30", "1:15:00", "1h", "1h30", "1.5 hours", "1:30h", "90 min", "PT1H30M", "20'")
	f.Fuzz(func(t *testing.T, text string) {
		minutes, ok := openevent.ParseLength(text)
		if !ok {
			return
		}
		require.GreaterOrEqual(t, minutes, 0)
		require.LessOrEqual(t, minutes, 31*24*60)
		for _, form := range []string{"%d:%02d", "PT%dH%dM", "%dh%d"} {
			again, ok := openevent.ParseLength(fmt.Sprintf(form, minutes/60, minutes%60))
			require.True(t, ok)
			require.Equal(t, minutes, again)
		}
	})
}

// harmless matches what can end neither an attribute nor a declaration in it,
// nor load anything.
var harmless = regexp.MustCompile(`^(#[0-9A-Fa-f]+|[A-Za-z]+|(?i:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\([0-9A-Za-z.,%+ -]+(/[0-9A-Za-z.%+ -]+)?\))$`)

func FuzzColor(f *testing.F) {
	seeds(f, "#fff", "3DC8C3", "RebeccaPurple", "rgba(1,2,3,.5)", "hsl(10deg 50% 20% / 1)", "oklch(40% 0.2 200grad)", "url(x)", "red;top:0", `red"`)
	f.Fuzz(func(t *testing.T, text string) {
		track, _ := fuzzed(t, openevent.Tracks, "color", text)
		if track.Color == "" {
			return
		}
		require.Regexp(t, harmless, track.Color)
		again, issues := fuzzed(t, openevent.Tracks, "color", track.Color)
		require.Equal(t, track.Color, again.Color)
		require.Empty(t, issues)
	})
}

// An address leads to the web and nowhere else, and stays what it became.
func FuzzURL(f *testing.F) {
	seeds(f, "https://a.example/x?y#z", "www.a.example", "//a.example", "a.example:8080/x", "javascript:alert(1)", "https:// a.example, b.example", "HTTP://x", "http:://x", "data:text/html,x")
	f.Fuzz(func(t *testing.T, text string) {
		event, issues := fuzzed(t, openevent.Events, "ticket_url", text)
		if event.TicketURL == "" {
			return
		}
		require.Regexp(t, `(?s)^(?i:https?|ftp)://.`, event.TicketURL)
		if u, err := url.Parse(event.TicketURL); err == nil {
			require.Contains(t, []string{"http", "https", "ftp"}, u.Scheme)
		}
		again, more := fuzzed(t, openevent.Events, "ticket_url", event.TicketURL)
		require.Equal(t, event.TicketURL, again.TicketURL)
		if len(issues) == 0 || issues[0].Code == openevent.CodeURLWithoutScheme {
			require.Empty(t, more)
		}
	})
}

// An upload is an address of the web or a path that stays in the archive.
func FuzzUpload(f *testing.F) {
	seeds(f, "/images/logo.png", `images\logo.png`, "./a/../b", "/../../etc/passwd", "//a.example/x", "www.a.example/x", "file:///etc/passwd", "///", "a//b/", "a /", "./o:")
	f.Fuzz(func(t *testing.T, text string) {
		event, _ := fuzzed(t, openevent.Events, "logo", text)
		if event.Logo == "" {
			return
		}
		if openevent.IsURL(event.Logo) {
			require.Regexp(t, `^(?i:https?|ftp)://[^ <>"]`, event.Logo)
		} else {
			require.True(t, fs.ValidPath(strings.TrimPrefix(event.Logo, "/")), event.Logo)
			require.NotContains(t, event.Logo, `\`)
		}
		again, issues := fuzzed(t, openevent.Events, "logo", event.Logo)
		require.Equal(t, event.Logo, again.Logo)
		require.Empty(t, issues)
	})
}

// An e-mail address is one address, and stays as found.
func FuzzEmail(f *testing.F) {
	seeds(f, "a@b.example", " ä@ü.example\n", "a@b", "a@b.example, c@d.example", "@b.example", "a@b..example", "a@.example.")
	f.Fuzz(func(t *testing.T, text string) {
		event, issues := fuzzed(t, openevent.Events, "email", text)
		if event.Email == "" {
			return
		}
		require.Empty(t, issues)
		require.Contains(t, text, event.Email)
		name, domain, _ := strings.Cut(event.Email, "@")
		require.NotEmpty(t, name)
		require.Len(t, strings.Fields(event.Email), 1)
		require.NotContains(t, domain, "@")
		labels := strings.Split(domain, ".")
		require.Greater(t, len(labels), 1)
		require.NotContains(t, labels, "")
	})
}

// A number is finite and within its bounds, and is read again as it is written.
func FuzzNumber(f *testing.F) {
	seeds(f, "1.5", "-1,346", "+9e1", "NaN", "Inf", "0x1p4", "1e999", "1_000", "90.01", ",5", "-0")
	f.Fuzz(func(t *testing.T, text string) {
		event, _ := fuzzed(t, openevent.Events, "latitude", text)
		if event.Latitude == nil {
			return
		}
		require.LessOrEqual(t, math.Abs(*event.Latitude), 90.0) // no NaN is
		again, issues := fuzzed(t, openevent.Events, "latitude", strconv.FormatFloat(*event.Latitude, 'g', -1, 64))
		require.Empty(t, issues)
		require.Equal(t, event.Latitude, again.Latitude)
	})
}

// A whole number is what an exact reading of it gives.
func FuzzInteger(f *testing.F) {
	seeds(f, "3", "-3.0", "3e2", "9223372036854775807", "9223372036854775808", "1e400", "0x10", "1_0", "3.5")
	f.Fuzz(func(t *testing.T, text string) {
		room, _ := fuzzed(t, openevent.Microlocations, "floor", text)
		if room.Floor == nil {
			return
		}
		exact, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		require.NoError(t, err)
		require.InDelta(t, exact, float64(*room.Floor), 0)
		again, issues := fuzzed(t, openevent.Microlocations, "floor", strconv.FormatInt(*room.Floor, 10))
		require.Empty(t, issues)
		require.Equal(t, room.Floor, again.Floor)
	})
}

// Whether something is true does not hang on the case of its letters.
func FuzzBoolean(f *testing.F) {
	seeds(f, "true", "False", "1", "0.0", "yes", "NO", "on", " off ", "2", "perhaps")
	f.Fuzz(func(t *testing.T, text string) {
		event, issues := fuzzed(t, openevent.Events, "has_session_speakers", text)
		upper, more := fuzzed(t, openevent.Events, "has_session_speakers", strings.ToUpper(text))
		if len(strings.ToUpper(text)) == len(text) {
			require.Equal(t, event.HasSessionSpeakers, upper.HasSessionSpeakers)
			require.Len(t, more, len(issues))
		}
		if event.HasSessionSpeakers == nil {
			return
		}
		require.Empty(t, issues)
		again, _ := fuzzed(t, openevent.Events, "has_session_speakers", strconv.FormatBool(*event.HasSessionSpeakers))
		require.Equal(t, event.HasSessionSpeakers, again.HasSessionSpeakers)
	})
}

// A word that is not known is told and kept, and one that is known needs
// neither when it is read again.
func requireWord(t *testing.T, key, text string, of func(openevent.Session) string) {
	t.Helper()
	session, issues := fuzzed(t, openevent.Sessions, key, text)
	word := of(session)
	if len(issues) > 0 {
		require.Equal(t, []string{openevent.CodeUnknownValue}, codes(issues))
		require.Contains(t, text, word)
		return
	}
	again, issues := fuzzed(t, openevent.Sessions, key, word)
	require.Empty(t, issues, word)
	require.Equal(t, word, of(again))
}

func FuzzLanguage(f *testing.F) {
	seeds(f, "english", "EN_us", "Deutsch", "de-DE", "zh-Hant-TW", "German (Germany)", "no", "any", "Germany", "x-y", "en-u-co-phonebk", "sr-Latn-RS", "i-klingon", "en-Zzzz-ZZ")
	f.Fuzz(func(t *testing.T, text string) {
		requireWord(t, "language", text, func(s openevent.Session) string { return s.Language })
	})
}

func FuzzState(f *testing.F) {
	seeds(f, "Accepted", "CANCELLED", "canceled", "draft ", "published", "ſ")
	f.Fuzz(func(t *testing.T, text string) {
		requireWord(t, "state", text, func(s openevent.Session) string { return s.State })
	})
}

// What is clean stays as it is, and has nothing but the markup that is allowed.
func FuzzCleanHTML(f *testing.F) {
	seeds(f, `<p style="text-align: center; color: red" onclick="x()">It's</p>`, "<script>x</script>", "<a href='javascript:x'>y</a>", "<a <b>", "<!--x", "1 < 2", "<br/><style>x", "<a href=\"https://a.example/?a=1&b\">")
	allowed := []string{"b", "strong", "span", "p", "em", "i", "u", "center", "sup", "sub", "ul", "ol", "li", "strike", "br", "a"}
	f.Fuzz(func(t *testing.T, text string) {
		clean := openevent.CleanHTML(text)
		require.Equal(t, clean, openevent.CleanHTML(clean))
		if !strings.Contains(text, "<") {
			return
		}
		tokens := html.NewTokenizer(strings.NewReader(clean))
		for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
			require.NotContains(t, []html.TokenType{html.CommentToken, html.DoctypeToken}, kind, clean)
			if kind == html.TextToken {
				continue
			}
			token := tokens.Token()
			require.Contains(t, allowed, token.Data)
			for _, a := range token.Attr {
				require.True(t, slices.Contains([]string{"href", "style"}, a.Key), a.Key)
				require.NotRegexp(t, `(?i)^\s*(javascript|data|vbscript):`, a.Val)
			}
		}
	})
}
