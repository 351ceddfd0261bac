package ending

import (
	"testing"
	"time"

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
		require.Equal(t, want+".", summary(contracts.UserList, finished))
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
	require.Equal(t, "The event Lantern Days has been imported.", summary(contracts.EventArchive, finished))
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
	require.Equal(t, failed.Reason, summary(contracts.EventArchive, finished))
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

// exported is a success of an export.
func exported() (*contracts.EventExported, contracts.Carried) {
	trigger := &contracts.EventExported{}
	trigger.Counts = map[contracts.EntityType]int{
		contracts.Events: 1, contracts.Sessions: 48, contracts.Microlocations: 5, contracts.Tracks: 0, contracts.MediaFiles: 11,
	}
	return trigger, contracts.Carried{
		FileName: "lantern-days-1a2b3c4d.zip",
		Event:    &contracts.EventFacts{ID: "24", Identifier: "1a2b3c4d", Name: "Lantern Days"},
		Export:   &contracts.Export{Of: "01c29f11-5d3a-7b08-8a55-91c07be3d240", Dialect: "a", Image: true},
		Exported: &contracts.Exported{
			Size: 12_345_678, SHA256: "ab", ExpiresAt: time.Date(2031, 5, 9, 9, 0, 0, 0, time.UTC), RefusedByV1: 7,
			FirstRefused: []contracts.Issue{{Severity: contracts.Warning, File: "sessions", Message: "too long"}},
		},
		Issues: contracts.IssueCounts{Warning: 9},
	}
}

// download is where the archive of an export of these tests is.
const download = "https://usher.example/v1/exports/" + importID

func TestExportTellsWhereItsArchiveIsAndWhatItHolds(t *testing.T) {
	t.Parallel()
	trigger, carried := exported()
	finished := outcomeOfExport(trigger, carried, importAddress, download)
	require.Equal(t, &contracts.ImportFinished{
		State: contracts.Success, Issues: carried.Issues,
		Result: &contracts.Result{
			ID: "24", Identifier: "1a2b3c4d", EventName: "Lantern Days",
			DownloadURL: download, Exported: carried.Exported, Counts: trigger.Counts, URL: importAddress,
		},
	}, finished)
	require.Equal(t, "Event Lantern Days has been exported", title(contracts.EventExport, finished))
	require.Equal(t, "The event Lantern Days has been exported. Its archive can be downloaded until 9 May 2031, 09:00 UTC.",
		summary(contracts.EventExport, finished))

	// A replay from here on has no completion before it.
	carried.Totals = map[contracts.EntityType]int{contracts.Sessions: 48}
	again := outcomeOfExport(&contracts.ReplayRequested{Carried: carried, From: contracts.Notify}, carried, importAddress, download)
	require.Equal(t, carried.Totals, again.Result.Counts)
}

func TestFailureOfAnExportIsNoneOfAnImport(t *testing.T) {
	t.Parallel()
	failed := &contracts.StageFailed{Stage: contracts.Query, Code: "event_gone", Reason: "The event is not there any more."}
	_, failed.Carried = exported()
	finished := outcomeOfExport(failed, failed.Carried, importAddress, download)
	require.Equal(t, &contracts.ImportFinished{
		State: contracts.Failure, Failure: failed.Reason, FailedStage: contracts.Query, Code: "event_gone", Issues: failed.Issues,
	}, finished)
	require.Equal(t, "Export of event failed", title(contracts.EventExport, finished))
	require.Equal(t, failed.Reason, summary(contracts.EventExport, finished))
}
