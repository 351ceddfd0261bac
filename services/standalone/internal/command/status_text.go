package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// statusText is one import, for reading.
func statusText(server *client.Client, task client.Task, issues []contracts.Issue) string {
	var b strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name, value)
		}
	}
	row("Import", client.Line(task.ID))
	row("State", client.Line(string(task.State)))
	if message := client.Line(task.Message); message != task.Reason() {
		row("Message", message)
	}
	row("Stage", stageText(task))
	row("Started", timeText(task.StartedAt))
	if task.FinishedAt != nil {
		row("Finished", timeText(task.FinishedAt)+", after "+duration(task))
	}
	if event, ok := task.Event(); ok {
		row("Event", eventName(event))
		row("URL", client.Line(server.URL(event.URL)))
	}
	row("Reason", task.Reason())
	b.WriteString(progressText(task.Progress))
	b.WriteString(issueText(server, task, issues))
	return b.String()
}

func stageText(task client.Task) string {
	text := client.Line(string(task.Stage))
	if task.WaitingFor != "" {
		text = "waiting for " + client.Line(string(task.WaitingFor))
	}
	if task.Attempt > 1 {
		text += fmt.Sprintf(", attempt %d", task.Attempt)
	}
	return strings.TrimPrefix(text, ", ")
}

// progressText is a table of the entity types in the order in which they are
// made; those of a later version come last.
func progressText(progress map[contracts.EntityType]contracts.TaskProgress) string {
	order := contracts.EntityTypes()
	for entity := range progress {
		if !slices.Contains(order, entity) {
			order = append(order, entity)
		}
	}
	slices.Sort(order[len(contracts.EntityTypes()):])
	var b strings.Builder
	for _, entity := range order {
		p := progress[entity]
		if p.Done == 0 && p.Total == 0 {
			continue
		}
		fmt.Fprintf(&b, "  %-16s %7d", client.Line(string(entity)), p.Done)
		if p.Total > 0 {
			fmt.Fprintf(&b, " of %7d  %3d %%", p.Total, min(p.Done, p.Total)*100/p.Total)
		}
		b.WriteByte('\n')
	}
	if b.Len() == 0 {
		return ""
	}
	return "Progress\n" + b.String()
}

// issueText counts the issues and lists those given, each with the place where
// it stands and how to mend it.
func issueText(server *client.Client, task client.Task, issues []contracts.Issue) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-9s %s\n", "Issues", countText(task.Issues))
	for _, issue := range issues {
		fmt.Fprintf(&b, "  %-7s  %s\n", client.Line(string(issue.Severity)), client.Line(issue.String()))
		if issue.Hint != "" {
			fmt.Fprintf(&b, "           %s\n", client.Line(issue.Hint))
		}
	}
	all := task.Issues.Error + task.Issues.Warning + task.Issues.Info
	if more := all - len(issues); more > 0 {
		fmt.Fprintf(&b, "  %d more: %s\n", more, client.Line(server.URL("/v1/imports/"+task.ID+"/issues")))
	}
	return b.String()
}

func countText(c contracts.IssueCounts) string {
	var parts []string
	for _, kind := range []struct {
		n         int
		one, many string
	}{{c.Error, "error", "errors"}, {c.Warning, "warning", "warnings"}, {c.Info, "info", "info"}} {
		switch kind.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+kind.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", kind.n, kind.many))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func eventName(event contracts.Result) string {
	return fmt.Sprintf("%s (id %s)", client.Line(event.EventName), client.Line(event.ID))
}

// timeText is a moment as the reader's clock shows it.
func timeText(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Local().Format("2006-01-02 15:04:05 MST")
}

// duration is how long the import took, empty where it is not known.
func duration(task client.Task) string {
	if task.StartedAt == nil || task.FinishedAt == nil {
		return ""
	}
	took := task.FinishedAt.Sub(*task.StartedAt)
	if took < time.Minute {
		return took.Round(100 * time.Millisecond).String()
	}
	return took.Round(time.Second).String()
}

// byteText is a number of bytes as people say it.
func byteText(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, prefix := float64(n)/unit, 0
	for value >= unit && prefix < len("kMGT")-1 {
		value, prefix = value/unit, prefix+1
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGT"[prefix])
}
