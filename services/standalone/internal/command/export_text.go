package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// exportedText says what an archive is: "Spring Fair (id 24), 12.3 MB, 79 sessions".
func exportedText(event contracts.Result) string {
	parts := []string{eventName(event), byteText(event.Size)}
	for _, entity := range inOrder(event.Counts) {
		n := event.Counts[entity]
		if n == 0 || entity == contracts.Events { // there is one
			continue
		}
		name := strings.ReplaceAll(client.Line(string(entity)), "-", " ")
		if n == 1 {
			name = strings.TrimSuffix(name, "s")
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, name))
	}
	return strings.Join(parts, ", ")
}

// untilText says how long an archive can be downloaded.
func untilText(at time.Time) string {
	if time.Now().After(at) {
		return "it could be downloaded until " + timeText(&at)
	}
	return "it can be downloaded until " + timeText(&at)
}

// downloadText says where an archive can be downloaded, and how long.
func downloadText(server *client.Client, event contracts.Result) string {
	if time.Now().After(event.ExpiresAt) {
		return untilText(event.ExpiresAt)
	}
	return "download at " + client.Line(server.URL(event.DownloadURL)) + " until " + timeText(&event.ExpiresAt)
}

// refusedText counts what the format's first server would not take of an archive, empty
// where it would take all. The status of the export lists it; there, id is empty.
func refusedText(id string, event contracts.Result) string {
	if event.Exported == nil || event.RefusedByV1 == 0 {
		return ""
	}
	things, them := "1 thing", "it"
	if event.RefusedByV1 > 1 {
		things, them = fmt.Sprintf("%d things", event.RefusedByV1), "them"
	}
	where := "the issues name " + them
	if id != "" {
		where = fmt.Sprintf("`usher status %s` lists %s", client.Line(id), them)
	}
	return fmt.Sprintf("%s in it would be refused by the old server; %s\n", things, where)
}
