package deployments_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// schemas are those of the kinds of objects, as Kubernetes, KEDA and the Gateway API
// publish them, but closed: a member that they do not name is wrong, as it is for a
// server that is asked to be strict.
type schemas struct {
	compiler *jsonschema.Compiler
	// places are where the schema of a kind stands, by "apiVersion kind".
	places map[string]string
}

// base is what the places of all schemas begin with; nothing is fetched from there.
const base = "https://schemas.example/"

// metadata is the schema of what all objects have, which a definition of a custom kind
// does not repeat.
const metadata = base + "apis__apps__v1_openapi.json#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

func readSchemas(t *testing.T) *schemas {
	t.Helper()
	s := &schemas{compiler: jsonschema.NewCompiler(), places: make(map[string]string)}
	s.compiler.DefaultDraft(jsonschema.Draft2020)
	for _, file := range schemaFiles(t, "KUBERNETES_VERSION", "kubernetes-", "*.json") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s.addOpenAPI(t, filepath.Base(file), text)
	}
	for _, file := range append(schemaFiles(t, "KEDA_VERSION", "keda-", "*.yaml"),
		schemaFiles(t, "GATEWAY_API_VERSION", "gateway-api-", "*.yaml")...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, document := range documents(t, text) {
			s.addDefinition(t, document)
		}
	}
	return s
}

func schemaFiles(t *testing.T, variable, before, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(tool(t, variable, "schemas/"+before, ""), pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// addOpenAPI adds the kinds of one group of Kubernetes.
func (s *schemas) addOpenAPI(t *testing.T, name string, text []byte) {
	t.Helper()
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	all := tree.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any)
	for title, schema := range all {
		closeSchema(schema)
		kinds, _ := schema.(map[string]any)["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 {
			continue // a part of a kind, or of every group alike, such as options of a deletion
		}
		kind := kinds[0].(map[string]any)
		version := strings.TrimPrefix(fmt.Sprintf("%s/%s", kind["group"], kind["version"]), "/")
		s.places[fmt.Sprintf("%s %s", version, kind["kind"])] = base + name + "#/components/schemas/" + title
	}
	require.NoError(t, s.compiler.AddResource(base+name, tree))
}

// addDefinition adds a custom kind in all of its versions.
func (s *schemas) addDefinition(t *testing.T, document []byte) {
	t.Helper()
	var definition struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema json.RawMessage }
			}
		}
	}
	require.NoError(t, json.Unmarshal(document, &definition))
	require.NotEmpty(t, definition.Spec.Versions)
	for _, version := range definition.Spec.Versions {
		tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(version.Schema.OpenAPIV3Schema))
		require.NoError(t, err)
		tree.(map[string]any)["properties"].(map[string]any)["metadata"] = map[string]any{"$ref": metadata}
		closeSchema(tree)
		kind := fmt.Sprintf("%s/%s %s", definition.Spec.Group, version.Name, definition.Spec.Names.Kind)
		place := base + strings.ReplaceAll(kind, " ", "/") + ".json"
		require.NoError(t, s.compiler.AddResource(place, tree))
		s.places[kind] = place
	}
}

// closeSchema has each object that a schema describes, at any depth, take no members but
// those that the schema names. What stands in allOf and its like are conditions on a part
// of the members: they stay as they are.
func closeSchema(schema any) {
	s, ok := schema.(map[string]any)
	if !ok {
		return
	}
	properties, _ := s["properties"].(map[string]any)
	for _, inner := range properties {
		closeSchema(inner)
	}
	closeSchema(s["items"])
	closeSchema(s["additionalProperties"])
	_, decided := s["additionalProperties"]
	if open, _ := s["x-kubernetes-preserve-unknown-fields"].(bool); len(properties) > 0 && !decided && !open {
		s["additionalProperties"] = false
	}
}

