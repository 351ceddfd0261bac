package upload

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

const crew = "Rufname,email\nada,ada@example.org\n"

func TestReceiveTakesWhatIsAskedForBesideAList(t *testing.T) {
	t.Parallel()
	b := setup(t, func(u *Receiver) { u.Route = Users(1 << 20) })
	mapping := part{"mapping", "", []byte(` {"Rufname": "nick", "#7": ""} `)}
	for query, want := range map[string]struct {
		kind    contracts.Kind
		options contracts.Options
	}{
		"csv":                           {contracts.UserList, contracts.Options{}},
		"csv?dry_run=true&invite=false": {contracts.ListCheck, contracts.Options{NoInvite: true}},
		"csv?on_conflict=fail":          {contracts.UserList, contracts.Options{}},
		"csv?on_conflict=update&mode=lenient&invite=true": {
			contracts.UserList, contracts.Options{OnConflict: contracts.ConflictUpdates, Mode: contracts.Lenient},
		},
	} {
		want.options.Mapping = map[string]string{"Rufname": "nick", "#7": ""}
		contentType, body := form(t, mapping, part{"file", "crew.csv", []byte(crew)})
		a := b.postTo(t, "/v1/users/import/"+query, contentType, bytes.NewReader(body))
		require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
		require.Equal(t, string(want.kind), a.body["kind"], query)
		stored, err := b.broker.Last(t.Context(), b.Names.ImportsStream(), b.Names.AnyRequest(a.body["id"].(string)))
		require.NoError(t, err)
		_, payload, err := contracts.Decode(stored.Data)
		require.NoError(t, err)
		require.Equal(t, want.options, payload.(*contracts.ImportRequested).Options, query)
	}
}

func TestReceiveRefusesWhatCannotBeAskedForOfAList(t *testing.T) {
	t.Parallel()
	b := setup(t, func(u *Receiver) { u.Route = Users(1 << 20) })
	for _, query := range []string{"on_conflict=merge", "invite=no", "mode=loose", "dry_run=1"} {
		contentType, body := form(t, part{"file", "crew.csv", []byte(crew)})
		b.refused(t, b.postTo(t, "/v1/users/import/csv?"+query, contentType, bytes.NewReader(body)), http.StatusBadRequest, "bad_option")
	}
	for _, mapping := range []string{"[]", `{"Rufname": 1}`, "nick", `{"Rufname": "nick"`} {
		contentType, body := form(t, part{"mapping", "", []byte(mapping)}, part{"file", "crew.csv", []byte(crew)})
		b.refused(t, b.postTo(t, "/v1/users/import/csv", contentType, bytes.NewReader(body)), http.StatusBadRequest, "bad_option")
	}
}

func TestARepeatedUploadOfAListWithAnotherMappingIsAnotherOne(t *testing.T) {
	t.Parallel()
	b := setup(t, func(u *Receiver) { u.Route = Users(1 << 20) })
	send := func(mapping string) answer {
		contentType, body := form(t, part{"mapping", "", []byte(mapping)}, part{"file", "crew.csv", []byte(crew)})
		return b.postTo(t, "/v1/users/import/csv", contentType, bytes.NewReader(body), "Idempotency-Key", "one")
	}
	first := send(`{"Rufname": "nick"}`)
	require.Equal(t, http.StatusAccepted, first.status)
	require.Equal(t, first.body["id"], send(` {"Rufname":"nick"}`).body["id"])
	other := send(`{"Rufname": "city"}`)
	require.Equal(t, http.StatusConflict, other.status)
	require.Equal(t, "idempotency_key_reused", other.body["code"])
}
