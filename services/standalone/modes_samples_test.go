//go:build samples

package standalone_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// modes are the three of them, in the order of the table.
var modes = []contracts.Mode{contracts.DefaultMode, contracts.Strict, contracts.Lenient}

// sampleModes says what each real archive comes to in each mode. Strict refuses
// whatever had to be repaired.
var sampleModes = map[string][]contracts.State{
	"ehealthafrica-kebab-empty-lists.zip": {contracts.Success, contracts.Success, contracts.Success},
	"fossasia11-kebab-broken-json.zip":    {contracts.Failure, contracts.Failure, contracts.Success},
	"fossasia16-early-json-names.zip":     {contracts.Success, contracts.Failure, contracts.Success},
	"fossasia16-v1.zip":                   {contracts.Success, contracts.Failure, contracts.Success},
	"fossasia18-v1-offsets.zip":           {contracts.Success, contracts.Failure, contracts.Success},
	"mozilla16-kebab-naive-times.zip":     {contracts.Success, contracts.Failure, contracts.Success},
	"nextcloud17-kebab.zip":               {contracts.Success, contracts.Failure, contracts.Success},
	"oscon17-kebab-duplicate-ids.zip":     {contracts.Success, contracts.Failure, contracts.Success},
	"ots16-v1-bare-media-paths.zip":       {contracts.Success, contracts.Failure, contracts.Success},
	"ots18-v1-small.zip":                  {contracts.Success, contracts.Failure, contracts.Success},
}

// sampleImport is one import of a real archive.
type sampleImport struct {
	task   contracts.Task
	issues []contracts.Issue
}

func TestEveryRealArchiveIsImportedInEveryMode(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(os.Getenv("SAMPLES"), "*.zip"))
	require.NoError(t, err)
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(sampleModes)), names, "each sample has its expectation")

	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	uploaded := make(map[string][]string)
	for _, name := range names {
		for _, mode := range modes {
			uploaded[name] = append(uploaded[name], olga.asked(t, read(t, name), "mode="+mode.String()))
		}
	}
	var rows []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		t.Run(name, func(t *testing.T) {
			ended := make([]sampleImport, len(modes))
			var states []contracts.State
			for i, id := range uploaded[name] {
				ended[i] = sampleImport{olga.ended(t, id), pages[contracts.Issue](t, olga, "/v1/imports/"+id+"/issues")}
				states = append(states, ended[i].task.State)
			}
			rows = append(rows, sampleRow(name, ended))
			require.Equal(t, sampleModes[name], states)
			for i, e := range ended {
				errors := slices.ContainsFunc(e.issues, func(i contracts.Issue) bool { return i.Severity == contracts.Error })
				require.Equal(t, e.task.State == contracts.Failure, errors, "%s: only errors fail an import, and they always do", modes[i])
				for _, issue := range e.issues {
					require.NotEmpty(t, issue.Message)
					if issue.RecordIndex != nil {
						require.Positive(t, issue.Line, "%v", issue)
						require.Positive(t, issue.Column, "%v", issue)
					}
				}
			}
			requireSameIssues(t, ended)
		})
	}
	table := sampleTable(rows)
	t.Log("\n" + table)
	artifacts := filepath.Join("..", "..", ".artifacts")
	require.NoError(t, os.MkdirAll(artifacts, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(artifacts, "samples.md"), []byte(table), 0o600))
}

// requireSameIssues fails where a mode finds anything else than the others: it
// decides what an issue means, not whether there is one. Of what a lenient import
// leaves out, other records may be missed.
func requireSameIssues(t *testing.T, ended []sampleImport) {
	t.Helper()
	found := func(e sampleImport) []string {
		var all []string
		for _, i := range e.issues {
			switch i.Code {
			case "identifier_taken": // of whichever import was first
			case "media_kind": // found in a stage that a strict import with other warnings does not come to
			default:
				all = append(all, fmt.Sprint(i.File, i.Pointer, i.Line, i.Column, i.Code))
			}
		}
		slices.Sort(all)
		return all
	}
	require.Equal(t, found(ended[0]), found(ended[1]))
	for _, issue := range found(ended[0]) {
		require.Contains(t, found(ended[2]), issue)
	}
}

func TestTheBrokenRealArchiveSaysWhereItIsBroken(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := read(t, "fossasia11-kebab-broken-json.zip")
	id := olga.upload(t, archive)
	task := olga.ended(t, id)
	require.Equal(t, contracts.Failure, task.State)
	require.Contains(t, task.Result, "session_types line 12")
	issues := pages[contracts.Issue](t, olga, "/v1/imports/"+id+"/issues")
	require.NotEmpty(t, issues)
	first := issues[0]
	require.Equal(t, []any{"session_types", 12, 5, "json_syntax"}, []any{first.File, first.Line, first.Column, first.Code})
	require.Equal(t, "    {", first.Value, "the line itself")

	lenient := olga.succeeded(t, olga.asked(t, archive, "mode=lenient"))
	require.Equal(t, 25, olga.total(t, "/v1/events/"+lenient.ID+"/session-types"), "none of the records beside a missing comma is lost")
}

// sampleRow is a line of the table.
func sampleRow(name string, ended []sampleImport) string {
	var counts []string
	lenient := ended[len(ended)-1].task
	for _, kind := range contracts.EntityTypes() {
		if p, ok := lenient.Progress[kind]; ok {
			counts = append(counts, fmt.Sprintf("%d %s", p.Done, kind))
		}
	}
	codes := make(map[string]int)
	for _, i := range ended[0].issues {
		codes[string(i.Severity)+" "+i.Code]++
	}
	var found []string
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		found = append(found, fmt.Sprintf("%d %s", codes[code], code))
	}
	var results []string
	for _, e := range ended {
		results = append(results, string(e.task.State))
	}
	return fmt.Sprintf("| %s | %s | %s | %s |", name, strings.Join(counts, ", "), strings.Join(found, ", "), strings.Join(results, " | "))
}

func sampleTable(rows []string) string {
	head := "| archive | made (lenient) | issues (default) | default | strict | lenient |\n| --- | --- | --- | --- | --- | --- |\n"
	return head + strings.Join(rows, "\n") + "\n"
}
