package deployments

import "encoding/json"

// panel is one picture of the dashboard.
type panel struct {
	title, about string
	// unit is one of Grafana's: "s", "short", "ops", "Bps", "bytes", "percentunit".
	unit   string
	series []series
}

// series are lines of a panel: an expression, and how each of its lines is called.
type series struct{ expr, legend string }

// section is a row of panels under a heading.
type section struct {
	title  string
	panels []panel
}

// quantiles are three lines over a histogram, for each value of a label.
func quantiles(histogram, label, selector string) []series {
	var all []series
	for _, q := range []string{"0.5", "0.95", "0.99"} {
		all = append(all, series{
			expr: "histogram_quantile(" + q + ", sum by (le, " + label + ") (rate(" + histogram + "_bucket" + selector + "[$__rate_interval])))",
			// "media p 0.95"
			legend: "{{" + label + "}} p " + q,
		})
	}
	return all
}

// slowest is one line over a histogram, for each value of a label.
func slowest(histogram, label string) []series { return quantiles(histogram, label, "")[1:2] }

// one is a panel's only expression.
func one(expr, legend string) []series { return []series{{expr, legend}} }

// ofUsher is what each process of Usher shows of itself, with the names of its services.
func ofUsher(expr string) string {
	return expr + " * on (instance, job) group_left (services) usher_process_info"
}

// sections are what an operator looks at: is it going well, where does it wait, what is
// slow, what is full.
func sections() []section {
	return []section{
		{"Imports", []panel{
			{"Uploads accepted", "Per minute, by the way in.", "short", one(
				`60 * sum by (route) (rate(usher_http_request_duration_seconds_count{route=~"/v1/(events|users)/import/.+", status="202"}[$__rate_interval]))`, "{{route}}")},
			{"Imports ended", "Per minute, by what they came to.", "short", one(
				`60 * sum by (kind, state) (rate(usher_import_duration_seconds_count[$__rate_interval]))`, "{{kind}} {{state}}")},
			{"Duration", "From the request to the end.", "s", quantiles("usher_import_duration_seconds", "kind", "")},
			{"Imports by state", "All that are known, those that wait or run among them.", "short", one(
				`max by (kind, state) (usher_imports)`, "{{kind}} {{state}}")},
			{"Records", "Entities made per second, by type.", "ops", one(
				`sum by (type) (rate(usher_records_total[$__rate_interval]))`, "{{type}}")},
			{"Failures", "Stages that have failed for good, per minute, by code. Invalid input is its sender's affair.", "short", one(
				`60 * sum by (stage, code) (rate(usher_stage_failures_total[$__rate_interval]))`, "{{stage}} {{code}}")},
		}},
		{"Stages", []panel{
			{"Waiting", "Messages before each stage.", "short", one(`max by (kind, stage) (usher_stage_lag)`, "{{kind}} {{stage}}")},
			{"In hand", "Messages that replicas have, or that come again; those that were given out before beside.", "short", []series{
				{`max by (kind, stage) (usher_stage_in_flight)`, "{{kind}} {{stage}}"},
				{`max by (kind, stage) (usher_stage_redelivered) > 0`, "{{kind}} {{stage}} again"},
			}},
			{"Processes", "How many run each stage.", "short", one(`max by (kind, stage) (usher_stage_instances)`, "{{kind}} {{stage}}")},
			{"Duration", "Of a try that came to an outcome.", "s", slowest("usher_stage_duration_seconds", "stage")},
			{"Tries", "Per minute, by what they came to.", "short", one(
				`60 * sum by (stage, result) (rate(usher_stage_tries_total[$__rate_interval]))`, "{{stage}} {{result}}")},
			{"Not shown yet", "Messages that are not folded into what people see.", "short", one(
				`max by (stream) (usher_projection_lag)`, "{{stream}}")},
		}},
		{"What it stands on", []panel{
			{"Statements", "How long the database takes.", "s", slowest("usher_database_statement_duration_seconds", "statement")},
			{"Connections to the database", "In use, of how many, and how long one is waited for.", "short", []series{
				{`sum(go_sql_in_use_connections{db_name="usher"})`, "in use"},
				{`sum(go_sql_max_open_connections{db_name="usher"})`, "at most"},
				{`sum(rate(go_sql_wait_duration_seconds_total{db_name="usher"}[$__rate_interval]))`, "waiting"},
			}},
			{"Statements that failed", "Per second.", "ops", one(
				`sum by (statement) (rate(usher_database_statement_duration_seconds_count{result="failed"}[$__rate_interval]))`, "{{statement}}")},
			{"Bucket", "How long the store takes.", "s", slowest("usher_bucket_operation_duration_seconds", "operation")},
			{"Bucket failures", "Per second; each is asked for again.", "ops", one(
				`sum by (operation) (rate(usher_bucket_operation_duration_seconds_count{result="failed"}[$__rate_interval]))`, "{{operation}}")},
			{"Bytes", "Read from the bucket and written to it.", "Bps", one(
				`sum by (direction) (rate(usher_bucket_bytes_total[$__rate_interval]))`, "{{direction}}")},
			{"Publishing", "How long the broker takes to confirm a message.", "s", slowest("usher_publish_duration_seconds", "result")},
			{"Broker", "How full it is.", "percentunit", []series{
				{`max by (stream) (usher_stream_bytes / usher_stream_limit_bytes)`, "{{stream}}"},
				{`max(usher_broker_storage_bytes) / max(usher_broker_storage_limit_bytes)`, "the account"},
			}},
			{"Buried", "Messages that nobody could read: usher dead.", "short", one(
				`max(usher_stream_messages{stream="dead"})`, "dead")},
		}},
		{"People", []panel{
			{"Requests", "Per second, by status.", "ops", one(
				`sum by (status) (rate(usher_http_request_duration_seconds_count[$__rate_interval]))`, "{{status}}")},
			{"Answers", "The slow ones of each route.", "s", slowest("usher_http_request_duration_seconds", "route")},
			{"Open", "Requests being answered, uploads by themselves, and streams.", "short", []series{
				{`sum(usher_http_requests_in_flight)`, "requests"},
				{`sum(usher_http_requests_in_flight{route=~"/v1/(events|users)/import/.+"})`, "uploads"},
				{`sum(usher_live_streams)`, "streams"},
			}},
			{"Mails", "Per minute, by what came of them.", "short", one(
				`60 * sum by (result) (rate(usher_mail_delivery_duration_seconds_count[$__rate_interval]))`, "{{result}}")},
			{"Mail server", "How long it takes for a mail.", "s", slowest("usher_mail_delivery_duration_seconds", "result")},
			{"Mails that wait", "How many, and for how many seconds the oldest has.", "short", []series{
				{`max(usher_mails_pending)`, "mails"},
				{`max(usher_mail_oldest_pending_seconds)`, "seconds"},
			}},
		}},
		{"Processes", []panel{
			{"Memory", "", "bytes", one(ofUsher("process_resident_memory_bytes"), "{{services}} {{instance}}")},
			{"Cores", "", "short", one(ofUsher("rate(process_cpu_seconds_total[$__rate_interval])"), "{{services}} {{instance}}")},
			{"Goroutines", "", "short", one(ofUsher("go_goroutines"), "{{services}} {{instance}}")},
		}},
	}
}

