package sample

import (
	"bytes"
	"encoding/binary"
	"image"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// files are the paths under which the records name media, in any order.
func (u unpacked) files() []string {
	files := []string{u.event.Logo, u.event.BackgroundImage}
	for _, s := range u.sponsors {
		files = append(files, s.Logo)
	}
	for _, tr := range u.tracks {
		files = append(files, tr.TrackImageURL)
	}
	for _, s := range u.speakers {
		if s.Photo != nil {
			files = append(files, *s.Photo)
		}
	}
	for _, s := range u.sessions {
		for _, f := range []*string{s.Slides, s.Audio} {
			if f != nil {
				files = append(files, *f)
			}
		}
	}
	return files
}

func holdsTheFilesItNamesAndNoOthers(t *testing.T, c Config, u unpacked) {
	t.Helper()
	var named, there []string
	for _, f := range u.files() {
		require.True(t, strings.HasPrefix(f, "/"), f)
		named = append(named, f[1:])
	}
	for name := range u.entries {
		if strings.Contains(name, "/") {
			there = append(there, name)
		}
	}
	require.ElementsMatch(t, named, there)
	if c.Sessions > 100 {
		require.Regexp(t, `slides/session_\d+\.pdf`, strings.Join(there, " "))
		require.Regexp(t, `audios/session_\d+\.wav`, strings.Join(there, " "))
	}
}

func holdsPicturesThatDecode(t *testing.T, c Config, u unpacked) {
	t.Helper()
	pictures := 0
	for name, content := range u.entries {
		if !strings.HasPrefix(name, "images/") {
			continue
		}
		m, kind, err := image.Decode(bytes.NewReader(content))
		require.NoError(t, err, name)
		require.Equal(t, map[string]string{"png": "png", "jpeg": "jpg"}[kind], name[len(name)-3:], name)
		require.Greater(t, m.Bounds().Dx(), 100, name)
		pictures++
	}
	require.Greater(t, pictures, c.Speakers*9/10)
}

func TestAnArchiveOfUsualSizeIsSmall(t *testing.T) {
	t.Parallel()
	u := unpack(t, Config{Sessions: 493, Speakers: 187, Seed: 3})
	require.Less(t, u.size, 3<<20)
}

func TestSlidesHaveATableOfTheirObjects(t *testing.T) {
	t.Parallel()
	b := slides("Slides of session 5")
	start := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(b)
	require.NotNil(t, start)
	table, err := strconv.Atoi(string(start[1]))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(b[table:], []byte("xref\n")))
	offsets := regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(b[table:], -1)
	require.Len(t, offsets, 5)
	for i, o := range offsets {
		at, err := strconv.Atoi(string(o[1]))
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(b[at:], []byte(strconv.Itoa(i+1)+" 0 obj")))
	}
}

func TestToneSaysItsLength(t *testing.T) {
	t.Parallel()
	b := tone(440)
	require.Equal(t, "RIFF", string(b[:4]))
	require.Equal(t, "WAVE", string(b[8:12]))
	require.Len(t, b, 8+int(binary.LittleEndian.Uint32(b[4:])))
	require.Len(t, b, 44+int(binary.LittleEndian.Uint32(b[40:])))
}

func TestCamelNamesFilesLikeTheExporters(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Jürg Möller":   "JürgMöller",
		"OPEN loom":     "OpenLoom",
		"Copper/Kettle": "CopperKettle",
		"Paper: Boats":  "PaperBoats",
		"Ana al-Wadi":   "AnaAl-Wadi",
		"Нина Ветренко": "НинаВетренко",
		"林晓舟":           "林晓舟",
	} {
		require.Equal(t, want, camel(name))
	}
}
