package table

import "strings"

// What begins with a sign of these a spreadsheet takes for a formula when it opens
// CSV, and formulas can fetch addresses and start programs. They are those that
// OWASP names, also in the full width of East Asia.
var signs = []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"}

const (
	// strange are what OWASP wants no cell to begin with besides.
	strange = "\t\r\n\x00"
	// separators are behind which another cell may begin: programs that expect
	// semicolons, tabs or bars split our cells at them, quotes or not, and for them a
	// line ends where one does within a cell.
	separators = ";|\t\r\n"
	// ignored may stand before the sign: some programs strip it.
	ignored = " \u00a0\""
)

// neutral returns a cell that no spreadsheet takes for a formula: an apostrophe
// before it makes it a text. Numbers are no exception. "-3" would do no harm, but
// who opens +4917012345678 and saves it has 4917012345678 or 4.91701E+12. A cell
// that has an apostrophe there already gets another, so Plain is never in doubt.
func neutral(cell string) string {
	var out strings.Builder
	done := 0
	for i := range len(cell) {
		if begins(cell, i) && dangerous(cell[i:], i == 0) {
			out.WriteString(cell[done:i])
			out.WriteByte('\'')
			done = i
		}
	}
	if done == 0 && out.Len() == 0 {
		return cell
	}
	out.WriteString(cell[done:])
	return out.String()
}

// Plain returns what a cell was before a Writer neutralized formulas in it. A cell
// that no Writer has changed stays as it is, unless people have put an apostrophe
// before a formula, or a number with its sign, themselves.
func Plain(cell string) string {
	var out strings.Builder
	done := 0
	for i := range len(cell) {
		if cell[i] == '\'' && begins(cell, i) && dangerous(cell[i:], i == 0) {
			out.WriteString(cell[done:i])
			done = i + 1
		}
	}
	if done == 0 {
		return cell
	}
	out.WriteString(cell[done:])
	return out.String()
}

// begins tells whether a cell begins at i for some program.
func begins(cell string, i int) bool {
	return i == 0 || strings.IndexByte(separators, cell[i-1]) >= 0
}

// dangerous tells whether a text would be a formula without the apostrophes that it
// begins with; first, whether a cell begins with it for all programs.
func dangerous(text string, first bool) bool {
	text = strings.TrimLeft(text, "'")
	if first && text != "" && strings.IndexByte(strange, text[0]) >= 0 {
		return true
	}
	text = strings.TrimLeft(text, ignored)
	for _, sign := range signs {
		if strings.HasPrefix(text, sign) {
			return true
		}
	}
	return false
}
