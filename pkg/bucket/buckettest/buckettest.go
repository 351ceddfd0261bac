// Package buckettest is what Usher needs of a blob store, as tests: a store that holds all
// of it will do. Beside what stands here it has to be durable when it answers, which no
// test can see.
package buckettest

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/usher-events/usher/pkg/bucket"
)

// Run holds a store against what Usher needs. Open opens a bucket, or a prefix of one,
// that is empty, and closes it with the test.
func Run(t *testing.T, open func(t *testing.T) *bucket.Bucket) {
	t.Helper()
	for name, holds := range map[string]func(*testing.T, *bucket.Bucket){
		"StoreKeepsEveryByteAndTellsSizeAndHash":    storeKeepsEveryByte,
		"LaterStoreWins":                            laterStoreWins,
		"StoreTakesManyAtOnce":                      storeTakesManyAtOnce,
		"BrokenReaderLeavesNothing":                 brokenReaderLeavesNothing,
		"CanceledStoreLeavesNothing":                canceledStoreLeavesNothing,
		"BatchStoresMany":                           batchStoresMany,
		"BatchTellsAgainOfABlobWithoutWritingIt":    batchTellsAgainWithoutWriting,
		"RangesAreTheBytesThemselves":               rangesAreTheBytesThemselves,
		"MissingBlobIsNotFoundAndNoOutage":          missingBlobIsNotFound,
		"ReadingEndsWithItsContext":                 readingEndsWithItsContext,
		"ListsAreCompleteBeyondAPage":               listsAreCompleteBeyondAPage,
		"ListsGoOnWhileTheirBlobsGo":                listsGoOnWhileTheirBlobsGo,
		"ListsTellSizeAndTime":                      listsTellSizeAndTime,
		"DeleteRemovesABlobOnce":                    deleteRemovesOnce,
		"DeleteBelowRemovesWhatBeginsWithThePrefix": deleteBelowRemovesByPrefix,
		"CopyHasTheSameBytesAndOutlivesWhatItIsOf":  copyOutlivesItsSource,
		"CopyOfNothingIsNotFoundAndLeavesNothing":   copyOfNothingLeavesNothing,
		"PingTellsThatItIsThere":                    pingTellsThatItIsThere,
		"LinkServesWhatWasStored":                   linkServesWhatWasStored,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holds(t, open(t))
		})
	}
}

// noise is made-up content that does not repeat.
func noise(size int) []byte {
	content := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(content)
	return content
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
