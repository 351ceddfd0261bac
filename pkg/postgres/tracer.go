package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// tracer is told by pgx of each statement. It measures them and gives them spans.
type tracer struct{ metrics *Metrics }

var (
	_ pgx.QueryTracer    = tracer{}
	_ pgx.CopyFromTracer = tracer{}
)

// statement is one that is under way.
type statement struct {
	name  string
	began time.Time
	span  trace.Span
}

type statementKey struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return t.start(ctx, firstWord(data.SQL))
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	t.end(ctx, data.Err)
}

// TraceCopyFromStart implements pgx.CopyFromTracer.
func (t tracer) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	return t.start(ctx, "COPY", attribute.String("db.collection.name", strings.Join(data.TableName, ".")))
}

// TraceCopyFromEnd implements pgx.CopyFromTracer.
func (t tracer) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	t.end(ctx, data.Err)
}

func (t tracer) start(ctx context.Context, name string, attrs ...attribute.KeyValue) context.Context {
	s := &statement{name: name, began: time.Now()}
	ctx, s.span = span(ctx, name, append(attrs, attribute.String("db.operation.name", name))...)
	return context.WithValue(ctx, statementKey{}, s)
}

func (t tracer) end(ctx context.Context, err error) {
	s, ok := ctx.Value(statementKey{}).(*statement)
	if !ok {
		return
	}
	result := "ok"
	if err != nil {
		result = "failed"
	}
	if t.metrics != nil {
		t.metrics.duration.WithLabelValues(strings.ToLower(s.name), result).Observe(time.Since(s.began).Seconds())
	}
	end(s.span, err)
}

// firstWords are those that a statement is known by.
var firstWords = []string{
	"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK", "SET", "CREATE", "ALTER", "DROP", "LOCK", "TRUNCATE",
}

// firstWord is the first word of a statement, or OTHER: there shall be few.
func firstWord(sql string) string {
	sql = strings.TrimLeft(sql, " \t\r\n(")
	for _, word := range firstWords {
		if len(sql) >= len(word) && strings.EqualFold(sql[:len(word)], word) {
			return word
		}
	}
	return "OTHER"
}
