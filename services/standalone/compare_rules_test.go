package standalone_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/contracttest"
)

// dropped is the rule of a key that the format has, and an import does not.
func dropped(reason string) rule {
	return func(*comparison, spot) string {
		if reason == "" {
			return "a key is dropped for no reason"
		}
		return ""
	}
}

// text stays as it is to the last byte; an empty one is none.
func text(_ *comparison, at spot) string {
	return same(at, none(textOf(at.source)))
}

// label is text that the API shows as empty where there is none: lists are read by it.
func label(_ *comparison, at spot) string { return same(at, textOf(at.source)) }

// word is text that can have no blanks around it.
func word(_ *comparison, at spot) string {
	return same(at, none(strings.TrimSpace(textOf(at.source))))
}

// anyCase is word that is shown in the case in which others write it.
func anyCase(_ *comparison, at spot) string {
	value := strings.TrimSpace(textOf(at.source))
	if shown, _ := at.shown.(string); value != "" && strings.EqualFold(shown, value) {
		return ""
	}
	return same(at, none(value))
}

// oneOf is a word out of a few, in lower case; another one stays.
func oneOf(words ...string) rule {
	return func(c *comparison, at spot) string {
		value := strings.TrimSpace(textOf(at.source))
		lower := strings.Replace(strings.ToLower(value), "cancelled", "canceled", 1)
		if value == "" || slices.Contains(words, lower) {
			return same(at, none(lower))
		}
		return altered(c, at, value, "unknown_value")
	}
}

// language is the English name of a language; another word stays.
func language(c *comparison, at spot) string {
	value := strings.TrimSpace(textOf(at.source))
	switch strings.ToLower(value) {
	case "":
		return same(at, nil)
	case "en", "english":
		return same(at, "English")
	case "de", "german", "deutsch":
		return same(at, "German")
	}
	if c.told(at, "unknown_value") {
		return same(at, value)
	}
	return anyCase(c, at)
}

var (
	webAddress  = regexp.MustCompile(`^(?i:https?|ftp)://[^\s<>"]+$`)
	withScheme  = regexp.MustCompile(`^(?i:https?|ftp)://.`)
	mailAddress = regexp.MustCompile(`^\S+@\S+\.\S+$`)
	hexColour   = regexp.MustCompile(`^(?i:#[0-9a-f]{3}|#[0-9a-f]{6})$`)
	hexDigits   = regexp.MustCompile(`^(?i:[0-9a-f]{3}|[0-9a-f]{6})$`)
	freshName   = regexp.MustCompile(`^[0-9a-f]{8}$`)
	fineName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
)

// email is left out where it is none.
func email(c *comparison, at spot) string {
	value := strings.TrimSpace(textOf(at.source))
	if value == "" || mailAddress.MatchString(value) {
		return same(at, none(value))
	}
	return altered(c, at, nil, "invalid_email")
}

// colour is left out where it is none. Of names there are too many to list.
func colour(c *comparison, at spot) string {
	value := strings.TrimSpace(textOf(at.source))
	if value == "" || hexColour.MatchString(value) || at.shown == value {
		return same(at, none(value))
	}
	if hexDigits.MatchString(value) {
		return altered(c, at, "#"+value, "color_corrected")
	}
	return altered(c, at, nil, "invalid_color")
}

// address is an absolute URL; one that lacks its scheme gets it, and one with
// blanks in it stays as it is.
func address(c *comparison, at spot) string {
	value := strings.TrimSpace(textOf(at.source))
	switch {
	case value == "" || webAddress.MatchString(value):
		return same(at, none(value))
	case withScheme.MatchString(value):
		return altered(c, at, value, "invalid_url")
	case strings.HasPrefix(value, "//") && c.told(at, "url_without_scheme"):
		return same(at, "https:"+value)
	case c.told(at, "url_without_scheme"):
		return same(at, "http://"+value)
	}
	return altered(c, at, nil, "invalid_url")
}

// corrections are the zones that archives mean by what is no name of one.
var corrections = map[string]string{"Hawaii-Aleutian": "Pacific/Honolulu", "Asia/Vietnum": "Asia/Ho_Chi_Minh", "US / Eastern": "US/Eastern", "UTC+07:00": "Etc/GMT-7"}

