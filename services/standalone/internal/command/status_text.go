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
	if task.Kind == contracts.EventExport {
		row("Export", client.Line(task.ID))
	} else {
		row("Import", client.Line(task.ID))
	}
	row("State", client.Line(string(task.State)))
	if message := client.Line(task.Message); message != task.Reason() {
		row("Message", message)
	}
	row("Stage", stageText(task))
	if task.StageDownSince != nil {
		row("Down", "no process has run the stage since "+timeText(task.StageDownSince))
	}
	if task.StagePausedUntil != nil {
		row("Paused", "until "+timeText(task.StagePausedUntil))
	}
	row("Started", timeText(task.StartedAt))
	if task.FinishedAt != nil {
		row("Finished", timeText(task.FinishedAt)+", after "+duration(task))
	}
	event, ok := task.Event()
	if ok {
		if event.Exported != nil {
			row("Exported", exportedText(event)+"; "+downloadText(server, event))
		} else {
			row("Event", eventName(event))
		}
		row("URL", client.Line(server.URL(event.URL)))
	}
	row("Reason", task.Reason())
	b.WriteString(progressText(task.Progress))
	b.WriteString(wouldText(event))
	b.WriteString(refusedText("", event))
	b.WriteString(issueText(server, task, issues))
	return b.String()
}

func stageText(task client.Task) string {
	text := client.Line(string(task.Stage))
	if task.WaitingFor != "" {
		text = "waiting for " + client.Line(string(task.WaitingFor))
		if task.WaitingSince != nil {
			text += " since " + timeText(task.WaitingSince)
		}
	}
	if task.Attempt > 1 {
		text += fmt.Sprintf(", attempt %d", task.Attempt)
	}
	return strings.TrimPrefix(text, ", ")
}

// progressText is a table of the entity types.
func progressText(progress map[contracts.EntityType]contracts.TaskProgress) string {
	var b strings.Builder
	for _, entity := range inOrder(progress) {
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

// wouldText is what an import would come to, empty for what is no check.
func wouldText(event contracts.Result) string {
	if !event.DryRun {
		return ""
	}
	if event.Accounts != nil {
		return "If it is imported, " + event.Would() + "\n"
	}
	var b strings.Builder
	b.WriteString("An import would make\n")
	for _, entity := range inOrder(event.Counts) {
		if n := event.Counts[entity]; n > 0 {
			fmt.Fprintf(&b, "  %-16s %7d\n", client.Line(string(entity)), n)
		}
	}
	for _, address := range event.Mails {
		fmt.Fprintf(&b, "and write to %s\n", client.Line(address))
	}
	return b.String()
}

// inOrder gives the entity types that things are told of in the order in which
// they are made; those of a later version come last.
func inOrder[V any](told map[contracts.EntityType]V) []contracts.EntityType {
	order := contracts.EntityTypes()
	for entity := range told {
		if !slices.Contains(order, entity) {
			order = append(order, entity)
		}
	}
	slices.Sort(order[len(contracts.EntityTypes()):])
	return order
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
	if event.Accounts != nil && event.DryRun {
		return "the list"
	}
	if event.Accounts != nil {
		return event.Accounts.String()
	}
	if event.ID == "" { // it was only checked
		return client.Line(event.EventName)
	}
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
