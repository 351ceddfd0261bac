package query_test

import (
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/usher-events/usher/contracts"
)

// The document says nothing of what must be there, because fields may leave out
// anything. So what is there without them is compared here.
func TestTheDocumentNamesExactlyWhatIsShownAndCanBeAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	for table, row := range map[string]map[string]any{
		"schedule.microlocations": {"name": "Pier"}, "schedule.session_types": {"name": "Talk"}, "people.sponsors": {"name": "Boats & Co"},
		"event.social_links": {"name": "Fediverse"},
		"event.custom_forms": {"form": "session", "field_identifier": "title", "is_required": true, "is_included": true},
	} {
		p.insert(table, row)
	}
	text, err := fs.ReadFile(contracts.OpenAPI(), "query.yaml")
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, yaml.Unmarshal(text, &document))

	for _, list := range append([]string{""}, lists...) {
		entry := b.ok(t, olga, p.at).body["data"]
		if list != "" {
			entry = b.ok(t, olga, p.at+list).data(t)[0]
		}
		schema := at(document, "components", "schemas", camel(at(entry, "type").(string)))
		attributes := at(document, "components", "schemas", camel(at(entry, "type").(string))+"Attributes", "properties")
		require.Equal(t, names(attributes), names(at(entry, "attributes")), list)
		require.Equal(t, names(at(schema, "properties", "relationships", "properties")), names(at(entry, "relationships")), list)

		for _, path := range []string{"/v1/events/{event}" + list, "/v1/events/{event}" + list + "/{id}"} {
			if list == "" {
				path = strings.Replace(path, "/{event}/{id}", "", 1)
			}
			asked := map[string][]string{"include": {}, "sort": {}, "filter": {}}
			for _, reference := range at(document, "paths", path, "get", "parameters").([]any) {
				parameter := at(document, "components", "parameters", strings.TrimPrefix(at(reference, "$ref").(string), "#/components/parameters/"))
				name, _ := at(parameter, "name").(string)
				if filter, ok := strings.CutPrefix(name, "filter["); ok {
					asked["filter"] = append(asked["filter"], strings.TrimSuffix(filter, "]"))
				} else if _, ok := asked[name]; ok {
					for _, one := range at(parameter, "schema", "items", "enum").([]any) {
						if !strings.HasPrefix(one.(string), "-") {
							asked[name] = append(asked[name], one.(string))
						}
					}
				}
			}
			for parameter, documented := range asked {
				question := map[string]string{"include": "?include=x", "sort": "?sort=x", "filter": "?filter[x]=x"}[parameter]
				url := strings.Replace(path, "/v1/events/{event}", p.at, 1)
				if path == "/v1/events" {
					url = path
				}
				url = strings.Replace(url, "{id}", at(entry, "id").(string), 1)
				refused := b.get(t, admin, url+question)
				require.Equal(t, http.StatusBadRequest, refused.status, url+question)
				require.ElementsMatch(t, documented, told(refused.body["detail"].(string)), "%s of %s", parameter, path)
			}
		}
	}
}

// told are the names that the detail of a problem says are known.
func told(detail string) []string {
	found := regexp.MustCompile(`knows (.*?)(, each once)?\.$`).FindStringSubmatch(detail)
	if found == nil {
		return []string{}
	}
	return strings.Split(found[1], ", ")
}

func names(object any) []string {
	members, _ := object.(map[string]any)
	return slices.Sorted(maps.Keys(members))
}

// camel is the name that the document gives to a type.
func camel(name string) string {
	var all strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		all.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return all.String()
}