// zone is the name of a time zone.
func zone(fallback string) rule {
	return func(c *comparison, at spot) string {
		value := strings.TrimSpace(textOf(at.source))
		if value == "" {
			return same(at, none(fallback))
		}
		if _, err := time.LoadLocation(value); err == nil {
			return same(at, value)
		}
		if name, ok := corrections[value]; ok {
			return altered(c, at, name, "timezone_corrected")
		}
		return altered(c, at, "UTC", "unknown_timezone")
	}
}

// identifier stays where it is free and fits into an address.
func identifier(c *comparison, at spot) string {
	value, shown := strings.TrimSpace(textOf(at.source)), fmt.Sprint(at.shown)
	switch {
	case value != "" && shown == value && fineName.MatchString(value):
		return ""
	case !freshName.MatchString(shown):
		return fmt.Sprintf("%s is no identifier", shown)
	case value != "" && !c.told(at, "identifier_taken", "invalid_identifier"):
		return fmt.Sprintf("%s became %s without an issue", value, shown)
	}
	return ""
}

// number compares by value: 3 and 3.0 are the same.
func number(c *comparison, at spot) string {
	value := strings.TrimSpace(textOf(at.source))
	if value == "" {
		return same(at, nil)
	}
	want, err := strconv.ParseFloat(value, 64)
	if err != nil {
		if want, err = strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); err == nil {
			return altered(c, at, want, "number_corrected")
		}
		return err.Error()
	}
	return same(at, want)
}

func boolean(_ *comparison, at spot) string {
	switch strings.ToLower(textOf(at.source)) {
	case "":
		return same(at, nil)
	case "1", "yes", "on":
		return same(at, true)
	case "0", "no", "off":
		return same(at, false)
	}
	return same(at, at.source)
}

// instant is a point in time; one without an offset is in the event's zone.
func instant(c *comparison, at spot) string { return instantIn(c, at, c.zone) }

// callInstant is in the zone of the call for papers, where it has one.
func callInstant(c *comparison, at spot) string {
	call, _ := at.record.keys["call_for_papers"].(map[string]any)
	name := textOf(call["timezone"])
	if corrected, ok := corrections[name]; ok {
		name = corrected
	}
	if own, err := time.LoadLocation(name); err == nil && name != "" {
		return instantIn(c, at, own)
	}
	return instantIn(c, at, c.zone)
}

func instantIn(c *comparison, at spot, in *time.Location) string {
	value := strings.TrimSpace(textOf(at.source))
	if value == "" {
		return same(at, nil)
	}
	want, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		want, err = time.ParseInLocation("2006-01-02T15:04:05", strings.Replace(value, " ", "T", 1), in)
	}
	if err != nil {
		// These numbers may have one digit, and the offset is none or there.
		if want, err = time.Parse("2006-1-2T15:4:5Z07:00", value); err != nil {
			want, err = time.ParseInLocation("2006-1-2T15:4:5", value, in)
		}
		if err == nil && !c.told(at, "time_corrected") {
			return fmt.Sprintf("%s became %v without an issue", value, at.shown)
		}
	}
	if err != nil {
		return altered(c, at, nil, "invalid_time")
	}
	got, err := time.Parse(time.RFC3339Nano, fmt.Sprint(at.shown))
	if err != nil || !got.Equal(want) {
		return fmt.Sprintf("%s became %v", value, at.shown)
	}
	if clock := got.In(c.zone).Format(time.RFC3339Nano); at.shown != clock {
		return fmt.Sprintf("%v is not the clock of %s: %s", at.shown, c.zone, clock)
	}
	return ""
}

// reference leads to the last record of a file that has the id.
func reference(file string, copies ...string) rule {
	return func(c *comparison, at spot) string {
		want, complaint := c.lead(at, at.source, file, copies)
		if complaint == "" && linked(at.shown) != want {
			complaint = fmt.Sprintf("leads to %q instead of %q", linked(at.shown), want)
		}
		return complaint
	}
}

// references is reference for a list; its order stays.
func references(file string, copies ...string) rule {
	return func(c *comparison, at spot) string {
		list, _ := at.source.([]any)
		var want, got []string
		for _, element := range list {
			id, complaint := c.lead(at, element, file, copies)
			if complaint != "" {
				return complaint
			}
			if id != "" && !slices.Contains(want, id) {
				want = append(want, id)
			}
		}
		shown, _ := at.shown.([]any)
		for _, s := range shown {
			got = append(got, linked(s))
		}
		if !slices.Equal(want, got) {
			return fmt.Sprintf("leads to %v instead of %v", got, want)
		}
		return ""
	}
}

