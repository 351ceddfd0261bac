package stage

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestErrorsAreKeptWhereOtherFindingsAreTooMany(t *testing.T) {
	t.Parallel()
	var f findings
	report := func(s contracts.Severity, code string) {
		f.report(contracts.Issue{Severity: s, Code: code, SourceID: "7"})
	}
	report(contracts.Error, "early")
	for range contracts.MaxIssuesKept + 5 {
		report(contracts.Info, "info")
	}
	report(contracts.Error, "late")
	kept, counts := f.snapshot()
	require.Len(t, kept, contracts.MaxIssuesKept)
	require.Equal(t, contracts.IssueCounts{Error: 2, Info: contracts.MaxIssuesKept + 5}, counts)
	require.Equal(t, []string{"early", "late"}, []string{f.first()[0].Code, f.first()[1].Code})

	for n := range contracts.MaxIssuesKept {
		report(contracts.Error, strconv.Itoa(n))
	}
	report(contracts.Warning, "warning")
	kept, _ = f.snapshot()
	require.Len(t, kept, contracts.MaxIssuesKept)
	for _, i := range kept {
		require.Equal(t, contracts.Error, i.Severity)
	}
}

func TestWhatIsOfTheInputAsAWholeIsKeptBesideAnyNumberOfBadRecords(t *testing.T) {
	t.Parallel()
	var f findings
	whole := func(code string) { f.report(contracts.Issue{Severity: contracts.Info, Code: code, Line: 1}) }
	whole("first")
	for n := range contracts.MaxIssuesKept + 5 {
		f.report(contracts.Issue{Severity: contracts.Error, Code: "bad", RecordIndex: &n})
	}
	whole("last")
	kept, counts := f.snapshot()
	require.Len(t, kept, contracts.MaxIssuesKept)
	require.Equal(t, contracts.IssueCounts{Error: contracts.MaxIssuesKept + 5, Info: 2}, counts)
	require.Equal(t, "first", kept[0].Code)
	require.Equal(t, "last", kept[len(kept)-1].Code)
	require.Equal(t, "bad", f.first()[0].Code, "errors come first all the same")

	// So many are no word about the whole any more.
	for range contracts.MaxIssuesKept {
		whole("again")
	}
	kept, _ = f.snapshot()
	require.Len(t, slices.DeleteFunc(kept, func(i contracts.Issue) bool { return i.Severity != contracts.Error }), contracts.MaxIssuesKept-maxWhole)
}

func TestErrorsThatTakeThePlaceOfOthersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var f findings
	report := func(s contracts.Severity, n int) {
		f.report(contracts.Issue{Severity: s, Code: strconv.Itoa(n), RecordIndex: &n})
	}
	for n := range contracts.MaxIssuesKept {
		report(contracts.Warning, n)
	}
	for n := range 3 {
		report(contracts.Error, n)
	}
	kept, _ := f.snapshot()
	require.Len(t, kept, contracts.MaxIssuesKept)
	var last []string
	for _, i := range kept[len(kept)-4:] {
		last = append(last, string(i.Severity)+" "+i.Code)
	}
	require.Equal(t, []string{"warning 9996", "error 0", "error 1", "error 2"}, last)
}
