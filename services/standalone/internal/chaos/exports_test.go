package chaos

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestExportFailsOnlyWhereItsEventWasTouched(t *testing.T) {
	t.Parallel()
	made := &cargo{name: "an event", kind: contracts.EventArchive}
	made.exports = exportOf(made)
	for code, codeIsOfEvents := range map[string]bool{"event_gone": true, "event_changing": true, "tries_exhausted": false} {
		for of, touched := range map[*course]bool{
			{state: contracts.Success, attempt: 1}:   false,
			{state: contracts.Success, attempt: 2}:   true,
			{state: contracts.Discarded, attempt: 1}: true,
		} {
			v := verdict{
				w: &world{}, courses: map[string]*course{"import": of}, report: new(Report),
				blobs: blobs{exports: map[string][]string{"export": {"exports/export/1-dead/event.zip"}}},
			}
			s := &shipment{cargo: made.exports, id: "export", of: "import"}
			require.NoError(t, v.export(t.Context(), s, &course{state: contracts.Failure, code: code, attempt: 1}))
			require.Equal(t, codeIsOfEvents && touched, len(v.findings) == 0, "%s %+v: %v", code, of, v.findings)
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