// lead returns the id of the resource that a reference leads to.
func (c *comparison) lead(at spot, ref any, file string, copies []string) (string, string) {
	if object, ok := ref.(map[string]any); ok {
		for key := range object {
			c.keys[at.record.file+"/"+at.key+"/"+key] = true
			if key != "id" && !slices.Contains(copies, key) {
				return "", fmt.Sprintf("the table does not name the key %s as %s", key, copied)
			}
		}
		ref = object["id"]
	}
	source, id := textOf(ref), ""
	for _, r := range c.records[file] {
		if source != "" && textOf(r.keys["id"]) == source {
			id = r.shown.ID
		}
	}
	if _, there := c.entry(file); source != "" && id == "" && there && !c.told(at, "dangling_reference") {
		return "", fmt.Sprintf("id %s is not in %s, and no issue says so", source, file)
	}
	return id, ""
}

func linked(shown any) string {
	object, _ := shown.(map[string]any)
	id, _ := object["id"].(string)
	return id
}

// socialLinks are resources of their own.
func socialLinks(c *comparison, at spot) string {
	list, _ := at.source.([]any)
	records := make([]record, len(list))
	for i, element := range list {
		object, _ := element.(map[string]any)
		records[i] = record{file: "event", entry: at.record.entry, pointer: "/" + at.record.as("social_links") + "/" + strconv.Itoa(i), keys: object}
	}
	c.place(records, "social-links")
	for _, r := range records {
		c.compare(table{fields: inside["social_links"]}, r)
	}
	return ""
}

// formField is what a form says of one field.
type formField struct{ Require, Include int }

