package table

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"path"
	"strconv"
	"strings"
)

const (
	// maxDirectory is how many bytes the zip's directory may have, which is held in
	// memory.
	maxDirectory = 4 << 20
	// maxSmallPart is how many bytes those parts may have that are held in memory.
	maxSmallPart = 8 << 20
)

// workbook is an Excel file as far as its cells need it.
type workbook struct {
	// files are those of the zip. Their names are the same over case.
	files map[string]*zip.File
	// sheet is the one that is read.
	sheet   *zip.File
	strings sharedStrings
	formats formats
	// from1904 tells that days are counted as on the first Macs.
	from1904 bool
}

// sheet is one sheet as the workbook lists it.
type sheet struct {
	name    string
	visible bool
	id      string
}

// openWorkbook opens the first sheet of a workbook that is visible and has anything
// in it. There is a library, excelize, which does not do here: reading row by row
// it tells text from numbers and dates by how they are shown only, takes a file
// that is cut off for one that ends, and holds the whole file in memory, with 50
// bytes beside each string. So this reads what it needs of the few parts that a
// list has, and the tests hold it to what excelize writes.
func openWorkbook(content io.ReaderAt, size int64) (*Table, error) {
	source := &source{content: content}
	if err := foreign(source, size); err != nil {
		return nil, blame(err)
	}
	w, dialect, err := readWorkbook(source, size)
	if err != nil {
		return nil, blame(err)
	}
	return &Table{dialect: dialect, records: w.records}, nil
}

// foreign tells what other file this is, if it is no zip.
func foreign(content io.ReaderAt, size int64) error {
	kind, err := magicOf(content, size)
	if err != nil {
		return err
	}
	switch kind {
	case zipFile:
		return nil
	case markupFile:
		return &Fault{Reason: WebPage}
	case oleFile:
		locked, err := encrypted(content, size)
		if err != nil {
			return err
		}
		if locked {
			return &Fault{Reason: Encrypted}
		}
		return &Fault{Reason: OldExcel}
	}
	return &Fault{Reason: NotWorkbook}
}

func readWorkbook(content *source, size int64) (*workbook, Dialect, error) {
	content.left = maxDirectory
	files, err := zip.NewReader(content, size)
	if err != nil {
		return nil, Dialect{}, err
	}
	content.left = 0
	w := &workbook{files: make(map[string]*zip.File, len(files.File))}
	for _, file := range files.File {
		w.files[partName(file.Name)] = file
	}
	if is, err := w.openDocument(); err != nil {
		return nil, Dialect{}, err
	} else if is {
		return nil, Dialect{}, &Fault{Reason: OpenDocument}
	}
	root, err := w.relationships("")
	if err != nil {
		return nil, Dialect{}, err
	}
	book := root.of("officeDocument")
	switch {
	case strings.HasSuffix(book, ".bin"):
		return nil, Dialect{}, &Fault{Reason: OldExcel}
	case w.file(book) == nil || !strings.HasPrefix(book, "xl/"):
		return nil, Dialect{}, &Fault{Reason: NotWorkbook}
	}
	parts, err := w.relationships(book)
	if err != nil {
		return nil, Dialect{}, err
	}
	sheets, err := w.sheets(w.file(book))
	if err != nil {
		return nil, Dialect{}, err
	}
	if w.formats, err = readFormats(w.file(parts.of("styles"))); err != nil {
		return nil, Dialect{}, err
	}
	if w.strings, err = readSharedStrings(w.file(parts.of("sharedStrings"))); err != nil {
		return nil, Dialect{}, err
	}
	dialect, err := w.choose(sheets, parts)
	return w, dialect, err
}

// sheets reads the list of sheets.
func (w *workbook) sheets(file *zip.File) ([]sheet, error) {
	var all []sheet
	err := eachElement(file, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			w.from1904, _ = strconv.ParseBool(attribute(e, "date1904"))
		case "sheet":
			if len(all) == MaxSheets {
				return &Fault{Reason: TooManySheets}
			}
			state := attribute(e, "state")
			all = append(all, sheet{name: attribute(e, "name"), visible: state == "" || state == "visible", id: prefixed(e, "id")})
		}
		return nil
	})
	return all, err
}

// choose takes the first visible sheet that has anything in it, and the first
// visible one where none has.
func (w *workbook) choose(sheets []sheet, parts relationships) (Dialect, error) {
	chosen := -1
	for i, s := range sheets {
		file := w.file(parts.sheet(s.id))
		if !s.visible || file == nil {
			continue
		}
		empty, err := w.isEmpty(file)
		if err != nil {
			return Dialect{}, err
		}
		if chosen < 0 || !empty {
			chosen, w.sheet = i, file
		}
		if !empty {
			break
		}
	}
	if chosen < 0 {
		return Dialect{}, &Fault{Reason: NotWorkbook, err: errors.New("no visible sheet")}
	}
	dialect := Dialect{Sheet: sheets[chosen].name}
	for i, s := range sheets {
		if i != chosen {
			dialect.Sheets = append(dialect.Sheets, s.name)
		}
	}
	return dialect, nil
}

func (w *workbook) isEmpty(file *zip.File) (bool, error) {
	r, err := w.read(file)
	if err != nil {
		return false, err
	}
	defer r.part.close()
	_, err = r.next()
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}

func (w *workbook) records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		r, err := w.read(w.sheet)
		if err == nil {
			defer r.part.close()
		}
		for err == nil {
			var rec Record
			if rec, err = r.next(); err == nil && !yield(rec, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(Record{}, blame(err))
		}
	}
}

// file returns a file of the zip, or nil.
func (w *workbook) file(name string) *zip.File { return w.files[partName(name)] }

// partName is the form in which the names of files are the same.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// relationship leads from a part to another.
type relationship struct{ id, kind, part string }

type relationships []relationship

// of returns the part of a kind, or nothing.
func (all relationships) of(kind string) string {
	for _, r := range all {
		if r.kind == kind {
			return r.part
		}
	}
	return ""
}

// sheet returns the part of the sheet with an id, or nothing where it is a chart.
func (all relationships) sheet(id string) string {
	for _, r := range all {
		if r.id == id && r.kind == "worksheet" {
			return r.part
		}
	}
	return ""
}

// relationships reads those of a part; those of no part are those of the file.
func (w *workbook) relationships(from string) (relationships, error) {
	dir, name := path.Split(from)
	file := w.file(path.Join(dir, "_rels", name+".rels"))
	if file == nil {
		return nil, nil
	}
	var all relationships
	err := eachElement(file, func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		target := attribute(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		all = append(all, relationship{id: attribute(e, "Id"), kind: path.Base(attribute(e, "Type")), part: partName(target)})
		return nil
	})
	return all, err
}

// openDocument tells a spreadsheet of LibreOffice, which says so in its first file.
func (w *workbook) openDocument() (bool, error) {
	file := w.file("mimetype")
	if file == nil {
		return false, nil
	}
	r, err := file.Open()
	if err != nil {
		return false, err
	}
	defer r.Close()
	media, err := io.ReadAll(io.LimitReader(r, 64))
	return strings.HasPrefix(string(media), "application/vnd.oasis.opendocument."), err
}
