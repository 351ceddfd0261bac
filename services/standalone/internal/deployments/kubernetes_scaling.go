package deployments

import (
	"bytes"
	_ "embed"
	"fmt"
	"text/template"

	"github.com/usher-events/usher/contracts"
)

//go:embed kubernetes_scaling.yaml.tmpl
var scalingText string

var scalingTemplate = template.Must(template.New("scaling").Parse(scalingText))

// scale is how many replicas a stage has, and how many messages each of them may have
// before it, those in hand included.
type scale struct {
	Least, Most, Messages int
}

// scales: who answers requests besides is there twice. Media may be away altogether,
// for it does nothing but its stage; with four imports in hand a replica of it is busy,
// as each may take minutes. The others work off a few imports in a second.
var scales = map[contracts.Stage]scale{
	contracts.Event:    {Least: 2, Most: 6, Messages: 20},
	contracts.People:   {Least: 2, Most: 6, Messages: 20},
	contracts.Schedule: {Least: 1, Most: 6, Messages: 20},
	contracts.Media:    {Least: 0, Most: 12, Messages: 4},
	contracts.Notify:   {Least: 2, Most: 4, Messages: 40},
	contracts.Query:    {Least: 2, Most: 6, Messages: 4}, // an export takes as long as its media
}

// kubernetesScaling are the ScaledObjects of KEDA: one for each stage, which goes by what
// its consumers have before them.
func kubernetesScaling() ([]byte, error) {
	type scaled struct {
		Stage contracts.Stage
		scale
		// Blind is how many there are while the broker cannot be asked.
		Blind     int
		Consumers []contracts.Consumer
	}
	var all []scaled
	for _, s := range contracts.Stages() {
		scale, ok := scales[s]
		if !ok {
			return nil, fmt.Errorf("%s has no scale in kubernetes_scaling.go", s)
		}
		all = append(all, scaled{Stage: s, scale: scale, Blind: max(scale.Least, 1), Consumers: contracts.Names{}.ConsumersOf(s)})
	}
	var b bytes.Buffer
	err := scalingTemplate.Execute(&b, all)
	return b.Bytes(), err
}