// The width and height of a panel in Grafana's grid, which is 24 wide.
const (
	panelWidth  = 8
	panelHeight = 8
	gridWidth   = 24
)

type object = map[string]any

// Dashboard is the dashboard for Grafana. Its source of data is chosen in it.
func Dashboard() ([]byte, error) {
	source := object{"type": "prometheus", "uid": "${datasource}"}
	var panels []object
	y := 0
	for _, s := range sections() {
		panels = append(panels, object{
			"id": len(panels) + 1, "type": "row", "title": s.title, "collapsed": false, "panels": []object{},
			"gridPos": object{"x": 0, "y": y, "w": gridWidth, "h": 1},
		})
		y++
		for n, p := range s.panels {
			var targets []object
			for m, s := range p.series {
				targets = append(targets, object{"refId": string(rune('A' + m)), "datasource": source, "expr": s.expr, "legendFormat": s.legend, "range": true})
			}
			panels = append(panels, object{
				"id": len(panels) + 1, "type": "timeseries", "title": p.title, "description": p.about, "datasource": source,
				"gridPos":     object{"x": n * panelWidth % gridWidth, "y": y + n*panelWidth/gridWidth*panelHeight, "w": panelWidth, "h": panelHeight},
				"fieldConfig": object{"defaults": object{"unit": p.unit, "min": 0}, "overrides": []object{}},
				"options":     object{"legend": object{"displayMode": "list", "placement": "bottom"}, "tooltip": object{"mode": "multi", "sort": "desc"}},
				"targets":     targets,
			})
		}
		y += (len(s.panels)*panelWidth + gridWidth - 1) / gridWidth * panelHeight
	}
	text, err := json.MarshalIndent(object{
		"uid": "usher", "title": "Usher", "tags": []string{"usher"}, "schemaVersion": 39, "editable": true,
		"timezone": "browser", "refresh": "30s", "time": object{"from": "now-3h", "to": "now"},
		"templating": object{"list": []object{{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}}},
		"panels":     panels,
	}, "", "  ")
	return append(text, '\n'), err
}

// Expressions are those of the dashboard, by the titles of their panels.
func Expressions() map[string][]string {
	all := make(map[string][]string)
	for _, s := range sections() {
		for _, p := range s.panels {
			for _, each := range p.series {
				all[s.title+", "+p.title] = append(all[s.title+", "+p.title], each.expr)
			}
		}
	}
	return all
}
