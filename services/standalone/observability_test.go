package standalone_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// promQL reads expressions as Prometheus does without any experimental feature.
var promQL = parser.NewParser(parser.Options{})

// seldom are metrics that the embedded installation has no reason to show.
var seldom = []string{
	"usher_broker_storage_limit_bytes", // the account of the embedded broker has no limit
}

// labelsOf returns the labels of each metric that is shown, of a histogram those of its
// _bucket, _sum and _count.
func labelsOf(series map[string]float64) map[string][]string {
	label := regexp.MustCompile(`([a-z_]+)="`)
	all := make(map[string][]string)
	for s := range series {
		name, rest, _ := strings.Cut(s, "{")
		all[name] = append(all[name], "job", "instance") // which Prometheus adds
		for _, found := range label.FindAllStringSubmatch(rest, -1) {
			all[name] = append(all[name], found[1])
		}
	}
	return all
}

// measured is what /metrics tells of a process in which all has happened that is counted.
func measured(t *testing.T) (series map[string]float64, importID string) {
	t.Helper()
	folder, smtp := dataFolder(t), newCatcher(t)
	p := up(t, folder, "USHER_SMTP_URL=smtp://"+smtp.address)
	olga := as(t, p, folder, "olga@organizers.example", false)
	good := olga.upload(t, made(t, 12, 6, 3))
	olga.succeeded(t, good)
	bad := olga.upload(t, zipped(t, map[string]string{"event": `{"name": 1,`}))
	require.Equal(t, contracts.Failure, olga.ended(t, bad).State)
	require.Eventually(t, func() bool { return len(smtp.caught(t)) == 2 }, patience, glance)
	// A mail is measured once the server has answered, an import once it is shown.
	require.Eventually(t, func() bool {
		series = p.metrics(t)
		return series[`usher_mail_delivery_duration_seconds_count{result="sent"}`] == 2 &&
			series[`usher_import_duration_seconds_count{kind="event-archive",state="FAILURE"}`] == 1
	}, patience, glance)
	return series, good
}

func TestAlertsAndDashboardAskForWhatUsherShows(t *testing.T) {
	t.Parallel()
	series, importID := measured(t)
	there := labelsOf(series)
	holds := func(where, expr string) {
		t.Helper()
		parsed, err := promQL.ParseExpr(strings.ReplaceAll(expr, "$__rate_interval", "5m"))
		require.NoError(t, err, where)
		selectors := parser.ExtractSelectors(parsed)
		require.NotEmpty(t, selectors, where)
		for _, matchers := range selectors {
			at := slices.IndexFunc(matchers, func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel })
			name := matchers[at].Value
			if slices.Contains(seldom, name) {
				continue
			}
			require.Contains(t, there, name, "%s: %s", where, expr)
			for i, m := range matchers {
				if i != at {
					require.Contains(t, there[name], m.Name, "%s: %s", where, expr)
				}
			}
		}
	}
	for panel, expressions := range deployments.Expressions() {
		for _, expr := range expressions {
			holds("the panel "+panel, expr)
		}
	}
	for _, rule := range alerts(t) {
		holds("the alert "+rule.Alert, rule.Expr)
	}

	// What is told of one import is not what is counted of all.
	documented := deploymentFile(t, deployments.MetricsFile)
	for s := range series {
		require.NotContains(t, s, importID)
		require.NotContains(t, s, "olga")
		if name, _, _ := strings.Cut(s, "{"); strings.HasPrefix(name, "usher_") {
			require.Contains(t, documented, "`"+family(name)+"`")
		}
	}
	for _, name := range regexp.MustCompile("(?m)^\\| `(usher_[a-z_]+)` \\|").FindAllStringSubmatch(documented, -1) {
		if !slices.Contains(seldom, name[1]) {
			same := func(s string) bool { return s == name[1] || s == name[1]+"_count" }
			require.True(t, slices.ContainsFunc(names(there), same), "%s is described and not shown", name[1])
		}
	}
}

func names(of map[string][]string) []string {
	var all []string
	for name := range of {
		all = append(all, name)
	}
	return all
}

// family is the metric that a series belongs to.
func family(series string) string {
	for _, part := range []string{"_bucket", "_sum", "_count"} {
		if whole, ok := strings.CutSuffix(series, part); ok && strings.HasSuffix(whole, "_seconds") {
			return whole
		}
	}
	return series
}

// alerts are the rules of alerts.yaml, read as Prometheus does.
func alerts(t *testing.T) []rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile(filepath.Join(repository, "deployments", "alerts.yaml"), false, model.UTF8Validation, promQL, testLog(t))
	require.Empty(t, errs)
	var all []rulefmt.Rule
	for _, group := range groups.Groups {
		all = append(all, group.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile("`usher ([a-z]+)[^`]*`")
	help := output(t, nil, "--help")
	for _, rule := range alerts(t) {
		require.Contains(t, []string{"warning", "critical"}, rule.Labels["severity"], rule.Alert)
		require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
		runbook := rule.Annotations["runbook"]
		require.NotContains(t, runbook, "\n", rule.Alert)
		commands := command.FindAllStringSubmatch(runbook, -1)
		require.NotEmpty(t, commands, "%s names no command that helps", rule.Alert)
		for _, c := range commands {
			require.Contains(t, help, "\n  "+c[1], "%s: there is no %s", rule.Alert, c[0])
		}
	}
}
