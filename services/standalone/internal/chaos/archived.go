package chaos

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// archived is what an archive says that an event was exported to, in such a way that the
// exports of two imports of one cargo are equal: ids, which are those of rows, are the
// places of their records, and paths of files are the files' bytes.
type archived struct {
	// totals are what an import would make of it, told what its export has told.
	totals, told map[contracts.EntityType]int
	// files are the hashes of what each of its data files says, media those of its other
	// files, and notes what an import would say of it.
	files        map[string]string
	media, notes []string
}

// readArchive reads it. That an import would find an error in it is one.
func readArchive(content []byte) (archived, error) {
	made := archived{files: make(map[string]string)}
	reader := bytes.NewReader(content)
	a, err := openevent.Open(reader, reader.Size(), openevent.DefaultLimits())
	if err != nil {
		return made, err
	}
	var errs []error
	summary, err := openevent.Check(a, func(i contracts.Issue) {
		if i.Severity == contracts.Error {
			errs = append(errs, fmt.Errorf("%s%s: %s", i.File, i.Pointer, i.Message))
		}
		made.notes = append(made.notes, fmt.Sprintf("%s in %s%s", i.Code, i.File, i.Pointer))
	})
	if err = errors.Join(append(errs, err)...); err != nil {
		return made, err
	}
	made.totals = summary.Totals
	return made, made.read(reader)
}

// read takes up what its files say.
func (a *archived) read(content *bytes.Reader) error {
	z, err := zip.NewReader(content, content.Size())
	if err != nil {
		return err
	}
	p := plain{places: make(map[string]map[string]int), media: make(map[string]string)}
	data := make(map[string]any)
	for _, entry := range z.File {
		file, err := entry.Open()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(file)
		if err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
		if strings.Contains(entry.Name, "/") {
			p.media["/"+entry.Name] = hash(text)
			a.media = append(a.media, hash(text))
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var document any
		if err := decoder.Decode(&document); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
		data[entry.Name] = document
		p.learn(entry.Name, document)
	}
	slices.Sort(a.media)
	for name, document := range data {
		text, err := json.Marshal(p.value(name, document))
		if err != nil {
			return err
		}
		a.files[name] = hash(text)
	}
	return nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// plain makes values of an archive such that those of another export are the same.
type plain struct {
	// places are those of records in their files, by file and id.
	places map[string]map[string]int
	// media are the hashes of files by how records name them.
	media map[string]string
}

// learn takes up which ids the records of a file have.
func (p plain) learn(file string, document any) {
	records, _ := document.([]any)
	p.places[file] = make(map[string]int)
	for n, r := range records {
		if record, ok := r.(map[string]any); ok {
			p.places[file][fmt.Sprint(record["id"])] = n
		}
	}
}

// refers are the keys of sessions whose ids are of other files.
var refers = map[string]string{
	"track": "tracks", "microlocation": "microlocations", "session_type": "session_types", "speakers": "speakers",
}

// value is a value within records of a file, of which place is told where an id is. What
// has an id and no file, such as a link, is without it.
func (p plain) value(file string, of any) any {
	switch v := of.(type) {
	case []any:
		var all []any
		for _, one := range v {
			all = append(all, p.value(file, one))
		}
		return all
	case map[string]any:
		all := make(map[string]any)
		for key, one := range v {
			switch place, known := p.places[file][fmt.Sprint(one)]; {
			case key == "id" && known:
				all[key] = place
			case key == "id" || key == "identifier":
			default:
				all[key] = p.value(refers[key], one)
			}
		}
		return all
	case string:
		if file, ok := p.media[v]; ok {
			return file
		}
	}
	return of
}

// differences tells where two archives differ.
func (a archived) differences(want archived) string {
	var all []string
	if !maps.Equal(a.totals, want.totals) {
		all = append(all, fmt.Sprintf("it has %v, not %v", a.totals, want.totals))
	}
	if !maps.Equal(a.told, want.told) {
		all = append(all, fmt.Sprintf("its result tells of %v, not of %v", a.told, want.told))
	}
	for _, name := range slices.Sorted(maps.Keys(want.files)) {
		if a.files[name] != want.files[name] {
			all = append(all, name+" says something else")
		}
	}
	if len(a.files) != len(want.files) || !slices.Equal(a.media, want.media) {
		all = append(all, fmt.Sprintf("it has %d other files", len(a.media)))
	}
	if !slices.Equal(a.notes, want.notes) {
		all = append(all, fmt.Sprintf("an import would say %q, not %q", a.notes, want.notes))
	}
	return strings.Join(all, ", ")
}
