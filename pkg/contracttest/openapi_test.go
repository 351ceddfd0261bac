package contracttest

import (
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// openAPI returns the documents by service.
func openAPI(t *testing.T) map[contracts.Service]any {
	t.Helper()
	files, err := fs.Glob(contracts.OpenAPI(), "*")
	require.NoError(t, err)
	all := make(map[contracts.Service]any)
	for _, file := range files {
		text, err := fs.ReadFile(contracts.OpenAPI(), file)
		require.NoError(t, err)
		tree, err := readTree(text)
		require.NoError(t, err, file)
		all[contracts.Service(strings.TrimSuffix(file, ".yaml"))] = tree
	}
	return all
}

func TestDocumentsHoldExactlyTheRoutes(t *testing.T) {
	t.Parallel()
	var got []contracts.Route
	for service, document := range openAPI(t) {
		for path, item := range at(document, "paths") {
			for method := range at(item) {
				got = append(got, contracts.Route{Method: strings.ToUpper(method), Path: path, Service: service})
			}
		}
	}
	require.ElementsMatch(t, contracts.Routes(), got)
}

func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	for service := range openAPI(t) {
		text, err := fs.ReadFile(contracts.OpenAPI(), string(service)+".yaml")
		require.NoError(t, err)
		document, err := libopenapi.NewDocument(text)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(document.GetVersion(), "3.1."), document.GetVersion())
		v, errs := validator.NewValidator(document)
		require.Empty(t, errs, service)
		_, found := v.ValidateDocument()
		require.NoError(t, told(string(service), found))
		_, err = readDocument(service)
		require.NoError(t, err)
	}
}

func TestOperationsSayWhatTheyAreAndHowTheyFail(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for service, document := range openAPI(t) {
		for path, item := range at(document, "paths") {
			for method, operation := range at(item) {
				where := string(service) + " " + method + " " + path
				id, _ := at(operation)["operationId"].(string)
				require.NotEmpty(t, id, where)
				require.False(t, seen[id], "operationId %s is there twice", id)
				seen[id] = true
				require.NotEmpty(t, at(operation)["summary"], where)
				require.NotEmpty(t, at(operation)["description"], where)
				if open, ok := at(operation)["security"].([]any); !ok || len(open) > 0 {
					require.Contains(t, at(operation, "responses"), "401", where)
				}
				require.Contains(t, at(operation, "responses"), "500", where)
				for status, response := range at(operation, "responses") {
					if ref, ok := at(response)["$ref"].(string); ok {
						response = lookUp(document, strings.TrimPrefix(ref, "#"))
					}
					if (status == "404" || status == "410") && !strings.HasPrefix(path, "/v1/") && !strings.HasSuffix(path, ".ics") {
						// A page for people says so on a page, too.
						require.Contains(t, at(response, "content"), "text/html", where+" "+status)
						continue
					}
					if status >= "400" {
						require.Contains(t, at(response, "content"), "application/problem+json", where+" "+status)
						require.Len(t, at(response, "content"), 1, where+" "+status)
					}
				}
			}
		}
	}
}

// Each document stands on its own, so what they share is there several times.
func TestComponentsOfOneNameAreTheSameInAllDocuments(t *testing.T) {
	t.Parallel()
	type component struct{ section, name string }
	first := make(map[component]any)
	shared := 0
	for service, document := range openAPI(t) {
		for section, components := range at(document, "components") {
			for name, value := range at(components) {
				c := component{section, name}
				if other, ok := first[c]; ok {
					require.Equal(t, other, value, "%s %s in %s.yaml", section, name, service)
					shared++
				}
				first[c] = value
			}
		}
	}
	require.Positive(t, shared)
}

func TestEveryReferenceInTheDocumentsLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for service, document := range openAPI(t) {
		used := make(map[string]bool)
		objects(document, "", func(where string, object map[string]any) {
			ref, ok := object["$ref"].(string)
			if !ok {
				return
			}
			require.True(t, strings.HasPrefix(ref, "#/"), "%s.yaml%s: %s", service, where, ref)
			require.NotNil(t, lookUp(document, ref[1:]), "%s.yaml%s: %s", service, where, ref)
			used[ref] = true
		})
		for section, components := range at(document, "components") {
			for name := range at(components) {
				if section != "securitySchemes" {
					require.True(t, used["#/components/"+section+"/"+name], "%s.yaml: nobody uses %s %s", service, section, name)
				}
			}
		}
	}
}

func TestTheQueryDocumentListsTheWordsOfTheContracts(t *testing.T) {
	t.Parallel()
	document := openAPI(t)[contracts.QueryService]
	listed := func(word string) any { return at(document, "components", "schemas", word)["enum"] }
	require.ElementsMatch(t, kinds(), listed("Kind"))
	require.ElementsMatch(t, stages(), listed("Stage"))
	require.Equal(t, words(contracts.EntityTypes()), listed("EntityType"))
	require.Equal(t, words([]contracts.Severity{contracts.Error, contracts.Warning, contracts.Info}), listed("Severity"))
	require.Equal(t, words([]contracts.State{
		contracts.Pending, contracts.Started, contracts.Success, contracts.Failure, contracts.Canceled, contracts.Discarded,
	}), listed("State"))
}

func TestTaskDocumentsOfTheContractsFitTheQueryDocument(t *testing.T) {
	t.Parallel()
	for name, task := range tasks() {
		req := get("/v1/tasks/" + task.ID)
		body := toJSON(t, task)
		require.NoError(t, checkExchange(req, answerOf(http.StatusOK, "application/json", body)), name)
	}
}
