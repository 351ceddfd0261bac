//go:build samples

package openevent_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// Nothing of a real archive is lost silently: each record, read here with the
// standard library alone, is yielded or named in an issue, and each of its keys
// is a field, kept among the unknown, or documented as not imported.
func TestEveryRecordAndKeyOfTheSamplesIsAccountedFor(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(samplesFolder(t), "*.zip"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			files := readPlainly(t, path)
			c := countOff{archive: openSample(t, path), files: files}
			c.archive.Mode = contracts.Lenient
			summary, err := openevent.Check(c.archive, func(i contracts.Issue) { c.issues = append(c.issues, i) })
			require.NoError(t, err)
			c.archive.Rebuild(summary.Rebuilt...)
			countRecords(t, &c, openevent.Events, "event", "events")
			countRecords(t, &c, openevent.Forms, "forms", "custom_forms")
			countRecords(t, &c, openevent.Microlocations, "microlocations")
			countRecords(t, &c, openevent.Sponsors, "sponsors")
			countRecords(t, &c, openevent.Speakers, "speakers")
			countRecords(t, &c, openevent.Tracks, "tracks")
			countRecords(t, &c, openevent.SessionTypes, "session_types")
			countRecords(t, &c, openevent.Sessions, "sessions")
			// The links beside the event are its own, or an issue says what became of them.
			if links, ok := c.take("social_links"); ok {
				event, _ := readAll(t, c.archive, openevent.Events)
				if len(event[0].Value.SocialLinks) != len(links) {
					require.Contains(t, codes(c.issues), openevent.CodeSocialLinksFile)
				}
			}
			// These two are for other programs; the page about archives says that they are not read.
			c.take("meta")
			c.take("config")
			require.Empty(t, slices.Collect(maps.Keys(c.files)), "files of JSON that nobody has looked at")
			t.Logf("%d records, %d keys", c.records, c.keys)
		})
	}
}

// countOff goes through an archive.
type countOff struct {
	archive       *openevent.Archive
	files         map[string][]map[string]any
	issues        []contracts.Issue
	records, keys int
}

// take removes a file by one of its names.
func (c *countOff) take(names ...string) ([]map[string]any, bool) {
	for _, name := range names {
		if records, ok := c.files[name]; ok {
			delete(c.files, name)
			return records, true
		}
	}
	return nil, false
}

func countRecords[T any](t *testing.T, c *countOff, f openevent.File[T], names ...string) {
	t.Helper()
	want, _ := c.take(names...)
	yielded := make(map[int]openevent.Record[T])
	made := 0
	for r, err := range openevent.Records(c.archive, f, nil) {
		require.NoError(t, err)
		if strings.HasPrefix(r.Origin(), "inline:") {
			continue // of a session's copy, which is a reference there
		}
		yielded[r.Index] = r
		made++
	}
	for index, record := range want {
		c.records++
		r, ok := yielded[index]
		if !ok {
			require.True(t, slices.ContainsFunc(c.issues, func(i contracts.Issue) bool {
				return strings.HasPrefix(i.File, names[len(names)-1]) && i.RecordIndex != nil && *i.RecordIndex == index
			}), "record %d of %s is neither made nor named: %v", index, names[0], record["id"])
			continue
		}
		require.Equal(t, idText(record["id"]), r.ID, "record %d of %s", index, names[0])
		var unknown map[string]any
		if kept := r.Unknown(); kept != nil {
			require.NoError(t, json.Unmarshal(kept, &unknown))
		}
		c.countKeys(t, names[0], "", record, openevent.Fields(f.Type), unknown)
	}
	require.LessOrEqual(t, made, len(want), "nothing is invented in %s", names[0])
}

func idText(id any) string {
	if id == nil {
		return ""
	}
	return fmt.Sprint(id)
}

var notInNames = strings.NewReplacer("-", "_", " ", "_")

// countKeys accounts for the keys of an object, and of those inside it that are
// read by a table of their own.
func (c *countOff) countKeys(t *testing.T, file, path string, object map[string]any, fields []openevent.Field, unknown map[string]any) {
	t.Helper()
	for key, value := range object {
		c.keys++
		name := strings.ToLower(notInNames.Replace(key))
		i := slices.IndexFunc(fields, func(f openevent.Field) bool { return f.Name == name || slices.Contains(f.Aliases, name) })
		if i < 0 {
			kept, ok := unknown[path+key]
			require.True(t, ok, "%s: %s%s is no field, and not kept", file, path, key)
			require.Equal(t, value, kept, "%s: %s%s", file, path, key)
			continue
		}
		// What stands inside of a reference is a copy of the record there, and
		// a form is JSON of its own.
		switch inner := value.(type) {
		case map[string]any:
			if fields[i].Kind == openevent.KindObject {
				c.countKeys(t, file, path+key+"/", inner, fields[i].Fields, unknown)
			}
		case []any:
			for n, element := range inner {
				if e, ok := element.(map[string]any); ok && fields[i].Kind == openevent.KindList {
					c.countKeys(t, file, fmt.Sprint(path, key, "/", n, "/"), e, fields[i].Fields, unknown)
				}
			}
		}
	}
}

var missingComma = regexp.MustCompile(`\}\s*\{`)

// readPlainly reads all JSON of an archive, by the names that its files would
// have without an extension.
func readPlainly(t *testing.T, path string) map[string][]map[string]any {
	t.Helper()
	z, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, z.Close()) }()
	files := make(map[string][]map[string]any)
	for _, f := range z.File {
		if f.FileInfo().IsDir() || strings.Contains(f.Name, "/") {
			continue
		}
		name := strings.TrimSuffix(f.Name, ".json")
		if strings.Contains(name, ".") {
			continue
		}
		r, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		if filepath.Base(path) == "fossasia11-kebab-broken-json.zip" && name == "session_types" {
			content = missingComma.ReplaceAll(content, []byte("},{"))
		}
		content = bytes.TrimPrefix(content, []byte("\ufeff"))
		var list []map[string]any
		if bytes.HasPrefix(bytes.TrimSpace(content), []byte("{")) {
			list = make([]map[string]any, 1)
			err = json.Unmarshal(content, &list[0])
		} else {
			err = json.Unmarshal(content, &list)
		}
		require.NoError(t, err, "%s: %s", path, f.Name)
		files[name] = list
	}
	return files
}
