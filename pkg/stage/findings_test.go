package stage

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestErrorsAreKeptWhereOtherFindingsAreTooMany(t *testing.T) {
	t.Parallel()
	var f findings
	report := func(s contracts.Severity, code string) { f.report(contracts.Issue{Severity: s, Code: code}) }
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
