package control

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

// listed is an import of a list that has succeeded and come to this.
func (b *bench) listed(t *testing.T, came contracts.Accounts) *imported {
	t.Helper()
	i := b.imported(t)
	i.kind, i.carried.Options = contracts.UserList, contracts.Options{Mode: contracts.Lenient}
	i.requested().carried.Accounts = &came
	return i.completed(contracts.People).cameTo(came)
}

// cameTo tells that the attempt has ended in success.
func (i *imported) cameTo(came contracts.Accounts) *imported {
	i.t.Helper()
	return i.control(contracts.Notify, &contracts.ImportFinished{
		State: contracts.Success, Result: &contracts.Result{Accounts: &came, URL: "https://usher.example/imports/" + i.id},
	})
}

func (b *bench) mend(t *testing.T, id string) answer {
	t.Helper()
	return b.ask(t, http.MethodPost, id+"/rows/csv",
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"failed-rows.csv\"\r\n\r\nnick\r\n--x--\r\n",
		"Content-Type", "multipart/form-data; boundary=x")
}

// mends serves the command as if a file had been stored.
func mends(c *Controller) func(http.ResponseWriter, *http.Request, auth.Identity) error {
	return func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		if err := c.Mendable(w, r, who); err != nil {
			return err
		}
		return c.Mend(w, r, who, "archives/mended", "failed-rows.csv")
	}
}

func TestMendedRowsBeginTheNextAttemptWithWhatTheImportHasComeTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	came := contracts.Accounts{Created: 98, Failed: 2}
	i := b.listed(t, came)
	b.mend(t, i.id).accepted(t, 2, contracts.People)
	env, replay, _ := i.stored()
	require.Equal(t, 2, env.Attempt)
	require.Equal(t, ada.Owner(), env.Owner)
	require.Equal(t, &contracts.ReplayRequested{
		Carried: contracts.Carried{Blob: "archives/mended", FileName: "failed-rows.csv", Options: i.carried.Options, Mended: true, Accounts: &came},
		From:    contracts.People, By: root.Owner(),
	}, replay)
	b.mend(t, i.id).refused(t, http.StatusConflict, "import_running")

	// The attempt fails and has changed nothing: they may come again, also by a replay.
	i.attempt = 2
	i.failed(contracts.People).ended(contracts.People)
	b.mend(t, i.id).accepted(t, 3, contracts.People)
	i.attempt = 3
	i.failed(contracts.People).ended(contracts.People)
	_, err := b.Bucket.Store(t.Context(), "archives/mended", http.NoBody, "text/csv")
	require.NoError(t, err)
	b.replay(t, i.id, "").accepted(t, 4, contracts.People)
	_, again, _ := i.stored()
	require.Equal(t, replay.Carried, again.Carried)

	// In the end nothing is left to mend.
	i.attempt = 4
	i.completed(contracts.People).cameTo(contracts.Accounts{Created: 100})
	b.mend(t, i.id).refused(t, http.StatusConflict, "nothing_to_mend")
}

func TestMendedRowsBeginWithWhatWasMadeAlsoWhereOnlyTheLastStageHasFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	i := b.listed(t, contracts.Accounts{Created: 90, Failed: 10})
	b.mend(t, i.id).accepted(t, 2, contracts.People)
	made := contracts.Accounts{Created: 98, Failed: 2}
	i.attempt, i.carried.Mended, i.carried.Accounts = 2, true, &made
	i.completed(contracts.People).failed(contracts.Notify).ended(contracts.Notify)
	b.mend(t, i.id).accepted(t, 3, contracts.People)
	_, replay, _ := i.stored()
	require.Equal(t, &made, replay.Accounts)

	// What that attempt began with stands where it fails.
	i.attempt = 3
	i.failed(contracts.People).ended(contracts.People)
	b.mend(t, i.id).accepted(t, 4, contracts.People)
	_, replay, _ = i.stored()
	require.Equal(t, &made, replay.Accounts)
}

func TestRowsAreMendedOfAFirstAttemptOfWhichOnlyTheLastStageHasFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	made := contracts.Accounts{Created: 98, Failed: 2}
	i := b.imported(t)
	i.kind = contracts.UserList
	i.requested().carried.Accounts = &made
	i.completed(contracts.People).failed(contracts.Notify).ended(contracts.Notify)
	b.mend(t, i.id).accepted(t, 2, contracts.People)
	_, replay, _ := i.stored()
	require.Equal(t, &made, replay.Accounts)
}

func TestRowsAreMendedWithinADayOfTheEnd(t *testing.T) {
	t.Parallel()
	var later time.Duration
	b := setup(t, func(c *Controller) { c.now = func() time.Time { return time.Now().Add(later) } })
	b.who = root
	i := b.listed(t, contracts.Accounts{Created: 98, Failed: 2})
	later = contracts.ListKept + time.Minute
	b.mend(t, i.id).refused(t, http.StatusGone, "rows_gone")
	later = contracts.ListKept - time.Minute
	b.mend(t, i.id).accepted(t, 2, contracts.People)
}

func TestRowsAreMendedOnlyOfAListThatHasLeftSomeOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	running := b.imported(t)
	running.kind = contracts.UserList
	running.requested()
	failed := b.imported(t)
	failed.kind = contracts.UserList
	failed.requested().failed(contracts.People).ended(contracts.People)
	some := contracts.Accounts{Created: 1, Failed: 1}
	for code, i := range map[string]*imported{
		"import_running":    running,
		"import_failed":     failed,
		"nothing_to_mend":   b.listed(t, contracts.Accounts{Created: 2}),
		"import_discarded":  b.listed(t, some).discarded(),
		"not_a_list_import": b.imported(t).requested().through().succeeded(),
	} {
		before := i.commands()
		b.mend(t, i.id).refused(t, http.StatusConflict, code)
		require.Equal(t, before, i.commands())
	}
	b.mend(t, uuid.NewString()).refused(t, http.StatusNotFound, "not_found")
	b.who = ada
	b.mend(t, b.listed(t, some).id).refused(t, http.StatusForbidden, "admin_only")
}
