package hostile

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// Lists are hostile lists of users.
func Lists() []Case {
	const titles = "nick,email,password\n"
	of := func(name, refused, failed string, file func() string, issues ...string) Case {
		return Case{
			Name: "list: " + name, List: true, Refused: refused, Failed: failed, Issues: issues,
			File: func() []byte { return []byte(file()) },
		}
	}
	return []Case{
		of("a cell of 50 MiB", "", badList, func() string {
			return titles + strings.Repeat("x", 50<<20) + ",a@crew.example,the horse of a\n"
		}, "row_too_long"),
		of("a quotation mark that never ends", "", badList, func() string {
			return titles + `"` + strings.Repeat("ada,a@crew.example,the horse of a\n", 500_000)
		}, "row_too_long"),
		of("a million rows", "", badList, func() string {
			var b strings.Builder
			b.WriteString(titles)
			for i := range 1_000_000 {
				fmt.Fprintf(&b, "u%d,u%d@crew.example,the horse of %d\n", i, i, i)
			}
			return b.String()
		}, "too_many_users"),
		of("a million bad rows", "", badList, func() string {
			return titles + strings.Repeat("a b,x,y\n", 1_000_000)
		}, "email_invalid", "email_repeated", "nick_characters", "nick_repeated", "password_too_short"),
		of("half a million columns", "", badList, func() string {
			return titles + strings.Repeat("x,", 500_000) + "\n"
		}, "row_ragged"),
		of("two hundred thousand titles", "", badList, func() string {
			return strings.Repeat("nick,", 200_000) + "\n"
		}, "column_twice"),
		of("NUL at the beginning", "not_a_list", "", func() string { return "nick\x00," + titles }),
		of("NUL far behind", "", badList, func() string {
			return titles + strings.Repeat("\n", 600) + "a\x00da,a@crew.example,the horse of a\n"
		}, "nick_characters"),
		of("UTF-16", "not_a_list", "", func() string {
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune(titles)) {
				b.Write([]byte{byte(unit), byte(unit >> 8)})
			}
			return b.String()
		}),
		of("Latin-1", "", badList, func() string { return titles + "z\xf6e,zoe@crew.example,the horse of z\n" }, "not_utf8"),
		of("66 MiB", "too_large", "", func() string { return titles + strings.Repeat("\n", 66<<20) }),
		of("an archive", "not_a_list", "", func() string { return string(archive()) }),
	}
}
