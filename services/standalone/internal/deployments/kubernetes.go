package deployments

import (
	"path"

	"github.com/usher-events/usher/pkg/service"
)

// KubernetesFolder is the folder, in the folder deployments, of what Kubernetes reads.
const KubernetesFolder = "kubernetes"

// Kubernetes returns those of its files that follow from the code, by their paths in
// the folder deployments. The others, which are written by hand, put them together.
func Kubernetes(services []service.Service) (map[string][]byte, error) {
	files := make(map[string][]byte)
	add := func(content []byte, err error, name ...string) error {
		files[path.Join(append([]string{KubernetesFolder}, name...)...)] = content
		return err
	}
	for _, s := range services {
		content, err := kubernetesService(s)
		if err := add(content, err, "base", string(s.Name)+".yaml"); err != nil {
			return nil, err
		}
	}
	routes, err := kubernetesRoutes()
	if err := add(routes, err, "base", "routes.yaml"); err != nil {
		return nil, err
	}
	scaling, err := kubernetesScaling()
	if err := add(scaling, err, "components", "keda", "scaled-objects.yaml"); err != nil {
		return nil, err
	}
	return files, nil
}