// form is JSON inside of a text; each of its fields is a resource.
func form(name string) rule {
	return func(c *comparison, at spot) string {
		if textOf(at.source) == "" {
			return ""
		}
		var fields map[string]formField
		decoder := json.NewDecoder(strings.NewReader(textOf(at.source)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&fields); err != nil {
			return err.Error()
		}
		if c.forms == nil {
			c.forms = make(map[string]formField)
		}
		for field, flags := range fields {
			c.forms[at.record.pointer+" "+name+" "+field] = flags
		}
		return ""
	}
}

func (c *comparison) compareForms() {
	want := make(map[string]formField)
	for name, flags := range c.forms {
		_, name, _ = strings.Cut(name, " ")
		want[name] = flags
	}
	if len(c.lists["custom-forms"]) != len(c.forms) {
		c.problems = append(c.problems, fmt.Sprintf("custom-forms: the archive has %d, the API %d", len(c.forms), len(c.lists["custom-forms"])))
	}
	for _, shown := range c.lists["custom-forms"] {
		name := fmt.Sprint(shown.Attributes["form"], " ", shown.Attributes["field-identifier"])
		flags, ok := want[name]
		if !ok || len(shown.Attributes) != 4 || shown.Attributes["is-required"] != (flags.Require == 1) || shown.Attributes["is-included"] != (flags.Include == 1) {
			c.problems = append(c.problems, fmt.Sprintf("custom-forms: %v instead of %s %+v", shown.Attributes, name, flags))
		}
	}
}

// expectedFile is what a record says of a file of the archive.
type expectedFile struct {
	at   spot
	kind string
	path string
}

// expectedAddress is an attribute that shows where a file is served: the record's
// own, or a copy of another picture of the record.
type expectedAddress struct {
	at                spot
	original, variant string
}

// upload is a URL, which stays, or the path of a file, which is a resource.
func upload(kind string) rule {
	return func(c *comparison, at spot) string {
		value := strings.TrimSpace(textOf(at.source))
		if strings.Contains(value, "://") {
			return same(at, value)
		}
		if strings.Contains(value, `\`) {
			value = strings.ReplaceAll(value, `\`, "/")
			if !c.told(at, "media_name") {
				return fmt.Sprintf("%s became %s without an issue", at.source, value)
			}
		}
		if value != "" {
			c.media = append(c.media, expectedFile{at, kind, value})
		}
		c.addresses = append(c.addresses, expectedAddress{at: at})
		return ""
	}
}

// copyOf is upload for a smaller copy of another picture of the record: where
// the archive has none, one is made of that.
func copyOf(original, variant string) rule {
	return func(c *comparison, at spot) string {
		before := len(c.addresses)
		complaint := upload("image")(c, at)
		for i := range c.addresses[before:] {
			c.addresses[before+i].original, c.addresses[before+i].variant = original, variant
		}
		return complaint
	}
}

// mediaOf returns the resource of what a field of a record names.
func (c *comparison) mediaOf(r record, field string) (resource, bool) {
	owner := ""
	for _, table := range tables {
		if table.file == r.file {
			owner = table.list
		}
	}
	var found []resource
	for _, m := range c.lists["media"] {
		if m.Attributes["owner-type"] == owner && m.Attributes["owner-id"] == r.shown.ID && m.Attributes["field"] == field {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		return resource{}, false
	}
	return found[0], true
}

// compareAddresses holds the attributes that name files against where the files
// are served.
func (c *comparison) compareAddresses() {
	for _, a := range c.addresses {
		var want any
		if own, ok := c.mediaOf(a.at.record, a.at.key); ok && own.Attributes["state"] == "stored" {
			want = c.event + "/media/" + own.ID + "/original"
		} else if original, ok := c.mediaOf(a.at.record, a.original); ok && isPicture(original.Attributes["content-type"]) {
			want = c.event + "/media/" + original.ID + "/" + a.variant
		}
		if a.at.shown != want {
			c.wrong(a.at.record, a.at.key, "is shown as %v instead of %v", a.at.shown, want)
		}
	}
}

// compareBytes fetches every stored file from where it is served.
func (c *comparison) compareBytes(t *testing.T, who api) {
	t.Helper()
	for _, m := range c.lists["media"] {
		if m.Attributes["state"] != "stored" {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.event+"/media/"+m.ID+"/original", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+who.token)
		res, err := contracttest.Client(t, client).Do(req)
		require.NoError(t, err)
		served, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		path, _ := m.Attributes["path"].(string)
		if res.StatusCode != http.StatusOK || !bytes.Equal(served, c.files[strings.TrimPrefix(path, "/")]) {
			c.problems = append(c.problems, fmt.Sprintf("media %s: %d with %d bytes is not %s", m.ID, res.StatusCode, len(served), path))
		}
	}
}

// isPicture tells the types that a smaller copy is made of.
func isPicture(contentType any) bool {
	return slices.Contains([]any{"image/png", "image/jpeg", "image/gif", "image/webp"}, contentType)
}

// compareMedia looks for each file that a record names, and for no others.
func (c *comparison) compareMedia() {
	if len(c.lists["media"]) != len(c.media) {
		c.problems = append(c.problems, fmt.Sprintf("media: the archive has %d, the API %d", len(c.media), len(c.lists["media"])))
	}
	for _, file := range c.media {
		found, ok := c.mediaOf(file.at.record, file.at.key)
		if !ok {
			c.wrong(file.at.record, file.at.key, "has no resource of media, or several")
			continue
		}
		a := found.Attributes
		state, sum, size := "missing", any(nil), any(nil)
		if content, ok := c.files[strings.TrimPrefix(file.path, "/")]; ok {
			digest := sha256.Sum256(content)
			state, sum, size = "stored", hex.EncodeToString(digest[:]), float64(len(content))
		} else if !c.told(file.at, "media_missing") {
			c.wrong(file.at.record, file.at.key, "%s is not in the archive, and no issue says so", file.path)
		}
		if a["path"] != file.path || a["kind"] != file.kind || a["state"] != state || a["sha256"] != sum || a["size"] != size {
			c.wrong(file.at.record, file.at.key, "is %v instead of %s, %s, %s, %v bytes, %v", a, file.path, file.kind, state, size, sum)
		}
	}
}

// none makes nothing of an empty text.
func none(value string) any {
	if value == "" {
		return nil
	}
	return value
}

func same(at spot, want any) string {
	if at.shown != want {
		return fmt.Sprintf("%q became %q", fmt.Sprint(want), fmt.Sprint(at.shown))
	}
	return ""
}

// altered is same for a value that could not stay; an issue must say so.
func altered(c *comparison, at spot, want any, code string) string {
	if !c.told(at, code) {
		return fmt.Sprintf("%v became %v without the issue %s", at.source, at.shown, code)
	}
	return same(at, want)
}
