package chaos

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testPrograms are this test as usher, and a real broker.
func testPrograms(t *testing.T) programs {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	brokers, err := filepath.Glob("../../../../.tools/nats-server-*/nats-server")
	require.NoError(t, err)
	require.Len(t, brokers, 1, `the tests need a broker to kill: run "make servers"`)
	broker, err := filepath.Abs(brokers[0])
	require.NoError(t, err)
	return programs{usher: self, nats: broker, environment: append(os.Environ(), asUsher+"=1")}
}

// The short form of "make chaos".
func TestAcceptedImportsEndWholeWhateverIsKilledOnTheWay(t *testing.T) {
	t.Parallel()
	p := testPrograms(t)
	report, err := Run(t.Context(), Config{
		Usher: p.usher, NATS: p.nats, Environment: p.environment,
		Seed: 2, Imports: 30, For: 30 * time.Second, Out: t.Output(),
	})
	require.NoError(t, err)
	require.NoError(t, report.Print(t.Output()))
	require.Empty(t, report.Findings)
	require.Greater(t, report.Imports, 30, "those of the calm come on top")
	require.Positive(t, report.Exports["SUCCESS"])
	require.Positive(t, report.Strikes[killed])
	require.Positive(t, report.Strikes[frozen])
}

func TestPlanFollowsFromTheSeed(t *testing.T) {
	t.Parallel()
	planned := func(seed uint64) plan {
		return newPlan(rand.New(rand.NewPCG(seed, 0)), names(), time.Hour)
	}
	first, again := planned(7), planned(7)
	require.Equal(t, first, again)
	require.NotEqual(t, first, planned(8))
}

func TestPlanHarmsNobodyWhoStillIs(t *testing.T) {
	t.Parallel()
	p := newPlan(rand.New(rand.NewPCG(3, 0)), names(), time.Hour)
	until := make(map[string]time.Duration)
	for _, s := range p.strikes {
		require.Greater(t, s.at, until[s.victim])
		until[s.victim] = s.at + s.length
	}
	require.Len(t, until, len(names())+2, "everybody has a turn, broker and database as well")
}
