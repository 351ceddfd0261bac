package chaos

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestExportFailsOnlyWhereItsEventWasTouched(t *testing.T) {
	t.Parallel()
	made := &cargo{name: "an event", kind: contracts.EventArchive}
	made.exports = exportOf(made)
	for _, of := range []struct {
		course
		befits []string
	}{
		{course{state: contracts.Success, attempt: 1}, nil},
		{course{state: contracts.Success, attempt: 2}, []string{"event_changing"}},
		{course{state: contracts.Success, attempt: 2, failed: true}, []string{"event_gone", "event_changing"}},
		{course{state: contracts.Discarded, attempt: 1}, []string{"event_gone"}},
	} {
		for _, code := range []string{"event_gone", "event_changing", "tries_exhausted"} {
			v := verdict{
				w: &world{}, courses: map[string]*course{"import": &of.course}, report: new(Report),
				blobs: blobs{exports: map[string][]string{"export": {"exports/export/1-dead/event.zip"}}},
			}
			s := &shipment{cargo: made.exports, id: "export", of: "import"}
			require.NoError(t, v.export(t.Context(), s, &course{state: contracts.Failure, code: code, attempt: 1}))
			require.Equal(t, slices.Contains(of.befits, code), len(v.findings) == 0, "%s %+v: %v", code, of.course, v.findings)
			require.Equal(t, 1, v.report.OrphanedExports, "a try that came to nothing is swept")
		}
	}
}

func TestExportThatNobodyHasHeardOfIsKnownFromItsKey(t *testing.T) {
	t.Parallel()
	taken, lost := &shipment{awaited: "taken"}, &shipment{awaited: "lost"}
	v := verdict{silent: []*shipment{taken, lost}}
	courses := map[string]*course{"taken": {}}
	v.awaited(courses)
	v.awaited(courses)
	require.Equal(t, []*shipment{taken}, v.shipments)
	require.Equal(t, "taken", taken.id)
}
