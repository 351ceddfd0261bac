package contracttest

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestSamplesFitTheirSchemas(t *testing.T) {
	t.Parallel()
	for name, raw := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Message(t, raw)
		})
	}
}

func TestMessageRefusesWhatNoSchemaNamesWhereReceiversIgnoreIt(t *testing.T) {
	t.Parallel()
	for name, raw := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sample any
			require.NoError(t, json.Unmarshal(raw, &sample))
			objects(sample, "", func(where string, object map[string]any) {
				if strings.HasSuffix(where, "/options/mapping") {
					return // its members are what the columns of somebody's list are called
				}
				object["surplus"] = 1
				defer delete(object, "surplus")
				changed := toJSON(t, sample)
				if slices.Contains([]string{"/data/remaps", "/data/totals", "/data/counts", "/data/result/counts"}, where) {
					// Their keys are entity types, also for those who receive.
					require.ErrorContains(t, checkMessage(changed), "a member must not have the name 'surplus'", where)
					return
				}
				require.ErrorContains(t, checkMessage(changed), "at '"+where+"/surplus'")
				schemas, err := messageSchemas()
				require.NoError(t, err)
				messageType := at(sample)["type"].(string)
				require.NoError(t, schemas[messageType].open.Validate(sampleOf(t, changed)), where)
			})
		})
	}
}

func TestMessageRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	requested := string(samples(t)["usher.import.requested.v1.json"])
	for name, change := range map[string][2]string{
		"an id that is none":          {`"id": "5d0f7a1c-8f0e`, `"id": "5d0f7a1c`},
		"an import in upper case":     {`"import": "01c2a35e`, `"import": "01C2A35E`},
		"a time that is not in UTC":   {`:30.124Z"`, `:30.124+02:00"`},
		"a time that is none":         {`2031-05-02T`, `2031-15-02T`},
		"an attempt before the first": {`"attempt": 1`, `"attempt": 0`},
		"a service that is not ours":  {`"source": "ingest"`, `"source": "egress"`},
		"a kind that is not known":    {`"kind": "event-archive"`, `"kind": "pet-archive"`},
		"an owner without a subject":  {`"sub":`, `"sup":`},
		"a size that is a text":       {`"size": 7340122`, `"size": "7340122"`},
		"no blob":                     {`"blob":`, `"bloob":`},
		"a hash that is too short":    {`"sha256": "9b74`, `"sha256": "`},
		"a type that is not known":    {`usher.import.requested.v1`, `usher.import.requested.v9`},
		"no JSON":                     {`{`, `[`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(requested, change[0], change[1], 1)
			require.NotEqual(t, requested, changed)
			var told reports
			Message(&told, []byte(changed))
			require.Len(t, told, 1)
		})
	}
}

func TestMessageRefusesAnEndThatIsNeitherSuccessNorFailure(t *testing.T) {
	t.Parallel()
	all := samples(t)
	for name, raw := range map[string][]byte{
		"a success without a result": all["usher.import.finished.v1-failure.json"],
		"a failure with a result":    all["usher.import.finished.v1.json"],
	} {
		swapped := strings.NewReplacer(`"SUCCESS"`, `"FAILURE"`, `"FAILURE"`, `"SUCCESS"`).Replace(string(raw))
		require.ErrorContains(t, checkMessage([]byte(swapped)), "at '/data", name)
	}
}

// A list of changes, each of which makes the sample one that may not be sent.
func TestMessageTellsExportsFromImports(t *testing.T) {
	t.Parallel()
	const blob = `"blob": "archives/x", `
	for name, change := range map[string]struct{ sample, from, to string }{
		"an upload of the kind of exports":      {"usher.import.requested.v1.json", `"event-archive"`, `"event-export"`},
		"a request of an export of another":     {"usher.export.requested.v1.json", `"event-export"`, `"event-archive"`},
		"a request of an export with an upload": {"usher.export.requested.v1.json", `"of":`, blob + `"of":`},
		"a request of an export of no event":    {"usher.export.requested.v1.json", `"event": {`, `"even": {`},
		"a dialect that is not known":           {"usher.export.requested.v1.json", `"dialect": "a"`, `"dialect": "c"`},
		"an export that has read an upload":     {"usher.event.exported.v1.json", `"totals":`, blob + `"totals":`},
		"an export that came to nothing":        {"usher.event.exported.v1.json", `"exported": {`, `"accounts": {`},
		"an export that nobody asked for":       {"usher.event.exported.v1.json", `"export": {`, `"accounts": {`},
		"an archive that never expires":         {"usher.event.exported.v1.json", `"expires_at"`, `"expired_at"`},
		"an import that has read no upload":     {"usher.media.imported.v1.json", `"blob":`, `"file":`},
		"an import that came to an archive": {
			"usher.media.imported.v1.json", `"totals":`,
			`"exported": {"size": 1, "sha256": "` + strings.Repeat("0", 64) + `", "expires_at": "2031-05-11T10:20:06Z", "refused_by_v1": 0}, "totals":`,
		},
		"a failure without an upload":                {"usher.stage.failed.v1.json", `"blob":`, `"file":`},
		"a replay without an upload":                 {"usher.replay.requested.v1.json", `"blob":`, `"file":`},
		"the end of an import with an archive":       {"usher.import.finished.v1.json", `"identifier":`, `"size": 1, "identifier":`},
		"the end of an import with a download":       {"usher.import.finished.v1.json", `"identifier":`, `"download_url": "/x", "identifier":`},
		"the end of a list with an archive":          {"usher.import.finished.v1-users.json", `"created":`, `"size": 1, "created":`},
		"the end of a check with an archive":         {"usher.import.finished.v1-check.json", `"counts":`, `"size": 1, "counts":`},
		"the end of an export without a download":    {"usher.import.finished.v1-export.json", `"download_url":`, `"upload_url":`},
		"the end of an export that tells no counts":  {"usher.import.finished.v1-export.json", `"counts":`, `"numbers":`},
		"the end of an export that would write":      {"usher.import.finished.v1-export.json", `"counts":`, `"mails": ["a@b"], "counts":`},
		"the end of an export that has made nothing": {"usher.import.finished.v1-export.json", `"counts":`, `"dry_run": true, "counts":`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sample := string(samples(t)[change.sample])
			require.NoError(t, checkMessage([]byte(sample)))
			changed := strings.Replace(sample, change.from, change.to, 1)
			require.NotEqual(t, sample, changed)
			require.ErrorContains(t, checkMessage([]byte(changed)), "at '/")
		})
	}
}

