package start

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestListIsCheckedAgainWithOtherColumnsAndThatCheckIsStarted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	again := b.startWith(t, check, `{"dry_run":true,"mapping":{"#1":"firstname","#2":"nick"}}`).accepted(t)
	require.NotEqual(t, check, again)
	env, request := b.stored(t, again)
	require.Equal(t, contracts.ListCheck, env.Kind)
	require.Equal(t, ada.Owner(), env.Owner)
	require.Equal(t, "crew.csv", request.FileName)
	require.Equal(t, contracts.Options{
		Mode: contracts.Lenient, OnConflict: contracts.ConflictUpdates, NoInvite: true,
		Mapping: map[string]string{"#1": "firstname", "#2": "nick"},
	}, request.Options)
	require.Equal(t, []string{request.Blob}, b.blobs(t), "the list, which holds passwords, moves on")
	copied, err := b.Bucket.ReadAll(t.Context(), request.Blob)
	require.NoError(t, err)
	require.Equal(t, list, string(copied))

	b.command(t, contracts.ListCheck, again, contracts.Notify, &contracts.ImportFinished{
		State: contracts.Success, Result: &contracts.Result{DryRun: true, Accounts: &contracts.Accounts{Created: 1}, URL: "/imports/" + again},
	})
	env, imported := b.stored(t, b.start(t, again).accepted(t))
	require.Equal(t, contracts.UserList, env.Kind)
	require.Equal(t, request.Options, imported.Options, "what was checked last is what is imported")
	require.Empty(t, imported.EarlierImport, "a check is no import")
	b.start(t, check).refused(t, http.StatusGone, "upload_gone")
}

func TestCheckThatIsAskedForAgainIsOneForEachMapping(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	first := b.startWith(t, check, `{"dry_run":true,"mapping":{"#1":"nick","#2":""}}`)
	first.accepted(t)
	require.Equal(t, first.body, b.startWith(t, check, `{"mapping":{"#2":"","#1":"nick"},"dry_run":true}`).body)
	require.Equal(t, 2, b.requests(t))
	b.startWith(t, check, `{"dry_run":true,"mapping":{"#1":"email"}}`).refused(t, http.StatusGone, "upload_gone")
}

func TestCheckThatHasFailedIsMadeAgainButNotStarted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.uploadedList(t)
	const other = `{"dry_run":true,"mapping":{"Rufname":"nick"}}`
	b.startWith(t, check, other).refused(t, http.StatusConflict, "check_running")
	b.command(t, contracts.ListCheck, check, contracts.Notify, &contracts.ImportFinished{
		State: contracts.Failure, Failure: "There is no column for the field 'nick'", FailedStage: contracts.People, Code: "invalid_list",
	})
	b.start(t, check).refused(t, http.StatusConflict, "check_failed")
	b.startWith(t, check, other).accepted(t)

	removed := b.checkedList(t)
	b.command(t, contracts.ListCheck, removed, contracts.Ingest, &contracts.DiscardRequested{By: root.Owner()})
	b.startWith(t, removed, other).refused(t, http.StatusConflict, "import_discarded")
}

func TestArchiveIsNotCheckedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.startWith(t, b.checked(t), `{"dry_run":true}`).refused(t, http.StatusBadRequest, "bad_body")
	require.Equal(t, 1, b.requests(t), "that of the check")
}
