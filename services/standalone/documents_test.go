package standalone_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/documents"
)

func TestCommittedDocumentsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	for _, d := range documents.All() {
		want, err := d.Make()
		require.NoError(t, err)
		committed, err := os.ReadFile(filepath.Join(repository, d.Path))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, committed), `%s is not what the code makes of it: run "make documents"`, d.Path)
	}
}

// reporters are the packages that give issues their codes.
var reporters = []string{"pkg/openevent", "pkg/userlist", "services/event/internal/core", "services/media/internal/files", "services/media/internal/remote", "services/query/internal/export"}

func TestCatalogueHasTheCodesOfAllIssuesAndNoOthers(t *testing.T) {
	t.Parallel()
	var constants []string
	for _, folder := range reporters {
		found := codeConstants(t, filepath.Join(repository, folder))
		require.NotEmpty(t, found, folder)
		constants = append(constants, found...)
	}
	slices.Sort(constants)
	var catalogue []string
	for _, c := range contracts.IssueCodes() {
		catalogue = append(catalogue, c.Code)
	}
	slices.Sort(catalogue)
	require.Equal(t, slices.Compact(constants), catalogue)
}

// codeConstants are the values of the constants of a package whose names begin
// with Code.
func codeConstants(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	var found []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for node := range ast.Preorder(file) {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for i, name := range spec.Names {
				if !strings.HasPrefix(name.Name, "Code") || len(spec.Values) == 0 {
					continue
				}
				literal, ok := spec.Values[i].(*ast.BasicLit)
				require.True(t, ok, "%s: %s", path, name.Name)
				value, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				found = append(found, value)
			}
		}
	}
	return found
}

func TestCatalogueSaysOfEachCodeAllThatThereIsToSay(t *testing.T) {
	t.Parallel()
	for _, c := range contracts.IssueCodes() {
		require.Contains(t, contracts.IssueTopics(), c.About, c.Code)
		require.Contains(t, []contracts.Severity{contracts.Error, contracts.Warning, contracts.Info}, c.Severity, c.Code)
		for _, text := range []string{c.Means, c.Done, c.Mend} {
			require.True(t, strings.HasSuffix(text, "."), "%s: %q is a sentence", c.Code, text)
		}
	}
}
