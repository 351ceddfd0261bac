package openevent_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func openBytes(b []byte, limits openevent.Limits) (*openevent.Archive, error) {
	return openevent.Open(bytes.NewReader(b), int64(len(b)), limits)
}

func requireCode(t *testing.T, err error, code string) {
	t.Helper()
	var wrong *openevent.Error
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, code, wrong.Code)
	require.NotEmpty(t, wrong.Message)
}

func TestOpenRefusesWhatIsNoReadableZip(t *testing.T) {
	t.Parallel()
	good := zipped(t, small()...)
	encrypted := bytes.Clone(good)
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	lying := bytes.Clone(good)
	binary.LittleEndian.PutUint32(lying[len(lying)-6:], 3) // where the directory begins
	for name, c := range map[string]struct {
		bytes  []byte
		limits openevent.Limits
		code   string
	}{
		"empty":             {nil, openevent.Limits{}, openevent.CodeNotAZip},
		"text":              {[]byte("<html>not found</html>"), openevent.Limits{}, openevent.CodeNotAZip},
		"truncated":         {good[:len(good)-60], openevent.Limits{}, openevent.CodeNotAZip},
		"directory damaged": {bytes.Replace(good, []byte("PK\x01\x02"), []byte("PK\x01\x09"), 1), openevent.Limits{}, openevent.CodeNotAZip},
		"encrypted":         {encrypted, openevent.Limits{}, openevent.CodeEncrypted},
		"too many entries":  {good, openevent.Limits{Entries: 9}, openevent.CodeTooManyEntries},
		"too much unpacked": {good, openevent.Limits{Unpacked: 500}, openevent.CodeUnpackedTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := openBytes(c.bytes, c.limits)
			requireCode(t, err, c.code)
		})
	}
	_, err := openBytes(good, openevent.Limits{Entries: 10})
	require.NoError(t, err)
}

func TestOpenCountsTheEntriesThemselves(t *testing.T) {
	t.Parallel()
	b := zipped(t, small()...)
	// The number beside the directory says one entry; what it is taken for
	// decides nothing.
	binary.LittleEndian.PutUint16(b[len(b)-12:], 1)
	binary.LittleEndian.PutUint16(b[len(b)-14:], 1)
	_, err := openBytes(b, openevent.Limits{Entries: 9})
	requireCode(t, err, openevent.CodeTooManyEntries)
}

func TestOpenReadsAZipWithBytesBeforeIt(t *testing.T) {
	t.Parallel()
	b := append([]byte("#!/bin/sh\nexit 1\n"), zipped(t, small()...)...)
	a, err := openBytes(b, openevent.Limits{})
	require.NoError(t, err)
	records, _ := readAll(t, a, openevent.Speakers)
	require.Len(t, records, 1)
}

