package deployments

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"text/template"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
)

//go:embed kubernetes_service.yaml.tmpl
var serviceText string

var serviceTemplate = template.Must(template.New("service").Parse(serviceText))

// room is what a service is given of a node.
type room struct {
	cpu, memory, limit string
	// soft is where Go collects more often instead of growing; empty is what a process
	// with stages sets itself, see service.Run.
	soft string
}

// rooms are what was measured, and a third more. A stage needs up to 230 MiB for the
// largest archive; people hashes passwords beside, 19 MiB for each core; ingest
// streams; query decodes pictures, which is 0.6 GB for the largest.
var rooms = map[contracts.Service]room{
	contracts.IngestService:   {cpu: "50m", memory: "64Mi", limit: "256Mi", soft: "192MiB"},
	contracts.EventService:    {cpu: "100m", memory: "96Mi", limit: "320Mi"},
	contracts.PeopleService:   {cpu: "100m", memory: "128Mi", limit: "512Mi"},
	contracts.ScheduleService: {cpu: "100m", memory: "96Mi", limit: "320Mi"},
	contracts.MediaService:    {cpu: "100m", memory: "96Mi", limit: "320Mi"},
	contracts.NotifyService:   {cpu: "50m", memory: "64Mi", limit: "320Mi"},
	contracts.QueryService:    {cpu: "200m", memory: "192Mi", limit: "1Gi", soft: "896MiB"},
}

// secret is a setting whose value is kept in a Secret.
type secret struct {
	Setting, Secret, Key string
	// Optional ones may be missing: keys of a bucket where the node has an identity,
	// a mail server where mails are kept.
	Optional bool
}

// secretsOf are the settings of a process that nobody else may read. Each process has
// accounts of its own on the broker and in the database, under its name.
func secretsOf(name string, reads func(setting string) bool, usesBucket bool) []secret {
	var all []secret
	for _, s := range []secret{
		{Setting: "USHER_NATS_URL", Secret: "usher-broker", Key: name},
		{Setting: "USHER_DATABASE_URL", Secret: "usher-database", Key: name},
		{Setting: "USHER_JWT_SECRET", Secret: "usher-tokens", Key: "secret"},
		{Setting: "USHER_SMTP_URL", Secret: "usher-mail", Key: "url", Optional: true},
	} {
		if reads(s.Setting) {
			all = append(all, s)
		}
	}
	if usesBucket {
		all = append(all,
			secret{Setting: "AWS_ACCESS_KEY_ID", Secret: "usher-bucket", Key: "access-key", Optional: true},
			secret{Setting: "AWS_SECRET_ACCESS_KEY", Secret: "usher-bucket", Key: "secret-key", Optional: true})
	}
	return all
}

// reaches names what the network has to let a service reach, or be reached by.
func reaches(s service.Service) []string {
	all := []string{"to-broker"}
	for _, each := range []struct {
		name string
		when func(service.Service) bool
	}{
		{"to-database", withDatabase},
		{"to-bucket", withBucket},
		{"to-mail", named("notify")},
		{"to-web", named("media")}, // which fetches files that an archive names by addresses
		{"from-gateway", withRoutes},
	} {
		if each.when(s) {
			all = append(all, each.name)
		}
	}
	return all
}

// kubernetesService is what Kubernetes has to know of one service.
func kubernetesService(s service.Service) ([]byte, error) {
	room, ok := rooms[s.Name]
	if !ok {
		return nil, fmt.Errorf("%s has no room in kubernetes_service.go", s.Name)
	}
	reads, _ := Reads(s)
	var b bytes.Buffer
	err := serviceTemplate.Execute(&b, map[string]any{
		"Name": s.Name, "Port": port, "Routed": withRoutes(s), "Reaches": reaches(s),
		"Secrets": secretsOf(string(s.Name), func(name string) bool { return slices.Contains(reads, name) }, s.UsesBucket),
		"Spread":  []string{"topology.kubernetes.io/zone", "kubernetes.io/hostname"},
		"CPU":     room.cpu, "Memory": room.memory, "MemoryLimit": room.limit, "SoftMemory": room.soft,
	})
	return b.Bytes(), err
}
