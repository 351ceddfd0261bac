package openevent_test

import (
	"bytes"
	"io"
	"io/fs"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func TestMediaNamesAreThoseOfExporters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t                    contracts.EntityType
		field, name, id, ext string
		want                 string
	}{
		{contracts.Events, "logo", "Harbour", "12", ".png", "images/logo.png"},
		{contracts.Events, "background_image", "Harbour", "12", "", "images/background"},
		{contracts.Events, "large", "Harbour", "12", ".JPG", "images/large.jpg"},
		{contracts.Events, "icon", "Harbour", "12", ".jpg", "images/icon.jpg"},
		{contracts.Speakers, "photo", "jürg möller", "52", ".jpg", "images/speakers/JürgMöller_52.jpg"},
		{contracts.Speakers, "thumbnail", "Jürg Möller", "52", ".jpg", "images/speakers/JürgMöller_52_thumbnail.jpg"},
		{contracts.Speakers, "photo", `a/b\c:d*e?f"g<h>i|j;k`, "1", "", "images/speakers/ABCDEFGHIJK_1"},
		{contracts.Speakers, "photo", "", "1", "", "images/speakers/_1"},
		{contracts.Speakers, "photo", ".. / ..", "1", ".tar.gz", "images/speakers/_1"},
		{contracts.Speakers, "photo", "Dr. A.. Z. \u202ex\x00\x1b", "1", "./../x", "images/speakers/Dr.A.Z.X_1"},
		{contracts.Speakers, "photo", "e\u0301va", "1", "", "images/speakers/Éva_1"},
		{contracts.Sponsors, "logo", "the lantern works", "3", ".svg", "images/sponsors/TheLanternWorks_3.svg"},
		{contracts.Tracks, "track_image_url", "Boats", "4", ".png", "images/tracks/image_4.png"},
		{contracts.Sessions, "video", "Knots", "9", ".mp4", "videos/session_9.mp4"},
		{contracts.Sessions, "audio", "Knots", "9", ".mp3", "audios/session_9.mp3"},
		{contracts.Sessions, "slides", "Knots", "9", ".pdf", "slides/session_9.pdf"},
	} {
		require.Equal(t, c.want, openevent.MediaName(c.t, c.field, c.name, c.id, c.ext))
	}
}

// uploads are the fields that name media.
var uploads = map[contracts.EntityType][]string{
	contracts.Events:   {"logo", "background_image", "large", "thumbnail", "icon"},
	contracts.Speakers: {"photo", "thumbnail", "small", "icon"},
	contracts.Sponsors: {"logo"},
	contracts.Tracks:   {"track_image_url"},
	contracts.Sessions: {"video", "audio", "slides"},
}

type mediaOwner struct {
	t         contracts.EntityType
	field, id string
}

// Whatever people are called, the file is found by its name, and is the only one.
func TestMediaNamesLeadToTheirFile(t *testing.T) {
	t.Parallel()
	name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", ".", "..", "...", "._x", ".DS_Store", "/", `\`, "\x00", "a_1", "_thumbnail", "a_1_thumbnail", "CON", " ", "\u00a0", "\u200b", "e\u0301", "\u0301", "ǆ", "ß", "ﬀ", "\xff\xfe", "💥", "ZoÃ«", "é",
		strings.Repeat("ü", 100_000), strings.Repeat("a b", 70_000), strings.Repeat("\u0301", 200), "speakers", "event.json",
	}))
	id := rapid.OneOf(rapid.StringMatching(`[0-9]{1,3}`), rapid.SampledFrom([]string{"", "-1", "01", "1_thumbnail", "thumbnail", "x", "../..", "a/b", strings.Repeat("9", 21), strings.Repeat("i", 200), "A", "a"}))
	ext := rapid.OneOf(rapid.SampledFrom([]string{"", ".jpg", ".PNG", ".", "jpg", "..", "./x", ". ", ".a_1", ".jpg\x00", "." + strings.Repeat("x", 300)}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		w := openevent.NewWriter(&b, openevent.DialectA)
		require.NoError(t, openevent.WriteRecords(w, openevent.Events, several(openevent.Event{Name: "Harbour Days"})))
		names := map[mediaOwner]string{}
		taken := map[string]mediaOwner{}
		for range rapid.IntRange(1, 8).Draw(t, "files") {
			of := mediaOwner{t: rapid.SampledFrom([]contracts.EntityType{contracts.Events, contracts.Speakers, contracts.Sponsors, contracts.Tracks, contracts.Sessions}).Draw(t, "type"), id: id.Draw(t, "id")}
			of.field = rapid.SampledFrom(uploads[of.t]).Draw(t, "field")
			if of.t == contracts.Events {
				of.id = ""
			}
			if names[of] != "" {
				continue
			}
			got := openevent.MediaName(of.t, of.field, name.Draw(t, "name"), of.id, ext.Draw(t, "ext"))
			require.Empty(t, taken[got], got)
			names[of], taken[got] = got, of
			require.True(t, fs.ValidPath(got), got)
			require.Less(t, len(got), 300)
			require.NotContains(t, got, "..")
			require.NotContains(t, got, "/.")
			require.False(t, strings.ContainsFunc(got, func(r rune) bool {
				return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"\|?*;`, r)
			}), got)
			media, err := w.Media(got)
			require.NoError(t, err)
			_, err = io.WriteString(media, got)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		a, err := openBytes(b.Bytes(), openevent.Limits{})
		require.NoError(t, err)
		for _, want := range names {
			for _, value := range []string{want, "/" + want} {
				file, ok := a.Media(value)
				require.True(t, ok, want)
				require.Equal(t, want, file.Name)
				require.False(t, file.Respelled)
				rc, err := file.Open()
				require.NoError(t, err)
				content, err := io.ReadAll(rc)
				require.NoError(t, err)
				require.Equal(t, want, string(content))
			}
		}
	})
}
