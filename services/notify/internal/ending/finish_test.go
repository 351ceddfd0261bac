package ending

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// address is where the events of these tests are shown.
func address(e contracts.EventFacts) string { return "https://usher.example/e/" + e.Identifier }

// importAddress is where the import of these tests is shown.
const importAddress = "https://usher.example/imports/" + importID

func TestSuccessOfAListTellsHowManyUsersThereAre(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "1 user imported", 12: "12 users imported"} {
		carried := contracts.Carried{Accounts: &contracts.Accounts{Created: n}}
		finished := outcomeOf(&contracts.PeopleImported{}, carried, address, importAddress)
		require.Equal(t, &contracts.Result{Accounts: &contracts.Accounts{Created: n}, URL: importAddress}, finished.Result)
		require.Equal(t, want, title(contracts.UserList, finished))
		require.Equal(t, want+".", summary(finished))
	}
	failed := outcomeOf(&contracts.StageFailed{Code: "invalid_list", Reason: "crew.csv line 2: bad"}, contracts.Carried{}, address, importAddress)
	require.Equal(t, "Import of users failed", title(contracts.UserList, failed))
}

func TestSuccessNamesTheEventItsAddressAndTheEarlierImport(t *testing.T) {
	t.Parallel()
	carried := contracts.Carried{
		Event:         &contracts.EventFacts{ID: "24", Identifier: "1a2b3c4d", Name: "Lantern Days"},
		Issues:        contracts.IssueCounts{Warning: 2},
		EarlierImport: "01c29f11-5d3a-7b08-8a55-91c07be3d240",
	}
	finished := outcomeOf(&contracts.MediaImported{}, carried, address, importAddress)
	require.Equal(t, &contracts.ImportFinished{
		State: contracts.Success, Issues: carried.Issues,
		Result: &contracts.Result{
			ID: "24", Identifier: "1a2b3c4d", EventName: "Lantern Days", URL: "https://usher.example/e/1a2b3c4d",
			EarlierImport: carried.EarlierImport,
		},
	}, finished)
	require.Equal(t, "Event Lantern Days has been imported", title(contracts.EventArchive, finished))
	require.Equal(t, "The event Lantern Days has been imported.", summary(finished))
}

func TestFailureTellsWhatTheStageTold(t *testing.T) {
	t.Parallel()
	failed := broken()
	finished := outcomeOf(failed, failed.Carried, address, importAddress)
	require.Equal(t, contracts.Failure, finished.State)
	require.Equal(t, failed.Reason, finished.Failure)
	require.Equal(t, contracts.Event, finished.FailedStage)
	require.Nil(t, finished.Result)
	require.Equal(t, "Import of event failed", title(contracts.EventArchive, finished))
	require.Equal(t, failed.Reason, summary(finished))
}

func TestCheckTellsWhatAnImportWouldComeToAndWhomItWouldTell(t *testing.T) {
	t.Parallel()
	carried := contracts.Carried{
		EventName: "Lantern Days", Totals: map[contracts.EntityType]int{contracts.Events: 1, contracts.Sessions: 48},
		Issues: contracts.IssueCounts{Warning: 2}, EarlierImport: "01c29f11-5d3a-7b08-8a55-91c07be3d240",
	}
	owner := contracts.Owner{Issuer: "usher", Subject: "olga", Email: "olga@organizers.example"}
	finished := outcomeOfCheck(&contracts.EventImported{}, carried, owner, importAddress)
	require.Equal(t, &contracts.ImportFinished{
		State: contracts.Success, Issues: carried.Issues,
		Result: &contracts.Result{
			DryRun: true, EventName: "Lantern Days", Counts: carried.Totals, Mails: []string{owner.Email},
			URL: importAddress, EarlierImport: carried.EarlierImport,
		},
	}, finished)
	require.Empty(t, outcomeOfCheck(&contracts.EventImported{}, carried, contracts.Owner{Subject: "olga"}, importAddress).Result.Mails)

	failed := broken()
	require.Equal(t, outcomeOf(failed, failed.Carried, address, importAddress), outcomeOfCheck(failed, failed.Carried, owner, importAddress))
}
