package deployments

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/usher-events/usher/pkg/service"
)

// setting is one environment variable.
type setting struct {
	name string
	// reads tells whether a service reads it, needs whether it does not start
	// without it; nil is none.
	reads, needs func(service.Service) bool
	meaning      string
}

// settings explains every setting of service.Config, in the order in which an
// operator wants to know of them.
func settings() []setting {
	return []setting{
		{"USHER_NATS_URL", everybody, everybody, "The NATS servers, several separated by commas: `nats://user:password@host:4222`. Embedded in `usher up`."},
		{"USHER_NATS_CREDS", everybody, nil, "Path of a credentials file."},
		{"USHER_NATS_CA", everybody, nil, "Path of a PEM file with the authorities of the servers' certificates; without it those of the system."},
		{"USHER_NATS_REPLICAS", everybody, nil, "How many servers keep each stream: 1 or 3. Used by `usher provision`."},
		{"USHER_PREFIX", everybody, nil, "Sets installations on one broker apart: begins every stream and subject."},
		{"USHER_DATABASE_URL", withDatabase, withDatabase, "PostgreSQL: `postgres://user:password@host/name`. Private in `usher up`."},
		{"USHER_BUCKET_URL", withBucket, withBucket, "The blob store, with the parameters of gocloud.dev: `s3://`, `gs://`, `azblob://`, `file://`, `mem://`. " +
			"`signed_links=false` where browsers do not reach the store. A folder in `usher up`."},
		{"USHER_JWT_SECRET", withRoutes, withRoutes, "What signs tokens, at least 32 bytes. Made by `usher up`."},
		{"USHER_JWT_ISSUER", withRoutes, nil, "What a token must name as its `iss`."},
		{"USHER_JWT_AUDIENCE", withRoutes, nil, "What a token must name as its `aud`."},
		{"USHER_LISTEN", everybody, nil, "The address that the process serves HTTP on; `/livez` and `/readyz` tell its health."},
		{"USHER_PUBLIC_URL", named("notify", "people", "query"), nil, "How people reach Usher: links in results, mails and answers begin with it. Without it the address that the process listens on."},
		{"USHER_EVENT_URL", named("notify"), nil, "Where results and mails link to: a URL with `{identifier}` or `{id}`. Without it `/e/{identifier}` below the public URL."},
		{"USHER_CORS_ORIGINS", withRoutes, nil, "Origins of web pages that may use the interface from a browser, separated by commas; `*` is any."},
		{"USHER_WORKERS", withStages, nil, "How many imports each stage of a process handles at once."},
		{"USHER_MAX_TRIES", withStages, nil, "After how many tries a stage is given up and the import fails. An outage does not count."},
		{"USHER_MAX_UPLOAD", named("ingest"), nil, "How many bytes an upload may have."},
		{"USHER_PASSWORD_MIN", named("people", "query"), nil, "How many characters a password must have; 8 at least."},
		{"USHER_BUILDUP_START", named("people"), nil, "The first day on which a user can mean to arrive, such as `2031-05-02`. Without it there is no bound."},
		{"USHER_TEARDOWN_END", named("people"), nil, "The last day on which a user can mean to arrive. Without it there is no bound."},
		{"USHER_REQUIRED_USER_FIELDS", named("people"), nil, "Fields that no user may leave empty beside nick and e-mail address, separated by commas: `tshirt_size,pronoun`."},
		{"USHER_SMTP_URL", named("notify"), nil, "The mail server: `smtp://user:password@host:587` or `smtps://host:465`. Without it mails are kept and not sent."},
		{"USHER_MAIL_FROM", named("notify"), nil, "The sender of mails."},
		{"USHER_PROFILE_LISTEN", everybody, nil, "An address for `go tool pprof`, such as `127.0.0.1:6060`, that only operators reach: what the process computes and what its memory holds. Without it nobody sees."},
		{"USHER_LOG_FORMAT", everybody, nil, "`text` or `json`."},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", everybody, nil, "The collector that takes traces: `http://collector:4318`. Without it, and the next two, nothing is traced."},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", everybody, nil, "The same for traces alone, with the path: `http://collector:4318/v1/traces`."},
		{"OTEL_TRACES_EXPORTER", everybody, nil, "`otlp`, or `none` for no traces. Without an endpoint `otlp` means a collector on this machine."},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", everybody, nil, "`http/protobuf`, and no other."},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", everybody, nil, "The same for traces alone."},
		{"OTEL_SERVICE_NAME", everybody, nil, "What the process is called in traces. Without it `usher-` and the service, or `usher` for more than one."},
		{"OTEL_SDK_DISABLED", everybody, nil, "`true` for no traces, whatever else is set."},
	}
}

