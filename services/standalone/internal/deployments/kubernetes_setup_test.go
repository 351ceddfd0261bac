package deployments_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// repository is the root of the repository, seen from here.
const repository = "../../../.."

// overlays are all that there are.
func overlays(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(repository, "deployments/kubernetes/overlays/*"))
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	for i := range folders {
		folders[i] = filepath.Base(folders[i])
	}
	return folders
}

// tool is the path of a file below .tools, of the version that the Makefile names.
func tool(t *testing.T, variable, before, behind string) string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^` + variable + ` := (\S+)$`).FindSubmatch(makefile)
	require.NotNil(t, version, variable)
	path := filepath.Join(repository, ".tools", before+string(version[1]), behind)
	_, err = os.Stat(path)
	require.NoError(t, err, `the tests need what manifests are held against: run "make manifests"`)
	return path
}

// render is what Kubernetes is given for an overlay.
func render(t *testing.T, overlay string) []byte {
	t.Helper()
	kustomize := tool(t, "KUSTOMIZE_VERSION", "kustomize-", "kustomize")
	cmd := exec.CommandContext(t.Context(), kustomize, "build", filepath.Join(repository, "deployments/kubernetes/overlays", overlay))
	var said bytes.Buffer
	cmd.Stderr = &said
	rendered, err := cmd.Output()
	require.NoError(t, err, said.String())
	require.Empty(t, said.String())
	return rendered
}

// documents are the objects of a YAML text, each as JSON.
func documents(t *testing.T, text []byte) [][]byte {
	t.Helper()
	var all [][]byte
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var tree any
		err := decoder.Decode(&tree)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		document, err := json.Marshal(tree)
		require.NoError(t, err)
		all = append(all, document)
	}
}

// object is what the tests look at of a manifest, of any kind.
type object struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	Data map[string]string
	Spec struct {
		Replicas *int
		// Selector is of a Service, whose labels stand in it, or of a workload.
		Selector    map[string]any
		PodSelector struct{ MatchLabels map[string]string }
		Template    struct {
			Metadata struct{ Labels map[string]string }
			Spec     podSpec
		}
		Ports []struct {
			Port       int
			TargetPort string
		}
		Rules []struct {
			Matches []struct {
				Path   struct{ Type, Value string }
				Method string
			}
			BackendRefs []struct {
				Name string
				Port int
			}
		}
		ScaleTargetRef                   struct{ Name string }
		MinReplicaCount, MaxReplicaCount int
		Triggers                         []struct {
			Metadata          map[string]string
			AuthenticationRef struct{ Name string }
		}
		ConfigMapTargetRef []struct{ Parameter, Name, Key string }
	}
}

type podSpec struct {
	ServiceAccountName           string
	AutomountServiceAccountToken *bool
	HostNetwork                  bool
	SecurityContext              struct {
		RunAsNonRoot   bool
		SeccompProfile struct{ Type string }
	}
	Volumes []struct {
		Name      string
		ConfigMap *struct{ Name string }
	}
	Containers []struct {
		Name, Image string
		Args        []string
		EnvFrom     []struct{ ConfigMapRef struct{ Name string } }
		Env         []variable
		Ports       []struct {
			Name          string
			ContainerPort int
		}
		SecurityContext struct {
			AllowPrivilegeEscalation *bool
			ReadOnlyRootFilesystem   bool
			Capabilities             struct{ Drop, Add []string }
		}
		Resources struct{ Requests, Limits map[string]string }
	}
}

type variable struct {
	Name, Value string
	ValueFrom   struct {
		SecretKeyRef struct {
			Name, Key string
			Optional  bool
		}
	}
}

// manifests are the objects of an overlay by kind and name.
func manifests(t *testing.T, overlay string) map[string]map[string]object {
	t.Helper()
	all := make(map[string]map[string]object)
	for _, document := range documents(t, render(t, overlay)) {
		var o object
		require.NoError(t, json.Unmarshal(document, &o))
		if all[o.Kind] == nil {
			all[o.Kind] = make(map[string]object)
		}
		require.NotContains(t, all[o.Kind], o.Metadata.Name)
		all[o.Kind][o.Metadata.Name] = o
	}
	return all
}
