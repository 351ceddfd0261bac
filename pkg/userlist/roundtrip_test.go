package userlist

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/table"
)

// Whoever is in a list is read as they were written, whatever program has written it.
func TestAnyUsersAreReadBackHoweverTheirListWasWritten(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(drawnList, *rapid.T) string{
		"csv": drawnList.csv, "workbook": drawnList.workbook, "csv of Usher": ours(table.CSV), "workbook of Usher": ours(table.XLSX),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				list := drawList(t, strings.HasSuffix(name, "Usher"))
				format := table.CSV
				if strings.HasPrefix(name, "workbook") {
					format = table.XLSX
				}
				file := write(list, t)
				require.Equal(t, list.users, readBack(t, file, format), "%q", file)
			})
		})
	}
}

// readBack reads a list in which nothing is wrong.
func readBack(t *rapid.T, file string, format table.Format) []User {
	var first, users []User
	l, err := Open(strings.NewReader(file), int64(len(file)), Options{
		Name: "crew", Format: format, Rules: Rules{Invite: true},
		First: func(row Row) error {
			first = append(first, row.User)
			return nil
		},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	for row, err := range l.Rows(func(i contracts.Issue) { require.Equal(t, contracts.Info, i.Severity, "%v", i) }) {
		require.NoError(t, err)
		require.Empty(t, row.Issues, "%q", row.Cells)
		users = append(users, row.User)
	}
	require.True(t, l.Clean())
	require.Equal(t, users, first)
	return users
}

// drawnList are users, and the table that somebody has made of them.
type drawnList struct {
	users []User
	// fields are those of the columns, rows the titles and what stands below.
	fields []Field
	rows   [][]string
	// latin tells that every letter is one of Windows-1252.
	latin bool
}

func drawList(t *rapid.T, usher bool) drawnList {
	l := drawnList{latin: rapid.Bool().Draw(t, "latin")}
	l.fields = rapid.Permutation(Fields()).Draw(t, "fields")
	if rapid.Bool().Draw(t, "fewer") {
		most := rapid.IntRange(0, len(l.fields)).Draw(t, "most")
		l.fields = slices.DeleteFunc(l.fields, func(f Field) bool { return f != Nick && f != Email && slices.Index(Fields(), f) >= most })
	}
	var titles []string
	for _, field := range l.fields {
		titles = append(titles, drawTitle(t, field))
	}
	l.rows = append(l.rows, titles)
	for i := range rapid.IntRange(1, 6).Draw(t, "users") {
		var u User
		var row []string
		for _, field := range l.fields {
			text := ""
			if field == Nick || field == Email || field != Password && rapid.Bool().Draw(t, "filled") || field == Password && !usher {
				text = l.drawCell(t, &u, field, i)
			}
			if field != Password && rapid.IntRange(0, 9).Draw(t, "padded") == 0 {
				text = " " + text + "  "
			}
			row = append(row, text)
		}
		l.users, l.rows = append(l.users, u), append(l.rows, row)
	}
	return l
}

// drawTitle draws one of the names that a column of a field may have.
func drawTitle(t *rapid.T, field Field) string {
	title := rapid.SampledFrom(slices.Concat([]string{string(field)}, names[field], lesserNames[field])).Draw(t, "title")
	return rapid.SampledFrom([]func(string) string{
		func(s string) string { return s },
		strings.ToUpper,
		func(s string) string { return " " + s + " " },
		func(s string) string { return strings.ReplaceAll(s, " ", "_") },
		func(s string) string { return strings.ReplaceAll(s, " ", "") + ":" },
	}).Draw(t, "written")(title)
}

// drawCell draws what a user has for a field and returns how somebody might write it.
func (l *drawnList) drawCell(t *rapid.T, u *User, field Field, index int) string {
	sample := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, string(field)) }
	switch field {
	case Nick: // each is another
		nick := l.text(t, 18, "-", "_", ".", "a", "Z", "7", "ß", "É", "日", "ह", "л")
		u.Nick = fmt.Sprintf("%s.%d", nick, index)
		return u.Nick
	case Email:
		local := l.text(t, 20, "=", "+", "-", "a", "Z", "7", "o'h", "{", "|", "é", "日")
		u.Email = fmt.Sprintf("%s-%d@%s", local, index, sample("example.org", "sub.example.org", "bücher.example"))
		return u.Email
	case Password:
		return drawPassword(t, l, u)
	case Age:
		u.Age = new(rapid.IntRange(0, MaxAge).Draw(t, "age"))
		return strconv.Itoa(*u.Age)
	case Mobile:
		u.Mobile = sample("+4790000001", "+49 170 1234567", "+49 (0)170 / 123-45-67", "0049 170 1234567", "0170 1234567", "4711")
		return u.Mobile
	case TShirtSize:
		u.TShirtSize = sample(tshirtSizes...)
		return rapid.SampledFrom([]string{u.TShirtSize, strings.ToLower(u.TShirtSize)}).Draw(t, "size")
	case PlannedArrival:
		u.PlannedArrival = time.Date(2031, 1, rapid.IntRange(1, 365).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		return u.PlannedArrival.Format(time.DateOnly)
	case TimeZone:
		u.TimeZone = sample("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3")
		return u.TimeZone
	case Web:
		u.Web = sample("http://example.org", "https://bücher.example/ä?b=c,d;e#|f", "https://[2001:db8::1]:8080/it's") + sample("", "?=@", `"`)
		return u.Web
	case Roles:
		text := sample("organizer", "admin", "Organizer | ADMIN", "admin,organizer", "organizer;")
		u.Admin, u.RolesNamed = strings.Contains(strings.ToLower(text), "admin"), true
		return text
	}
	text := strings.TrimSpace(l.text(t, 15, "a", "Z", "7", " ", "é", "ß", "日", "😀", ",", ";", "\t", "|", `"`, `""`, "'", "O'Brien", "\n", "=", "+", "-", "@", "＝", "\u00a0", "NULL", "sep=;"))
	u.set(field, text)
	return text
}

func (u *User) set(field Field, text string) {
	switch field {
	case FirstName:
		u.FirstName = text
	case LastName:
		u.LastName = text
	case City:
		u.City = text
	case Pronoun:
		u.Pronoun = text
	case DECT:
		u.DECT = text
	case Organization:
		u.Organization = text
	}
}

// drawPassword draws a password, or a hash that another program has made of one.
func drawPassword(t *rapid.T, l *drawnList, u *User) string {
	const letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	sample := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "password") }
	switch sample("password", "bcrypt", "argon2id", "none") {
	case "password":
		u.Password = sample("", "'=", "'", " ") + l.text(t, 20, "a", "7", " ", "é", "日", ",", ";", "|", "\t", `"`, "'", "\n", "=", "+", "-", "@", "$") + "=8 signs"
		return u.Password
	case "bcrypt":
		u.PasswordHash = sample("$2a$10$", "$2b$12$", "$2y$04$") +
			rapid.StringOfN(rapid.SampledFrom([]rune(letters)), 53, 53, -1).Draw(t, "hash")
	case "argon2id":
		u.PasswordHash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	}
	require.True(t, u.PasswordHash == "" || auth.HashKnown(u.PasswordHash), u.PasswordHash)
	return u.PasswordHash
}