// What stages before and behind that of an export hand on has no upload.
func TestMessageLetsAnExportFailAndBeReplayed(t *testing.T) {
	t.Parallel()
	all := samples(t)
	of := strings.NewReplacer(`"event-archive"`, `"event-export"`, `"blob":`, `"export": {"of": "`+id+`", "dialect": "b"}, "file_name":`)
	for _, name := range []string{"usher.stage.failed.v1.json", "usher.replay.requested.v1.json"} {
		sample := strings.Replace(string(all[name]), `"file_name": "lakeside-2031.zip",`, "", 1)
		Message(t, []byte(of.Replace(sample)))
	}
}

func TestAComplaintSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	raw := strings.Replace(string(samples(t)["usher.people.imported.v1.json"]), `"line": 203`, `"line": 0`, 1)
	var told reports
	Message(&told, []byte(raw))
	require.Len(t, told, 1)
	require.Contains(t, told[0], "at '/data/first_issues/0/line': minimum: got 0, want 1")
	require.Contains(t, told[0], "usher.people.imported.v1")
}

func TestEachSchemaIsThatOfATypeOrSharedByThem(t *testing.T) {
	t.Parallel()
	want := []string{
		"accounts.json", "carried.json", "completed.json", "envelope.json", "export.json", "exported.json",
		"issue.json", "names.json", "options.json",
	}
	for messageType := range contracts.Registry() {
		want = append(want, contracts.SchemaPath(messageType))
	}
	var got []string
	require.NoError(t, fs.WalkDir(contracts.Schemas(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		got = append(got, path)
		schema, err := readSchema(path)
		require.NoError(t, err)
		require.Equal(t, "https://json-schema.org/draft/2020-12/schema", at(schema)["$schema"], path)
		require.Equal(t, base+path, at(schema)["$id"], path)
		require.NotEmpty(t, at(schema)["description"], path)
		return nil
	}))
	require.ElementsMatch(t, want, got)
}

func TestSchemasListTheWordsOfTheContracts(t *testing.T) {
	t.Parallel()
	names, err := readSchema("names.json")
	require.NoError(t, err)
	listed := func(word string) []any { return at(names, "$defs", word)["enum"].([]any) }
	require.ElementsMatch(t, kinds(), listed("kind"))
	require.ElementsMatch(t, stages(), listed("stage"))
	require.Equal(t, words(contracts.Services()), listed("service"))
	require.Equal(t, words(contracts.EntityTypes()), listed("entityType"))

	issue, err := readSchema("issue.json")
	require.NoError(t, err)
	require.Equal(t, words([]contracts.Severity{contracts.Error, contracts.Warning, contracts.Info}),
		at(issue, "properties", "severity")["enum"])
	var codes []any
	for _, c := range contracts.IssueCodes() {
		codes = append(codes, c.Code)
	}
	require.Equal(t, codes, at(issue, "properties", "code")["enum"])
	require.Equal(t, toJSON(t, contracts.MaxIssueValue), toJSON(t, at(issue, "properties", "value")["maxLength"]))
	require.Equal(t, toJSON(t, contracts.MaxIssuesInMessage), toJSON(t, at(issue, "$defs", "first")["maxItems"]))
}

// words gives names as a JSON text has them.
func words[T ~string](names []T) []any {
	all := make([]any, 0, len(names))
	for _, name := range names {
		all = append(all, string(name))
	}
	return all
}

func kinds() []any {
	var all []contracts.Kind
	for _, p := range contracts.Pipelines() {
		all = append(all, p.Kind)
	}
	return words(all)
}

func stages() []any {
	var all []contracts.Stage
	for _, p := range contracts.Pipelines() {
		all = append(all, p.Stages...)
	}
	slices.Sort(all)
	return words(slices.Compact(all))
}
