package standalone_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

// oldMessage is a sample of an earlier release as a message of an import of its own.
type oldMessage struct {
	file    string
	raw     []byte
	env     contracts.Envelope
	payload contracts.Payload
}

// oldMessages are those of all releases.
func oldMessages(t *testing.T) []oldMessage {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "contracts/testdata/releases/v*/messages/*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []oldMessage
	for _, file := range files {
		sample, err := os.ReadFile(file)
		require.NoError(t, err)
		env, _, err := contracts.Decode(sample)
		require.NoError(t, err)
		id, err := uuid.NewV7()
		require.NoError(t, err)
		m := oldMessage{file: file, raw: bytes.ReplaceAll(sample, []byte(env.Import), []byte(id.String()))}
		m.env, m.payload, err = contracts.Decode(m.raw)
		require.NoError(t, err)
		all = append(all, m)
	}
	return all
}

// subject is where a message is stored.
func (m oldMessage) subject() string {
	var names contracts.Names
	switch m.payload.(type) {
	case *contracts.Progress, *contracts.StageCleared:
		return names.Status(m.env.Kind, m.env.Import)
	case *contracts.ImportFinished, *contracts.CancelRequested, *contracts.DiscardRequested, *contracts.EventEdited, *contracts.ReplayRequested:
		return names.Control(m.env.Kind, m.env.Import)
	case *contracts.StageFailed:
		return names.Outcome(m.env.Kind, contracts.Stage(m.env.Source), m.env.Import, m.env.Attempt, contracts.OutcomeFailed)
	default:
		return names.Outcome(m.env.Kind, contracts.Stage(m.env.Source), m.env.Import, m.env.Attempt, contracts.OutcomeCompleted)
	}
}

// blob is the key of the file that a message carries, if it does.
func (m oldMessage) blob() string {
	switch p := m.payload.(type) {
	case *contracts.ImportRequested:
		return p.Blob
	case *contracts.ReplayRequested:
		return p.Blob
	case *contracts.EventImported:
		return p.Blob
	case *contracts.PeopleImported:
		return p.Blob
	case *contracts.ScheduleImported:
		return p.Blob
	case *contracts.MediaImported:
		return p.Blob
	case *contracts.StageFailed:
		return p.Blob
	default:
		return ""
	}
}

// next is the stage that a message starts, if it starts one.
func (m oldMessage) next(t *testing.T) (contracts.Stage, bool) {
	t.Helper()
	pipeline, ok := contracts.PipelineOf(m.env.Kind)
	require.True(t, ok)
	if !strings.HasPrefix(m.subject(), "usher.import.") || strings.Contains(m.subject(), ".control.") {
		return "", false
	}
	if _, failed := m.payload.(*contracts.StageFailed); failed {
		return pipeline.Last(), true
	}
	return pipeline.After(contracts.Stage(m.env.Source))
}

func TestStagesHandleTheMessagesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	c.run(t, "media")
	i := slices.IndexFunc(c.env, func(v string) bool { return strings.HasPrefix(v, "USHER_BUCKET_URL=") })
	blobs, err := bucket.Open(t.Context(), strings.TrimPrefix(c.env[i], "USHER_BUCKET_URL="))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, blobs.Close()) })
	js := c.jetStream(t)

	archive := made(t, 10, 5, 9)
	list := []byte("Who,Mail,Remarks\nmira,mira@helpers.example,early\n")
	messages := oldMessages(t)
	for _, m := range messages {
		if key := m.blob(); key != "" {
			file := archive
			if m.env.Kind.List() {
				file = list
			}
			_, err := blobs.Store(t.Context(), key, bytes.NewReader(file), "")
			require.NoError(t, err)
		}
		sent := nats.NewMsg(m.subject())
		sent.Data = m.raw
		sent.Header.Set("_watermill_message_uuid", m.env.ID) // as every release writes it
		_, err := js.PublishMsg(t.Context(), sent)
		require.NoError(t, err)
	}

	var names contracts.Names
	imports, err := js.Stream(t.Context(), names.ImportsStream())
	require.NoError(t, err)
	started := 0
	for _, m := range messages {
		next, ok := m.next(t)
		if !ok {
			continue
		}
		started++
		// What it starts is told, and the import comes to its end.
		pipeline, _ := contracts.PipelineOf(m.env.Kind)
		last := names.Control(m.env.Kind, m.env.Import)
		require.Eventually(t, func() bool {
			if next != pipeline.Last() {
				if _, err := imports.GetLastMsgForSubject(context.Background(), names.AnyOutcome(m.env.Kind, next, m.env.Import, m.env.Attempt)); err != nil {
					return false
				}
			}
			end, err := imports.GetLastMsgForSubject(context.Background(), last)
			if err != nil {
				return false
			}
			_, payload, err := contracts.Decode(end.Data)
			_, finished := payload.(*contracts.ImportFinished)
			return err == nil && finished
		}, patience, glance, "%s starts %s", m.file, next)
		if request, ok := m.payload.(*contracts.ImportRequested); ok {
			end, err := imports.GetLastMsgForSubject(t.Context(), last)
			require.NoError(t, err)
			_, payload, err := contracts.Decode(end.Data)
			require.NoError(t, err)
			require.Equal(t, contracts.Success, payload.(*contracts.ImportFinished).State, "%s: %s", m.file, request.FileName)
		}
	}
	require.Greater(t, started, len(contracts.Stages()))
	c.requireOneTryEach(t)
	dead, err := js.Stream(t.Context(), names.DeadStream())
	require.NoError(t, err)
	require.Zero(t, dead.CachedInfo().State.Msgs, "a message that nobody could read")
}