// text draws a text of at most so many characters that is put together from parts. An
// apostrophe before a formula is not among them: it is taken for what keeps programs
// from it.
func (l *drawnList) text(t *rapid.T, most int, parts ...string) string {
	if l.latin {
		parts = slices.DeleteFunc(parts, func(s string) bool { return strings.ContainsFunc(s, func(r rune) bool { return r > 0xff }) })
	}
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(parts), 1, most), func(all []string) string {
		letters := []rune(strings.Join(all, ""))
		return string(letters[:min(most, len(letters))])
	}).Filter(func(s string) bool {
		return table.Plain(s) == s && !strings.HasPrefix(strings.TrimSpace(s), "'")
	}).Draw(t, "text")
}

// csv writes a list as one of the many programs does.
func (l drawnList) csv(t *rapid.T) string {
	encodings := map[string]encoding.Encoding{
		"UTF-8":        encoding.Nop,
		"UTF-8 BOM":    unicode.UTF8BOM,
		"UTF-16LE BOM": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16BE BOM": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"UTF-16LE":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"UTF-16BE":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"Windows-1252": charmap.Windows1252,
	}
	all := []string{"UTF-8", "UTF-8 BOM", "UTF-16LE BOM", "UTF-16BE BOM", "UTF-16LE", "UTF-16BE"}
	if l.latin {
		all = append(all, "Windows-1252")
	}
	as := encodings[rapid.SampledFrom(all).Draw(t, "encoding")]
	delimiter := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
	end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end")
	quotes := rapid.SampledFrom([]string{"needed", "all", "some"}).Draw(t, "quotes")

	var lines []string
	if rapid.IntRange(0, 3).Draw(t, "announced") == 0 {
		lines = append(lines, "sep="+delimiter)
	}
	for _, row := range l.rows {
		var cells []string
		for i, cell := range row {
			needed := strings.ContainsAny(cell, delimiter+"\r\n") || strings.HasPrefix(strings.TrimLeft(cell, " "), `"`)
			if l.fields[i] != Password { // in one every character counts
				cell = strings.ReplaceAll(cell, "\n", end)
			}
			if needed || quotes == "all" || quotes == "some" && rapid.Bool().Draw(t, "quoted") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			cells = append(cells, cell)
		}
		lines = append(lines, strings.Join(cells, delimiter))
	}
	file, err := as.NewEncoder().String(strings.Join(lines, end) + rapid.SampledFrom([]string{"", end}).Draw(t, "last"))
	require.NoError(t, err)
	return file
}

// workbook writes a list as a program for spreadsheets does: what is a number or a date
// may be one there, too.
func (l drawnList) workbook(t *rapid.T) string {
	f := excelize.NewFile()
	defer func() { require.NoError(t, f.Close()) }()
	for y, row := range l.rows {
		for x, cell := range row {
			at, err := excelize.CoordinatesToCellName(x+1, y+1)
			require.NoError(t, err)
			var value any = cell
			if y > 0 && rapid.Bool().Draw(t, "typed") {
				switch u := l.users[y-1]; {
				case l.fields[x] == Age && u.Age != nil:
					value = *u.Age
				case l.fields[x] == PlannedArrival && !u.PlannedArrival.IsZero():
					value = u.PlannedArrival
				}
			}
			require.NoError(t, f.SetCellValue("Sheet1", at, value))
		}
	}
	var out strings.Builder
	require.NoError(t, f.Write(&out))
	return out.String()
}

// ours writes a list as Usher does, which neutralizes formulas and knows no passwords.
func ours(format table.Format) func(drawnList, *rapid.T) string {
	return func(l drawnList, t *rapid.T) string {
		var out strings.Builder
		w, err := table.NewWriter(&out, format)
		require.NoError(t, err)
		for _, row := range l.rows {
			require.NoError(t, w.Write(row))
		}
		require.NoError(t, w.Close())
		return out.String()
	}
}