func TestOpenReadsALargeZip(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for range 70_000 { // more than the 16 bits of the old directory
		_, err := w.CreateHeader(&zip.FileHeader{Name: "x", Method: zip.Store})
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	_, err := openBytes(b.Bytes(), openevent.Limits{})
	require.NoError(t, err)
	_, err = openBytes(b.Bytes(), openevent.Limits{Entries: 69_999})
	requireCode(t, err, openevent.CodeTooManyEntries)
}

func TestTheLastOfTwoEntriesHolds(t *testing.T) {
	t.Parallel()
	a := open(t, append(small(), item{"tracks", `[]`})...)
	records, issues := readAll(t, a, openevent.Tracks)
	require.Empty(t, records)
	require.Empty(t, issues)
	var found []contracts.Issue
	_, err := openevent.Check(a, func(i contracts.Issue) { found = append(found, i) })
	require.NoError(t, err)
	require.Contains(t, codes(found), openevent.CodeDuplicateEntry)
}

func TestMediaFindsOnlyFilesOfTheArchive(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"images/a.png", "../up.png", "/abs.png", "images/", "speakers", "images/Zoë.png"} {
		f, err := w.Create(name)
		require.NoError(t, err)
		if !strings.HasSuffix(name, "/") {
			_, err = io.WriteString(f, "picture")
			require.NoError(t, err)
		}
	}
	link := &zip.FileHeader{Name: "link.png"}
	link.SetMode(fs.ModeSymlink | 0o777)
	f, err := w.CreateHeader(link)
	require.NoError(t, err)
	_, err = io.WriteString(f, "/etc/passwd")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	a, err := openBytes(b.Bytes(), openevent.Limits{})
	require.NoError(t, err)

	for value, want := range map[string]bool{
		"/images/a.png": true, "images/a.png": true, "/images/Zoë.png": true,
		"": false, "/": false, "/images": false, "/images/": false, "/images/b.png": false,
		"../up.png": false, "/../up.png": false, "//abs.png": false, "/abs.png": false,
		"/images/../images/a.png": false, "/link.png": false, "/speakers": false,
		"https://media.example/images/a.png": false,
	} {
		m, ok := a.Media(value)
		require.Equal(t, want, ok, value)
		if ok {
			require.EqualValues(t, 7, m.Size)
			require.Equal(t, strings.TrimPrefix(value, "/"), m.Name)
			rc, err := m.Open()
			require.NoError(t, err)
			content, err := io.ReadAll(rc)
			require.NoError(t, err)
			require.NoError(t, rc.Close())
			require.Equal(t, "picture", string(content))
		}
	}
}

func TestIsURLTellsAddressesFromPaths(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"http://a.example/x": true, "HTTPS://a.example": true, "ftp://a.example/x": true, "//cdn.example/x.png": true,
		"/images/x.png": false, "audio/session_38.mp3": false, "x.png": false, "": false, "javascript:alert(1)": false,
	} {
		require.Equal(t, want, openevent.IsURL(value), value)
	}
}

func TestNamesThatAreNotSaidToBeUTF8AreCodePage437(t *testing.T) {
	t.Parallel()
	a := openEntries(t, entry{name: "images/Zo\x89.png", oldCodePage: true}, entry{name: "images/Lü.png", oldCodePage: true})
	for value, want := range map[string]bool{"/images/Zoë.png": true, "/images/L├╝.png": true, "/images/Lü.png": true, "/images/Zoe.png": false} {
		_, ok := a.Media(value)
		require.Equal(t, want, ok, value)
	}
}

