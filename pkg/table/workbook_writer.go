package table

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// maxCell is how many characters a cell has in Excel, in units of UTF-16. It calls
// a workbook damaged that has more in one.
const maxCell = 32_767

// The parts of a workbook beside its sheet. The style is the format of texts, "@":
// what people put into a cell later stays as they typed it, too.
var frame = []struct{ name, content string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="` + spreadsheetML + `" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets><sheet name="Table" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="` + spreadsheetML + `"><fonts count="1"><font/></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
		`<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`},
}

const spreadsheetML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

// workbookWriter writes a workbook as it comes: nothing of it is held, and nothing
// is put into a file meanwhile.
type workbookWriter struct {
	zip   *zip.Writer
	sheet *bufio.Writer
	rows  int
}

func newWorkbookWriter(w io.Writer) (*workbookWriter, error) {
	out := &workbookWriter{zip: zip.NewWriter(w)}
	for _, part := range frame {
		file, err := out.zip.Create(part.name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(file, xml.Header+part.content); err != nil {
			return nil, err
		}
	}
	sheet, err := out.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	out.sheet = bufio.NewWriterSize(sheet, 64<<10)
	_, err = out.sheet.WriteString(xml.Header + `<worksheet xmlns="` + spreadsheetML + `"><cols><col min="1" max="16384" width="16" style="1"/></cols><sheetData>`)
	return out, err
}

func (w *workbookWriter) Write(cells []string) error {
	if w.rows++; w.rows > maxRows {
		return fmt.Errorf("table: a sheet has %d rows at most", maxRows)
	}
	if len(cells) > MaxColumns {
		return fmt.Errorf("table: a sheet has %d columns at most", MaxColumns)
	}
	out := w.sheet
	_, _ = fmt.Fprintf(out, `<row r="%d">`, w.rows) // what fails fails at last with the last
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		_, _ = fmt.Fprintf(out, `<c r="%s%d" s="1" t="inlineStr"><is><t xml:space="preserve">`, columnName(i+1), w.rows)
		_ = xml.EscapeText(out, []byte(escaped(cut(neutral(cell)))))
		_, _ = out.WriteString("</t></is></c>")
	}
	_, err := out.WriteString("</row>")
	return err
}

func (w *workbookWriter) Close() error {
	_, err := w.sheet.WriteString("</sheetData></worksheet>")
	return errors.Join(err, w.sheet.Flush(), w.zip.Close())
}

// columnName is the name of a column: A, Z, AA.
func columnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// cut shortens a cell to what Excel takes, as Excel does when it opens CSV.
func cut(cell string) string {
	if len(cell) <= maxCell {
		return cell
	}
	units := 0
	for i, char := range cell {
		if units += max(1, utf16.RuneLen(char)); units > maxCell {
			return cell[:i]
		}
	}
	return cell
}

// escaped writes characters that XML cannot have as workbooks do, by their number,
// and each _ that would else be taken for the beginning of one.
func escaped(cell string) string {
	harmless := func(char rune) bool {
		return char >= ' ' && char < 0xfffe && char != '_' || char > 0xffff || char == '\t' || char == '\n'
	}
	if strings.IndexFunc(cell, func(char rune) bool { return !harmless(char) }) < 0 {
		return cell
	}
	var out strings.Builder
	for i, char := range cell {
		if harmless(char) || char == '_' && !numbered(cell[i+1:]) {
			out.WriteRune(char)
			continue
		}
		_, _ = fmt.Fprintf(&out, "_x%04X_", char)
	}
	return out.String()
}

// numbered tells whether a text begins like the number in an escape.
func numbered(text string) bool {
	if len(text) < 5 || text[0] != 'x' {
		return false
	}
	for _, digit := range []byte(text[1:5]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(digit)) {
			return false
		}
	}
	return true
}
