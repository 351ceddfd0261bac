package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Tracing is what decides whether a process tells its traces to a collector. The names
// and meanings are OpenTelemetry's own; what else that has (OTEL_EXPORTER_OTLP_HEADERS,
// OTEL_TRACES_SAMPLER, OTEL_RESOURCE_ATTRIBUTES …) its library reads by itself.
type Tracing struct {
	// Disabled is "true" where nothing is traced whatever else is set.
	Disabled string `env:"OTEL_SDK_DISABLED"`
	// Exporter is "otlp" or "none". Empty is "otlp" where an endpoint is set.
	Exporter string `env:"OTEL_TRACES_EXPORTER"`
	// Endpoint is the URL of the collector for all signals, TracesEndpoint the one for
	// traces, path and all.
	Endpoint       string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	TracesEndpoint string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"`
	// Protocol and TracesProtocol are "http/protobuf": there is no other here.
	Protocol       string `env:"OTEL_EXPORTER_OTLP_PROTOCOL"`
	TracesProtocol string `env:"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"`
	// ServiceName is by what the collector knows the process. Empty is "usher-people" for
	// a process of one service, else "usher".
	ServiceName string `env:"OTEL_SERVICE_NAME"`
}

// overHTTP is the protocol of a collector that we speak, and the usual one.
const overHTTP = "http/protobuf"

// On tells whether anything is traced.
func (t Tracing) On() bool {
	if t.Disabled == "true" || t.Exporter == "none" {
		return false
	}
	return t.Exporter != "" || t.Endpoint != "" || t.TracesEndpoint != ""
}

func (t Tracing) validate() error {
	if !t.On() {
		return nil
	}
	if t.Exporter != "" && t.Exporter != "otlp" {
		return fmt.Errorf("OTEL_TRACES_EXPORTER is %q, it must be otlp or none", t.Exporter)
	}
	for _, protocol := range []string{t.Protocol, t.TracesProtocol} {
		if protocol != "" && protocol != overHTTP {
			return errors.New("OTEL_EXPORTER_OTLP_PROTOCOL must be " + overHTTP + "; collectors take it at port 4318")
		}
	}
	return nil
}

// flushTimeout is how long a process that ends waits for its last spans to be taken.
const flushTimeout = 5 * time.Second

// scope is whose spans are those that the runtime of a process begins.
const scope = "github.com/usher-events/usher/pkg/service"

// startTracing returns what begins spans, and how to end that. Where tracing is off it
// begins none, at no cost, and there is nothing to end.
//
// The provider is not made the global one: what libraries would say of requests and
// errors holds addresses, and what an answer of a store may repeat.
func startTracing(ctx context.Context, cfg Tracing, name string, log *slog.Logger) (trace.Tracer, func(), error) {
	if !cfg.On() {
		return noop.NewTracerProvider().Tracer(scope), func() {}, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(semconv.ServiceName(cmp.Or(cfg.ServiceName, name))), resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("traces: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are not taken", "error", err) }))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	end := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.WarnContext(ctx, "the last traces are lost", "error", err)
		}
	}
	return provider.Tracer(scope), end, nil
}
