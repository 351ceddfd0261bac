package standalone_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestArchiveBecomesTheWholeEvent(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := upAlone(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := made(t, 60, 25, 1)

	id := olga.upload(t, archive)
	require.NotEmpty(t, olga.task(t, id).State, "the task is there right after the 202")
	result := olga.succeeded(t, id)
	require.Equal(t, expected(t, archive), olga.inventory(t, result.ID))
	require.Equal(t, expected(t, archive), olga.inventory(t, result.Identifier))
	require.Contains(t, result.URL, result.Identifier)

	require.Equal(t, 1, olga.total(t, "/v1/notifications"))
	admin := as(t, p, folder, "ada@admins.example", true)
	var mails struct {
		Data []struct{ Recipient, Subject, Text, State string }
	}
	admin.get(t, "/v1/mails", &mails)
	require.Len(t, mails.Data, 1)
	require.Equal(t, "olga@organizers.example", mails.Data[0].Recipient)
	require.Equal(t, "kept", mails.Data[0].State)
	require.Contains(t, mails.Data[0].Subject, result.EventName)
	require.Contains(t, mails.Data[0].Text, result.ID)
	require.Contains(t, mails.Data[0].Text, result.URL)
}

func TestBrokenArchiveFailsWithItsReasonsAndLeavesNothingVisible(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)

	id := olga.upload(t, zipped(t, map[string]string{
		"event":    `{"id": 1, "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`,
		"sessions": "[\n  {\"id\": 1, \"title\": \"Wicks\"\n]",
	}))
	task := olga.ended(t, id)
	require.Equal(t, contracts.Failure, task.State)
	require.IsType(t, "", task.Result, "old clients expect one readable text")
	require.NotEmpty(t, task.Result)
	require.Equal(t, "invalid_archive", task.Error.Code)
	require.Equal(t, contracts.Event, task.Error.Stage)

	var issues struct{ Data []contracts.Issue }
	olga.get(t, "/v1/imports/"+id+"/issues?filter[severity]=error", &issues)
	found := make(map[string]contracts.Issue)
	for _, i := range issues.Data {
		found[i.File] = i
	}
	require.Contains(t, found["event"].Message, "name")
	require.Equal(t, 3, found["sessions"].Line)
	require.Empty(t, olga.all(t, "/v1/events"))
	// The failure of a stage shows before the last stage has told of it.
	require.Eventually(t, func() bool { return olga.total(t, "/v1/notifications") == 1 }, patience, glance)
}

func TestSameArchiveTwiceMakesTwoWholeEvents(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := made(t, 40, 20, 2)

	id := olga.upload(t, archive)
	first := olga.succeeded(t, id)
	second := olga.succeeded(t, olga.upload(t, archive))
	require.Empty(t, first.EarlierImport)
	require.Equal(t, id, second.EarlierImport, "it is said that there was one before")
	require.NotEqual(t, first.ID, second.ID)
	require.NotEqual(t, first.Identifier, second.Identifier)
	require.Equal(t, expected(t, archive), olga.inventory(t, first.ID))
	require.Equal(t, expected(t, archive), olga.inventory(t, second.ID))
}

func TestTenArchivesAtOnceStayApart(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	archives := make([][]byte, 10)
	people := make([]api, 10)
	ids := make([]string, 10)
	for i := range archives {
		archives[i] = made(t, 20+7*i, 10+3*i, uint64(i))
		people[i] = as(t, p, folder, "organizer"+string(rune('a'+i))+"@organizers.example", false)
	}
	for i := range archives {
		ids[i] = people[i].upload(t, archives[i])
	}
	for i := range archives {
		result := people[i].succeeded(t, ids[i])
		require.Equal(t, expected(t, archives[i]), people[i].inventory(t, result.ID))
		require.Len(t, people[i].all(t, "/v1/events"), 1, "everybody sees their own")
	}
}