func TestNamesWithBackslashesOrALeadingDotAreThoseWithout(t *testing.T) {
	t.Parallel()
	a := openEntries(t,
		entry{name: `.\event`, content: smallEvent}, entry{name: "./tracks", content: `[]`},
		entry{name: `images\a.png`}, entry{name: `images\`}, entry{name: `..\up.png`}, entry{name: `\abs.png`}, entry{name: "./images/b.png"})
	for value, want := range map[string]string{
		"/images/a.png": "images/a.png", `images\a.png`: "images/a.png", `.\images\a.png`: "images/a.png", "./images/b.png": "images/b.png",
		`images\`: "", `..\up.png`: "", "../up.png": "", "/../up.png": "", `\abs.png`: "", "abs.png": "", `\\abs.png`: "",
	} {
		m, ok := a.Media(value)
		require.Equal(t, want != "", ok, value)
		if ok {
			require.Equal(t, want, m.Name)
			require.False(t, m.Respelled)
		}
	}
	records, _ := readAll(t, a, openevent.Events)
	require.Len(t, records, 1)
}

func TestNamesThatNoFileCanHaveArePassedOver(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1020) + ".png" // 1024 bytes
	_, issues := readAll(t, open(t, item{long + "/tracks", "[]"}), openevent.Tracks)
	require.Equal(t, []string{openevent.CodeFileMissing}, codes(issues))
	a := openEntries(t, entry{name: "a\x00.png"}, entry{name: "x" + long}, entry{name: long}, entry{name: "b\xff.png"}, entry{name: "."})
	for value, want := range map[string]bool{"a\x00.png": false, "x" + long: false, long: true, "/./" + long: true, "b\xff.png": false, ".": false} {
		_, ok := a.Media(value)
		require.Equal(t, want, ok, value)
	}
}

func TestOpenReadsAZipWithBytesAfterIt(t *testing.T) {
	t.Parallel()
	a, err := openBytes(append(zipped(t, small()...), "\r\n--boundary--\r\n"...), openevent.Limits{})
	require.NoError(t, err)
	records, _ := readAll(t, a, openevent.Speakers)
	require.Len(t, records, 1)
}

func TestEntriesThatOverlapAreRefused(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("picture", 1000)
	picture := entry{name: "a.png", content: content}
	_, err := openBytes(packed(t, picture, picture), openevent.Limits{})
	require.NoError(t, err)
	// The second entry says that its content is as long, and has none of its own.
	_, err = openBytes(packed(t, picture, entry{name: "b.png", packed: 7000, unpacked: 7000}), openevent.Limits{})
	requireCode(t, err, openevent.CodeNotAZip)
	for _, size := range []uint64{1 << 40, 1<<64 - 1} { // in the fields of a large zip
		_, err = openBytes(packed(t, picture, picture, entry{name: "b.png", packed: size, unpacked: 1}), openevent.Limits{})
		requireCode(t, err, openevent.CodeNotAZip)
		_, err = openBytes(packed(t, picture, picture, entry{name: "b.png", packed: 1, unpacked: size}), openevent.Limits{})
		requireCode(t, err, openevent.CodeUnpackedTooLarge)
	}
}

func TestAnEntryThatLiesAboutItsSizeIsDamaged(t *testing.T) {
	t.Parallel()
	for _, unpacked := range []uint64{1, 6, 8, 1 << 20} {
		a := openEntries(t, entry{name: "a.png", content: "picture", unpacked: unpacked}, entry{name: "tracks", content: "[     ]", unpacked: unpacked})
		m, ok := a.Media("a.png")
		require.True(t, ok)
		rc, err := m.Open()
		require.NoError(t, err)
		n, err := io.Copy(io.Discard, rc)
		requireCode(t, err, openevent.CodeEntryDamaged)
		require.LessOrEqual(t, uint64(n), min(unpacked, 7))
		require.NoError(t, rc.Close())
		_, issues := readAll(t, a, openevent.Tracks)
		require.Equal(t, []string{openevent.CodeEntryDamaged}, codes(issues), unpacked)
	}
}

func TestADirectoryOfManyMegabytesIsRefused(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	comment := strings.Repeat("x", 60_000)
	for range 300 {
		_, err := w.CreateRaw(&zip.FileHeader{Name: "a", Comment: comment})
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	_, err := openBytes(b.Bytes(), openevent.Limits{})
	requireCode(t, err, openevent.CodeTooManyEntries)
}

func TestAnEntryCannotUnpackToMoreThanTheLimits(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 3<<20)
	limits := openevent.Limits{RatioFrom: 1 << 20}
	a := openWithin(t, limits, with(with(small(), "images/bomb.png", zeros), "tracks", "[\""+zeros+"\"]")...)
	m, ok := a.Media("/images/bomb.png")
	require.True(t, ok)
	rc, err := m.Open()
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, rc)
	requireCode(t, err, openevent.CodeCompressionRatio)
	require.LessOrEqual(t, n, int64(1<<20))
	require.NoError(t, rc.Close())

	records, issues := readAll(t, a, openevent.Tracks)
	require.Empty(t, records)
	require.Equal(t, []string{openevent.CodeCompressionRatio}, codes(issues))
	require.Equal(t, "tracks", issues[0].File)

	a = openWithin(t, openevent.Limits{Media: 100}, item{"a.png", zeros[:100]}, item{"b.png", zeros[:101]})
	for name, fits := range map[string]bool{"a.png": true, "b.png": false} {
		m, ok := a.Media(name)
		require.True(t, ok)
		rc, err := m.Open()
		if fits {
			require.NoError(t, err)
			require.NoError(t, rc.Close())
		} else {
			requireCode(t, err, openevent.CodeMediaTooLarge)
		}
	}
}

func TestADamagedEntryIsAnIssue(t *testing.T) {
	t.Parallel()
	b := stored(t, "tracks", `[{"id":1,"name":"Boats","color":"#fff"}]`)
	damaged := bytes.Replace(b, []byte("Boats"), []byte("Goats"), 1)
	a, err := openBytes(damaged, openevent.Limits{})
	require.NoError(t, err)
	_, issues := readAll(t, a, openevent.Tracks)
	require.Equal(t, []string{openevent.CodeEntryDamaged}, codes(issues))
	require.Equal(t, contracts.Error, issues[0].Severity)

	method := bytes.Replace(b, []byte("PK\x01\x02\x14\x00\x14\x00\x08\x00\x00"), []byte("PK\x01\x02\x14\x00\x14\x00\x08\x00\x63"), 1)
	require.NotEqual(t, b, method)
	a, err = openBytes(method, openevent.Limits{})
	require.NoError(t, err)
	_, issues = readAll(t, a, openevent.Tracks)
	require.Equal(t, []string{openevent.CodeUnsupportedCompression}, codes(issues))
}

var errAway = errors.New("the bucket is away")

// failing answers like the archive it holds until it is told to be away.
type failing struct {
	r    io.ReaderAt
	away atomic.Bool
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.away.Load() {
		return 0, errAway
	}
	return f.r.ReadAt(p, off)
}

func TestAnErrorOfTheSourceIsNeverAnIssue(t *testing.T) {
	t.Parallel()
	b := zipped(t, small()...)
	f := &failing{r: bytes.NewReader(b)}

	f.away.Store(true)
	_, err := openevent.Open(f, int64(len(b)), openevent.Limits{})
	require.ErrorIs(t, err, errAway)
	var wrong *openevent.Error
	require.NotErrorAs(t, err, &wrong)

	f.away.Store(false)
	_, err = openevent.Open(f, int64(len(b)), openevent.Limits{})
	require.NoError(t, err)
	big := largeSource(t)
	a, err := openevent.Open(big, big.size, openevent.Limits{})
	require.NoError(t, err)
	big.away.Store(true)
	report := func(i contracts.Issue) { require.Fail(t, "issue", i.String()) }
	errs := 0
	for _, err := range openevent.Records(a, openevent.Sessions, report) {
		if err != nil {
			require.ErrorIs(t, err, errAway)
			errs++
		}
	}
	require.Equal(t, 1, errs)
	_, err = openevent.Check(a, report)
	require.ErrorIs(t, err, errAway)
	require.NotErrorAs(t, err, &wrong)
}

// sized is a source that knows its size.
type sized struct {
	failing
	size int64
}

// largeSource holds an archive larger than what is read ahead, its sessions first.
func largeSource(t *testing.T) *sized {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "event", Method: zip.Store})
	require.NoError(t, err)
	_, err = io.WriteString(f, smallEvent)
	require.NoError(t, err)
	f, err = w.CreateHeader(&zip.FileHeader{Name: "sessions", Method: zip.Store})
	require.NoError(t, err)
	_, err = io.WriteString(f, "["+sessionJSON(1)+strings.Repeat(" ", 4<<20)+"]")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &sized{failing: failing{r: bytes.NewReader(b.Bytes())}, size: int64(b.Len())}
}

func TestASourceThatIsShorterThanItSaysIsNoDamagedArchive(t *testing.T) {
	t.Parallel()
	b := zipped(t, small()...)
	_, err := openevent.Open(bytes.NewReader(b), int64(len(b))+1, openevent.Limits{})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// counting counts the questions that the source is asked.
type counting struct {
	r io.ReaderAt
	n atomic.Int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.n.Add(1)
	return c.r.ReadAt(p, off)
}

func TestAnArchiveIsReadInFewQuestions(t *testing.T) {
	t.Parallel()
	b := zipped(t, small()...)
	c := &counting{r: bytes.NewReader(b)}
	a, err := openevent.Open(c, int64(len(b)), openevent.Limits{})
	require.NoError(t, err)
	_, err = openevent.Check(a, nil)
	require.NoError(t, err)
	require.LessOrEqual(t, c.n.Load(), int64(3))
}
