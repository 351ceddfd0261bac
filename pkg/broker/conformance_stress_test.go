//go:build stress

package broker

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
)

// The suite ten times at once takes minutes on two cores; the tag is
// Watermill's own and makes the suite more patient too.
func TestConformsToWatermillUnderStress(t *testing.T) {
	t.Parallel()
	pubSub, groups := suite(startServer(t))
	tests.TestPubSubStressTest(t, suiteFeatures, pubSub, groups)
}