// check holds an object against the schema of its kind.
func (s *schemas) check(document []byte) error {
	var kind struct{ APIVersion, Kind string }
	if err := json.Unmarshal(document, &kind); err != nil {
		return err
	}
	place, ok := s.places[kind.APIVersion+" "+kind.Kind]
	if !ok {
		return fmt.Errorf("there is no kind %s in %s", kind.Kind, kind.APIVersion)
	}
	schema, err := s.compiler.Compile(place)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func TestEveryOverlayFitsTheSchemas(t *testing.T) {
	t.Parallel()
	schemas := readSchemas(t)
	for _, overlay := range overlays(t) {
		for _, document := range documents(t, render(t, overlay)) {
			require.NoError(t, schemas.check(document), "%s:\n%s", overlay, document)
		}
	}
}

func TestManifestThatDoesNotFitIsFound(t *testing.T) {
	t.Parallel()
	schemas := readSchemas(t)
	rendered := string(render(t, "production"))
	for name, wrong := range map[string]struct{ kind, from, to, complaint string }{
		"a member that there is not":          {"Deployment", "terminationGracePeriodSeconds:", "terminationGracePeriod:", "terminationGracePeriod"},
		"a member one level too deep":         {"Deployment", "enableServiceLinks: false", "securityContexts: {}", "securityContexts"},
		"a number that is a text":             {"Deployment", "failureThreshold: 60", "failureThreshold: often", "failureThreshold"},
		"a container without a name":          {"Job", "        name: provision\n", "        title: provision\n", "title"},
		"a kind of an older version":          {"PodDisruptionBudget", "apiVersion: policy/v1", "apiVersion: policy/v1beta1", "no kind"},
		"a port that is none":                 {"Service", "port: 8080", "port: http", "port"},
		"a direction that there is not":       {"NetworkPolicy", "policyTypes:", "policyType:", "policyType"},
		"a comparison that there is not":      {"HTTPRoute", "type: PathPrefix", "type: Prefix", "type"},
		"a method that there is not":          {"HTTPRoute", "method: DELETE", "method: REMOVE", "method"},
		"a time limit that is no time":        {"HTTPRoute", "request: 0s", "request: never", "request"},
		"a member of KEDA that there is not":  {"ScaledObject", "minReplicaCount:", "minReplicas:", "minReplicas"},
		"an answer to silence that is not":    {"ScaledObject", "behavior: currentReplicasIfHigher", "behavior: guess", "behavior"},
		"a parameter from nowhere":            {"TriggerAuthentication", "parameter: account", "params: account", "params"},
		"a label that is no text":             {"ScaledObject", "metadata:\n  name:", "metadata:\n  labels: {a: 1}\n  name:", "a"},
		"a namespace with a wrong member":     {"Namespace", "metadata:", "meta: {}\nmetadata:", "meta"},
		"settings that are no texts":          {"ConfigMap", "USHER_NATS_REPLICAS: \"3\"", "USHER_NATS_REPLICAS: 3", "USHER_NATS_REPLICAS"},
		"an account with a member of another": {"ServiceAccount", "automountServiceAccountToken:", "automountToken:", "automountToken"},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: they share the compiler
			text := firstWith(t, rendered, "kind: "+wrong.kind+"\n", wrong.from)
			require.NoError(t, schemas.check(documents(t, []byte(text))[0]))
			changed := strings.Replace(text, wrong.from, wrong.to, 1)
			require.ErrorContains(t, schemas.check(documents(t, []byte(changed))[0]), wrong.complaint)
		})
	}
}

// firstWith is the first document of a YAML text that contains all of the words.
func firstWith(t *testing.T, text string, words ...string) string {
	t.Helper()
next:
	for document := range strings.SplitSeq(text, "\n---\n") {
		for _, word := range words {
			if !strings.Contains(document+"\n", word) {
				continue next
			}
		}
		return document
	}
	require.FailNow(t, "nothing has "+strings.Join(words, " and "))
	return ""
}
