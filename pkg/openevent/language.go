package openevent

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// languageName returns the English name of the language that a text means: that
// name in any case, the language's own name for itself, or its code, with a
// region or without. What stands in brackets behind a name is its own business.
func languageName(text string) (string, bool) {
	const longest = 64
	if len(text) > longest {
		return "", false
	}
	if name, ok := languagesByKey()[text]; ok {
		return name, true
	}
	if name, ok := languagesByKey()[strings.ToLower(text)]; ok {
		return name, true
	}
	if before, remark, found := strings.Cut(text, " ("); found && strings.HasSuffix(remark, ")") {
		name, ok := languagesByKey()[strings.ToLower(before)]
		return name + " (" + remark, ok
	}
	tag, err := language.Parse(text)
	if err != nil {
		return "", false
	}
	base, script, region := tag.Raw()
	name, ok := englishName(language.Make(base.String()))
	// Codes of three letters without one of two are as likely a word: "any", "all".
	if !ok || len(base.String()) != len("en") {
		return "", false
	}
	for _, part := range []string{display.English.Scripts().Name(script), display.English.Regions().Name(region)} {
		if part != "" && part != unknownScript && part != unknownRegion {
			name += " (" + part + ")"
		}
	}
	return name, true
}

func englishName(tag language.Tag) (string, bool) {
	name := display.English.Tags().Name(tag)
	return name, name != "" && name != unknownLanguage
}

// The names that stand for none.
var (
	unknownLanguage = display.English.Languages().Name(language.Und)
	unknownScript   = display.English.Scripts().Name(language.Script{})
	unknownRegion   = display.English.Regions().Name(language.Region{})
)

// languagesByKey leads from names of languages to their English name: from that
// name itself, and from all in lower case.
var languagesByKey = sync.OnceValue(func() map[string]string {
	tags := display.Supported.Tags()
	for first := 'a'; first <= 'z'; first++ {
		for second := 'a'; second <= 'z'; second++ {
			if tag, err := language.Parse(string([]rune{first, second})); err == nil {
				tags = append(tags, tag)
			}
		}
	}
	languages := make(map[string]string)
	for _, tag := range tags {
		if name, ok := englishName(tag); ok {
			languages[strings.ToLower(display.Self.Name(tag))] = name
		}
	}
	delete(languages, "") // of a language that is not known to have a name for itself
	// An English name is not given up for what it means in another language.
	for _, tag := range tags {
		if name, ok := englishName(tag); ok {
			languages[strings.ToLower(name)] = name
		}
	}
	for _, name := range moreLanguages {
		languages[strings.ToLower(name)] = name
	}
	maps.Copy(languages, languageSpellings)
	// Most are written as they should be, and need no copy in lower case.
	for _, name := range slices.Collect(maps.Values(languages)) {
		languages[name] = name
	}
	return languages
})

// moreLanguages are names that are as good as those of the library.
var moreLanguages = []string{
	"Bengali", "Dhivehi", "Farsi", "Flemish", "Gaelic", "Greenlandic", "Mandarin", "Norwegian", "Oriya", "Pashto", "Tagalog", "Uighur",
}

// languageSpellings are the names in the list of the server that the format
// comes from which nobody else writes so, in lower case.
var languageSpellings = map[string]string{
	"bahasa indonesia":         "Indonesian",
	"bahasa melayu":            "Malay",
	"bengali, bangla":          "Bengali",
	"castilian":                "Spanish",
	"catalan; valencian":       "Catalan",
	"greek, modern":            "Greek",
	"haitian; haitian creole":  "Haitian Creole",
	"hebrew (modern)":          "Hebrew",
	"kalaallisut, greenlandic": "Greenlandic",
	"panjabi, punjabi":         "Punjabi",
	"pashto, pushto":           "Pashto",
	"persian (farsi)":          "Persian",
	"sinhala, sinhalese":       "Sinhala",
	"spanish; castilian":       "Spanish",
	"uighur, uyghur":           "Uighur",
}
