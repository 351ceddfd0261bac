package start

import (
	"net/http"
	"sync"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

func TestStartOfAListImportsTheCheckedRowsWithTheOptionsOfTheCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	id := b.start(t, check).accepted(t)
	env, request := b.stored(t, id)
	require.Equal(t, contracts.UserList, env.Kind)
	require.Equal(t, ada.Owner(), env.Owner)
	require.Equal(t, "crew.csv", request.FileName)
	require.Equal(t, contracts.Options{
		Mode: contracts.Lenient, OnConflict: contracts.ConflictUpdates, NoInvite: true,
		Mapping: map[string]string{"Rufname": "nick"},
	}, request.Options)
	copied, err := b.Bucket.ReadAll(t.Context(), request.Blob)
	require.NoError(t, err)
	require.Equal(t, list, string(copied))
}

func TestStartOfAListTakesAnotherMapping(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want map[string]string
	}{
		"another one": {`{"mapping":{"Rufname":"firstname","#2":""}}`, map[string]string{"Rufname": "firstname", "#2": ""}},
		"none":        {`{"mapping":{}}`, nil},
		"not told":    {`{}`, map[string]string{"Rufname": "nick"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.who = root
			_, request := b.stored(t, b.startWith(t, b.checkedList(t), test.body).accepted(t))
			require.Equal(t, test.want, request.Options.Mapping)
			require.Equal(t, contracts.ConflictUpdates, request.Options.OnConflict)
		})
	}
}

func TestStartOfAListIsNotRepeatedWithAnotherMapping(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	first := b.startWith(t, check, `{"mapping":{"Rufname":"firstname"}}`)
	first.accepted(t)
	require.Equal(t, first.body, b.startWith(t, check, `{"mapping":{"Rufname":"firstname"}}`).body)
	require.Equal(t, first.body, b.start(t, check).body, "whoever asks for nothing gets what there is")
	b.startWith(t, check, `{"mapping":{"Rufname":"nick"}}`).refused(t, http.StatusConflict, "import_started")
}

func TestStartRefusesABodyThatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	for _, body := range []string{`{"maping":{}}`, `[]`, `{"mapping":{"a":1}}`, `{} {}`, `{"mapping"`} {
		b.startWith(t, check, body).refused(t, http.StatusBadRequest, "bad_body")
	}
	b.startWith(t, b.checked(t), `{"mapping":{"a":"nick"}}`).refused(t, http.StatusBadRequest, "bad_body")
	require.Equal(t, 2, b.requests(t), "those of the checks")
}

func TestStartOfAListIsForAdministrators(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check := b.checkedList(t)
	b.start(t, check).refused(t, http.StatusForbidden, "admin_only")
	b.who = paul
	b.start(t, check).refused(t, http.StatusNotFound, "not_found")
}

func TestStartOfAListLeavesOneCopyOfIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	first := b.start(t, check)
	_, request := b.stored(t, first.accepted(t))
	require.Equal(t, []string{request.Blob}, b.blobs(t))
	require.Equal(t, first.body, b.start(t, check).body)
	require.Equal(t, []string{request.Blob}, b.blobs(t))
}

func TestStartsOfAListAtTheSameMomentAreOneImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	answers := make([]answer, 8)
	var group sync.WaitGroup
	for n := range answers {
		group.Go(func() { answers[n] = b.start(t, check) })
	}
	group.Wait()
	for _, a := range answers {
		a.accepted(t)
		require.Equal(t, answers[0].body, a.body)
	}
	require.Len(t, b.blobs(t), 1)
}

// The copy of a check's list may be removed between a look for an import and the copying.
func TestStartOfAListWhoseCheckWasJustStartedIsThatStart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	request, _, err := b.look(t.Context(), check, wanted{}, root)
	require.NoError(t, err)
	other := b.start(t, check)
	other.accepted(t)
	gone := b.Bucket.Copy(t.Context(), request.Blob, "archives/late/copy")
	require.Error(t, gone)
	kept, err := b.first(t.Context(), request, wanted{}, gone)
	require.NoError(t, err)
	require.Equal(t, other.body["id"], kept.Import)
}

func TestStartThatIsNotStoredLeavesTheCheckItsList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.who = root
	check := b.checkedList(t)
	blobs := b.blobs(t)
	next := b.Publisher
	b.Publisher = &publisher{publish: func(message.Publisher, string, *message.Message) error { return broker.ErrFull }}
	require.Equal(t, http.StatusServiceUnavailable, b.start(t, check).status)
	require.Equal(t, blobs, b.blobs(t))
	b.Publisher = next
	b.start(t, check).accepted(t)
}
