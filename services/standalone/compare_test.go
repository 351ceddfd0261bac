package standalone_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// requireExact fails the test where differences finds any. It returns the keys
// that it came across, each as "file/key".
func requireExact(t *testing.T, who api, importID string, archive []byte) map[string]bool {
	t.Helper()
	problems, keys := differences(t, who, importID, archive)
	if n := len(problems); n > 0 {
		require.FailNow(t, fmt.Sprintf("%d differences between the archive and the API", n), strings.Join(problems[:min(n, 40)], "\n"))
	}
	return keys
}

// differences compares every field of every record of an archive with what the
// API shows of the event that it became, by the tables of
// compare_tables_test.go. The archive is read with the standard library alone.
func differences(t *testing.T, who api, importID string, archive []byte) (problems []string, keys map[string]bool) {
	t.Helper()
	c := &comparison{
		files: entries(t, archive), zone: time.UTC, keys: make(map[string]bool),
		lists: make(map[string][]resource), records: make(map[string][]record),
	}
	at := "/v1/events/" + who.succeeded(t, importID).ID
	c.event = who.url + at
	c.issues = pages[contracts.Issue](t, who, "/v1/imports/"+importID+"/issues")
	var event struct{ Data resource }
	who.get(t, at, &event)
	c.lists["events"] = []resource{event.Data}
	for _, path := range []string{"social-links", "custom-forms", "microlocations", "sponsors", "speakers", "tracks", "session-types", "sessions", "media"} {
		c.lists[path] = who.all(t, at+"/"+path)
	}
	if zone, err := time.LoadLocation(fmt.Sprint(event.Data.Attributes["timezone"])); err == nil {
		c.zone = zone
	}
	for _, table := range tables {
		c.read(t, table)
	}
	c.rebuild("tracks", "track")
	c.rebuild("microlocations", "microlocation")
	c.rebuild("session_types", "session_type")
	for _, table := range tables {
		if table.list != "" {
			c.place(c.records[table.file], table.list)
		}
	}
	c.compareRemaps(pages[remapped](t, who, "/v1/imports/"+importID+"/remaps"))
	for _, table := range tables {
		for _, r := range c.records[table.file] {
			c.compare(table, r)
		}
	}
	c.compareForms()
	c.compareMedia()
	c.compareAddresses()
	c.compareBytes(t, who)
	return c.problems, c.keys
}

// comparison is an archive beside what it became.
type comparison struct {
	files   map[string][]byte
	lists   map[string][]resource
	records map[string][]record
	issues  []contracts.Issue
	zone    *time.Location
	// forms and media are what the records say that there must be.
	forms     map[string]formField
	media     []expectedFile
	addresses []expectedAddress
	// event is where the event is served.
	event    string
	keys     map[string]bool
	problems []string
}

// record is one object of the archive, and what the API shows of it.
type record struct {
	file string
	// entry is the name of the file in the archive. A record that stands only
	// inside of a session is in that one's.
	entry   string
	rebuilt bool
	// pointer is that of the record in its entry: "/3", or "" for the event.
	pointer string
	// keys are in dialect A; spelled has their paths as the archive has them.
	keys    map[string]any
	spelled map[string]string
	shown   resource
}

// table says where each key of a file's records is to be found.
type table struct {
	file string
	// list is the path of the resources in the API; "" where a record becomes none.
	list   string
	single bool
	fields map[string]field
	// derived are attributes that no key has for itself.
	derived map[string]func(record) any
	// back are relationships that sessions have to these records, by the name
	// of the one that leads back; the sessions' side is held against the archive.
	back map[string]string
}

// field says where the value of a key is shown, and how it must compare.
type field struct {
	attribute    string
	relationship string
	rule         rule
}

// rule compares the value of one key with what is shown. It returns what is
// wrong, "" for nothing.
type rule func(c *comparison, at spot) string

// spot is one value.
type spot struct {
	record record
	// key is a path where it stands in an object inside the record.
	key           string
	source, shown any
}

func (c *comparison) wrong(r record, key, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("%s%s/%s: ", r.file, r.pointer, key)+fmt.Sprintf(format, args...))
}

// read decodes a file and writes its records in dialect A.
func (c *comparison) read(t *testing.T, table table) {
	t.Helper()
	var objects []map[string]any
	entry, there := c.entry(table.file)
	if there { // a list that is missing is empty
		if table.single {
			objects = make([]map[string]any, 1)
			require.NoError(t, c.decode(entry, &objects[0]), entry)
		} else {
			require.NoError(t, c.decode(entry, &objects), entry)
		}
	}
	records := make([]record, len(objects))
	for i, object := range objects {
		records[i] = record{file: table.file, entry: entry, spelled: make(map[string]string)}
		if !table.single {
			records[i].pointer = "/" + strconv.Itoa(i)
		}
		records[i].keys = c.snake(table.file, "", "", object, records[i].spelled)
	}
	c.records[table.file] = c.left(records)
}

// place finds the resource of each record: ids of the API rise with those of the
// records, as numbers where all are, and records without one come last. Where
// both are in order they belong together by their places.
func (c *comparison) place(records []record, list string) {
	shown := c.lists[list]
	if len(shown) != len(records) {
		c.problems = append(c.problems, fmt.Sprintf("%s: the archive has %d, the API %d", list, len(records), len(shown)))
	}
	numeric := !slices.ContainsFunc(records, func(r record) bool {
		_, err := strconv.ParseInt(textOf(r.keys["id"]), 10, 64)
		return err != nil && r.keys["id"] != nil
	})
	order := make([]int, len(records))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		one, other := textOf(records[a].keys["id"]), textOf(records[b].keys["id"])
		switch {
		case one == "" || other == "":
			return -cmp.Compare(one, other)
		case numeric:
			x, _ := strconv.ParseInt(one, 10, 64)
			y, _ := strconv.ParseInt(other, 10, 64)
			return cmp.Compare(x, y)
		}
		return cmp.Compare(one, other)
	})
	for n, i := range order[:min(len(order), len(shown))] {
		records[i].shown = shown[n]
	}
}