func everybody(service.Service) bool { return true }

func withDatabase(s service.Service) bool { return s.Migrations != nil }
func withBucket(s service.Service) bool   { return s.UsesBucket }
func withRoutes(s service.Service) bool   { return s.Routes != nil }
func withStages(s service.Service) bool   { return s.Stages != nil }

func named(names ...string) func(service.Service) bool {
	return func(s service.Service) bool { return slices.Contains(names, string(s.Name)) }
}

// Reads returns the settings that a service reads, needed ones those that it
// does not start without.
func Reads(s service.Service) (all, needed []string) {
	for _, setting := range settings() {
		if setting.reads(s) {
			all = append(all, setting.name)
		}
		if setting.needs != nil && setting.needs(s) {
			needed = append(needed, setting.name)
		}
	}
	return all, needed
}

// Environment is the list of settings in Markdown. A setting of service.Config
// that is not explained here is an error, and so is one that is none.
func Environment(services []service.Service) ([]byte, error) {
	defaults := defaultsOf(reflect.TypeFor[service.Config]())
	var b strings.Builder
	b.WriteString("# Settings\n\nMade from the code by `make deployments`; a change here would be lost.\n\n" +
		"All settings are environment variables. Every process takes the same ones and ignores what its services do not use.\n" +
		"`usher up` needs none of them.\n\n" +
		"| setting | default | read by | |\n| --- | --- | --- | --- |\n")
	for _, s := range settings() {
		value, ok := defaults[s.name]
		if !ok {
			return nil, fmt.Errorf("%s is explained, but is no setting of service.Config", s.name)
		}
		delete(defaults, s.name)
		if value = "`" + value + "`"; value == "``" {
			value = "none"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.name, value, readers(services, s), s.meaning)
	}
	for name := range defaults {
		return nil, fmt.Errorf("%s is a setting of service.Config: explain it in settings.go", name)
	}
	b.WriteString("\nAn S3 bucket takes its keys from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or wherever else AWS' own tools look.\n" +
		"What else OpenTelemetry has for traces counts as well: `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_EXPORTER_OTLP_CERTIFICATE`,\n" +
		"`OTEL_TRACES_SAMPLER` with its `_ARG`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_BSP_…`.\n" +
		"\n## Each service alone\n\n| service | does not start without | reads as well |\n| --- | --- | --- |\n")
	for _, s := range services {
		all, needed := Reads(s)
		others := slices.DeleteFunc(all, func(name string) bool { return slices.Contains(needed, name) })
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Name, list(needed), list(others))
	}
	return []byte(b.String()), nil
}

// defaultsOf returns the default of each setting of a struct and those in it.
func defaultsOf(t reflect.Type) map[string]string {
	all := make(map[string]string)
	for field := range t.Fields() {
		if name := field.Tag.Get("env"); name != "" {
			all[name] = field.Tag.Get("envDefault")
			continue
		}
		maps.Copy(all, defaultsOf(field.Type))
	}
	return all
}

func readers(services []service.Service, s setting) string {
	var names []string
	for _, each := range services {
		if s.reads(each) {
			names = append(names, string(each.Name))
		}
	}
	if len(names) == len(services) {
		return "all"
	}
	return strings.Join(names, ", ")
}

func list(names []string) string { return "`" + strings.Join(names, "` `") + "`" }
