package openevent

import (
	"archive/zip"
	"strings"
	"unicode/utf8"
)

// entryName returns the name of an entry as the zip's author meant it by the
// rules of the format: UTF-8 where the entry says so, else code page 437, as
// the old importers read it, too.
func entryName(f *zip.File) string {
	if !f.NonUTF8 {
		return f.Name
	}
	upper := codePage437()
	var b strings.Builder
	for i := range len(f.Name) {
		if c := f.Name[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			b.WriteRune(upper[c-utf8.RuneSelf])
		}
	}
	return b.String()
}

// codePage437 holds the upper half of the code page.
func codePage437() []rune {
	return []rune("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ" +
		"áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
		"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀" +
		"αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0")
}
