package command

import (
	"archive/zip"
	"errors"
	"io"
	"path/filepath"
	"strings"

	tables "github.com/usher-events/usher/pkg/table"
)

// listFormat tells a list of users from an archive: it returns how the list is
// written, and nothing for an archive. A zip tells by what is in it, since a workbook
// is one as well; anything else by its name.
func listFormat(name string, content io.ReaderAt, size int64) (tables.Format, error) {
	entries, err := zip.NewReader(content, size)
	if err == nil {
		for _, entry := range entries.File {
			if entry.Name == "xl/workbook.xml" {
				return tables.XLSX, nil
			}
		}
	} else if !errors.Is(err, zip.ErrFormat) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		return tables.CSV, nil
	case ".xlsx", ".xls", ".xlsm", ".ods":
		return tables.XLSX, nil // or what was meant to be one
	}
	return "", nil
}