// compare looks at every key of a record, at those that it lacks, and at every
// attribute and relationship of its resource.
func (c *comparison) compare(table table, r record) {
	accounted := make(map[string]bool)
	c.compareKeys(r, "", r.keys, table.fields, accounted)
	for attribute, want := range table.derived {
		accounted[attribute] = true
		if got := r.shown.Attributes[attribute]; got != want(r) {
			c.wrong(r, "", "%s is %v instead of %v", attribute, got, want(r))
		}
	}
	for attribute := range r.shown.Attributes {
		if !accounted[attribute] {
			c.wrong(r, "", "no key is shown as attribute %s", attribute)
		}
	}
	for back, relationship := range table.back {
		accounted[back] = true
		var want []string
		for _, s := range c.lists["sessions"] {
			if slices.Contains(ids(s.Relationships[relationship].Data), r.shown.ID) {
				want = append(want, s.ID)
			}
		}
		if got := ids(r.shown.Relationships[back].Data); !slices.Equal(got, want) {
			c.wrong(r, "", "leads back to sessions %v instead of %v", got, want)
		}
	}
	for relationship, shown := range r.shown.Relationships {
		// One without data is a link to what the other side says.
		if !accounted[relationship] && shown.Data != nil {
			c.wrong(r, "", "no key is shown as relationship %s", relationship)
		}
	}
}

// ids are those of a relationship to many, in its order.
func ids(data any) []string {
	var all []string
	list, _ := data.([]any)
	for _, entry := range list {
		identifier, _ := entry.(map[string]any)
		all = append(all, fmt.Sprint(identifier["id"]))
	}
	return all
}

func (c *comparison) compareKeys(r record, path string, object map[string]any, fields map[string]field, accounted map[string]bool) {
	for key := range object {
		if _, ok := fields[key]; !ok && !c.unknown(r, path+key) {
			c.wrong(r, path+key, "the table does not name this key")
		}
		c.keys[r.file+"/"+path+key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		f := fields[key]
		at := spot{record: r, key: path + key, source: object[key]}
		if f.attribute != "" {
			accounted[f.attribute] = true
			shown, ok := r.shown.Attributes[f.attribute]
			if !ok {
				c.wrong(r, at.key, "the API has no attribute %s", f.attribute)
			}
			at.shown = shown
		}
		if f.relationship != "" {
			accounted[f.relationship] = true
			shown, ok := r.shown.Relationships[f.relationship]
			if !ok {
				c.wrong(r, at.key, "the API has no relationship %s", f.relationship)
			}
			at.shown = shown.Data
		}
		if inner, ok := inside[r.file+"/"+at.key]; ok {
			part, isObject := at.source.(map[string]any)
			if !isObject && at.source != nil {
				c.wrong(r, at.key, "%v is no object", at.source)
			}
			c.compareKeys(r, at.key+"/", part, inner, accounted)
			continue
		}
		if complaint := f.rule(c, at); complaint != "" {
			c.wrong(r, at.key, "%s", complaint)
		}
	}
}

// told tells whether an issue of the code stands at a value: nothing may be
// altered or left out without one.
func (c *comparison) told(at spot, codes ...string) bool {
	return slices.ContainsFunc(c.issues, func(i contracts.Issue) bool {
		pointer := at.record.pointer + "/" + at.record.as(at.key)
		return i.File == at.record.entry && (i.Pointer == pointer || strings.HasPrefix(i.Pointer, pointer+"/")) && slices.Contains(codes, i.Code)
	})
}

// remapped is one entry of the list of what ids became.
type remapped struct {
	Type     string `json:"type"`
	SourceID string `json:"source_id"`
	ID       string `json:"id"`
}

// compareRemaps holds the list of old and new ids against the records' places.
func (c *comparison) compareRemaps(all []remapped) {
	want := make(map[remapped]bool)
	for _, table := range tables {
		last := make(map[string]string)
		for _, r := range c.records[table.file] {
			if id := textOf(r.keys["id"]); id != "" && table.list != "" {
				last[id] = r.shown.ID
			}
		}
		for source, id := range last {
			want[remapped{table.list, source, id}] = true
		}
	}
	for _, entry := range all {
		if !want[entry] {
			c.problems = append(c.problems, fmt.Sprintf("remap %+v does not follow from the archive", entry))
		}
		delete(want, entry)
	}
	for entry := range want {
		c.problems = append(c.problems, fmt.Sprintf("remap %+v is missing", entry))
	}
}

// textOf gives a single value as the archive spells it, "" for none.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// pages walks a list from its first page to its last.
func pages[T any](t *testing.T, who api, path string) []T {
	t.Helper()
	var all []T
	for page := 1; ; page++ {
		var list struct {
			Data  []T `json:"data"`
			Links struct {
				Next string `json:"next"`
			} `json:"links"`
		}
		who.get(t, fmt.Sprintf("%s?page[number]=%d&page[size]=200", path, page), &list)
		all = append(all, list.Data...)
		if list.Links.Next == "" {
			return all
		}
	}
}
