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
		}, "list_format", "row_too_long"),
		of("a quotation mark that never ends", "", badList, func() string {
			return titles + `"` + strings.Repeat("ada,a@crew.example,the horse of a\n", 500_000)
		}, "list_format", "row_too_long"),
		of("more than a million rows", "", badList, func() string {
			var b strings.Builder
			b.WriteString("nick,email\n")
			for i := range 1_000_001 {
				fmt.Fprintf(&b, "u%d,u%d@crew.example\n", i, i)
			}
			return b.String()
		}, "invited", "list_format", "too_many_users"),
		of("a million bad rows", "", badList, func() string {
			return titles + strings.Repeat("a b,x,y\n", 1_000_000)
		}, "email_invalid", "list_format", "nick_characters", "password_too_short"),
		of("half a million columns", "", badList, func() string {
			return titles + strings.Repeat("x,", 500_000) + "\n"
		}, "list_format", "too_many_columns"),
		of("two hundred thousand titles", "", badList, func() string {
			return strings.Repeat("nick,", 200_000) + "\n"
		}, "list_format", "too_many_columns"),
		of("NUL at the beginning", "", badList, func() string { return "nick\x00," + titles }, "column_twice", "list_format"),
		of("NUL far behind", "", badList, func() string {
			return titles + strings.Repeat("\n", 600) + "a\x00da,a@crew.example,the horse of a\n"
		}, "list_format", "nick_characters"),
		of("UTF-16", "", badList, func() string {
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune(titles)) {
				b.Write([]byte{byte(unit), byte(unit >> 8)})
			}
			return b.String()
		}, "list_empty", "list_format"),
		of("Latin-1 that says it is UTF-8", "", badList, func() string {
			return "\ufeffnick,email,city\nzoe,zoe@crew.example,K\xf6ln\n"
		}, "invited", "list_format", "not_utf8"),
		of("66 MiB of blank lines", "", badList, func() string { return titles + strings.Repeat("\n", 66<<20) }, "list_empty", "list_format"),
		of("an archive", "not_a_list", "", func() string { return string(archive()) }),
	}
}
