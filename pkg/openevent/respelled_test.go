package openevent_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
)

// garbled is what a program shows that takes UTF-8 for a code page.
func garbled(t *testing.T, page *charmap.Charmap, name string) string {
	t.Helper()
	read, err := page.NewDecoder().String(name)
	require.NoError(t, err)
	return read
}

func TestMediaIsFoundUnderOneOtherSpelling(t *testing.T) {
	t.Parallel()
	// Three letters in the one code page, and two in the other.
	const both, inThree, inTwo = "ß¼ÄµÄ¼", "\xe1\xac\x8e\xe6\x8e\xac", "\xdf\xbc\xc4\xb5\xc4\xbc"
	require.Equal(t, both, garbled(t, charmap.CodePage437, inThree))
	require.Equal(t, both, garbled(t, charmap.Windows1252, inTwo))
	const composed, decomposed = "images/Zo\u00eb.png", "images/Zoe\u0308.png"
	in437, in1252 := garbled(t, charmap.CodePage437, composed), garbled(t, charmap.Windows1252, composed)
	require.Equal(t, []string{"images/Zo├½.png", "images/ZoÃ«.png"}, []string{in437, in1252})
	for name, c := range map[string]struct {
		entries []entry
		value   string
		want    string // the entry's name, "" for none
	}{
		"exact":                       {[]entry{{name: composed}, {name: decomposed}, {name: in437}}, composed, composed},
		"exact, garbled":              {[]entry{{name: composed}, {name: in1252}}, in1252, in1252},
		"accents composed":            {[]entry{{name: decomposed}}, composed, decomposed},
		"accents apart":               {[]entry{{name: composed}}, decomposed, composed},
		"UTF-8 that is not marked":    {[]entry{{name: composed, oldCodePage: true}}, composed, in437},
		"the same, and accents apart": {[]entry{{name: decomposed, oldCodePage: true}}, composed, garbled(t, charmap.CodePage437, decomposed)},
		"entry garbled by 437":        {[]entry{{name: in437}}, composed, in437},
		"entry garbled by 1252":       {[]entry{{name: in1252}}, composed, in1252},
		"value garbled by 437":        {[]entry{{name: composed}}, in437, composed},
		"value garbled by 1252":       {[]entry{{name: composed}}, in1252, composed},
		"both garbled":                {[]entry{{name: composed, oldCodePage: true}}, in1252, in437},
		"garbled and accents apart":   {[]entry{{name: decomposed}}, in1252, decomposed},
		"garbled twice":               {[]entry{{name: composed}}, garbled(t, charmap.Windows1252, in1252), ""},
		"other letters":               {[]entry{{name: "images/Zoe.png"}}, composed, ""},
		"capitals":                    {[]entry{{name: "images/A.png"}}, "images/a.png", ""},
		"two that are meant":          {[]entry{{name: in437}, {name: in1252}}, composed, ""},
		"the same accents go first":   {[]entry{{name: composed, oldCodePage: true}, {name: decomposed, oldCodePage: true}}, composed, in437},
		"two with other accents":      {[]entry{{name: in437}, {name: in1252}}, decomposed, ""},
		"a value of both code pages":  {[]entry{{name: inThree}, {name: inTwo}}, both, ""},
		"a value of code page 437":    {[]entry{{name: inThree}, {name: "a"}}, both, inThree},
		"a value of code page 1252":   {[]entry{{name: "a"}, {name: inTwo}}, both, inTwo},
		"one entry twice is one":      {[]entry{{name: in437}, {name: in437}}, composed, in437},
		"in a folder":                 {[]entry{{name: "Köln/event"}, {name: "Köln/" + decomposed}, {name: composed}}, composed, "Köln/" + decomposed},
		"in a folder not marked":      {[]entry{{name: "Köln/event", oldCodePage: true}, {name: "Köln/" + composed, oldCodePage: true}}, composed, garbled(t, charmap.CodePage437, "Köln/"+composed)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				m, ok := openEntries(t, c.entries...).Media("/" + c.value)
				require.Equal(t, c.want != "", ok)
				if ok {
					require.Equal(t, c.want, m.Name)
					require.Equal(t, m.Name != c.value, m.Respelled)
				}
			}
		})
	}
}

func TestMediaIsFoundByManyAtOnce(t *testing.T) {
	t.Parallel()
	var entries []entry
	for i := range 500 {
		entries = append(entries, entry{name: fmt.Sprintf("images/é%d.png", i), oldCodePage: true})
	}
	a := openEntries(t, entries...)
	var wg sync.WaitGroup
	found := make([]bool, len(entries))
	for i := range entries {
		wg.Go(func() { _, found[i] = a.Media(fmt.Sprintf("/images/é%d.png", i)) })
	}
	wg.Wait()
	require.NotContains(t, found, false)
}

// Not in parallel: all that the process allocates is counted.
func TestAMediaPathOfManyMegabytesIsNotLookedAt(t *testing.T) {
	a, path := open(t, item{"a.png", ""}), strings.Repeat("é", 8<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, ok := a.Media(path)
	runtime.ReadMemStats(&after)
	require.False(t, ok)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestDataFilesAreNotMediaUnderOtherSpellings(t *testing.T) {
	t.Parallel()
	a := openEntries(t, entry{name: "tracKs", content: "[]"}, entry{name: "a.png"})
	// U+212A is another spelling of the letter K.
	for _, value := range []string{"trac\u212as", "TRACKS", "tracKs"} {
		_, ok := a.Media(value)
		require.False(t, ok, value)
	}
}
