package upload

import (
	"bufio"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The part that holds the file, and what is put up with before it comes:
// so many parts in all, each other one of so many bytes.
const (
	filePart = "file"
	maxParts = 20
	maxOther = 64 << 10
)

// maxFileName is how much is kept of what a client calls its file, in bytes.
const maxFileName = 255

// file is the part that holds what is uploaded, not read yet but for its first bytes.
type file struct {
	name    string
	content *bufio.Reader
	// mapping is the part that says what columns hold.
	mapping []byte
}

// limited yields the content, and errTooLarge where there is more of it than the limit.
func (f *file) limited(limit int64) io.Reader { return &atMost{r: f.content, left: limit} }

// findFile reads the form up to its part "file" and looks at how that begins.
// Of what comes before it only the mapping is kept.
func (u *Receiver) findFile(r *http.Request, b *body, sent sourceType) (*file, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return nil, errNotMultipart
	}
	if b.tooLarge() {
		return nil, errTooLarge
	}
	form := multipart.NewReader(b, params["boundary"])
	var mapping []byte
	for range maxParts {
		part, err := form.NextPart()
		if err == io.EOF { //nolint:errorlint // bare: the form is complete; wrapped it is cut off
			return nil, errFileMissing
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() == filePart {
			f, err := openFile(part, sent.looks)
			if f != nil {
				f.mapping = mapping
			}
			return f, err
		}
		other, err := io.ReadAll(io.LimitReader(part, maxOther+1))
		if err != nil {
			return nil, err
		}
		if len(other) > maxOther {
			return nil, errPartTooLarge
		}
		if u.mapped && part.FormName() == mappingPart {
			mapping = other
		}
	}
	return nil, errTooManyParts
}

// looked is how many bytes of a file are looked at before the rest is taken.
const looked = 512

func openFile(part *multipart.Part, looks func(start []byte) error) (*file, error) {
	content := bufio.NewReader(part)
	start, err := content.Peek(looked)
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case len(start) == 0:
		return nil, errFileEmpty
	}
	if err := looks(start); err != nil {
		return nil, err
	}
	return &file{name: fileName(part), content: content}, nil
}

// fileName is what the client calls the file, for people to recognise it by:
// without folders, in one line, of bounded length.
func fileName(part *multipart.Part) string {
	// Not part.FileName: it knows the separators of this system only.
	_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	name := strings.ToValidUTF8(params["filename"], "�")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name))
	for len(name) > maxFileName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	return name
}
