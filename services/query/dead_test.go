package query_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
)

// bury buries a message as a stage does that cannot read it.
func (b *bench) bury(t *testing.T, payload []byte) {
	t.Helper()
	dead := nats.NewMsg(b.res.Broker.Names().Dead("event-archive-media"))
	dead.Data = payload
	dead.Header = nats.Header{
		broker.BuriedReason: {"no JSON"}, broker.BuriedConsumer: {"event-archive-media"}, broker.BuriedSubject: {"usher.x"}, broker.BuriedID: {"m1"},
	}
	_, err := b.res.Broker.JetStream().PublishMsg(t.Context(), dead)
	require.NoError(t, err)
}

// delete is get for removing.
func (b *bench) delete(t *testing.T, who auth.Identity, path string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, b.url+path, nil)
	require.NoError(t, err)
	if who != (auth.Identity{}) {
		token, err := b.signer.Issue(who, time.Hour)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := b.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

func TestAdministratorsListShowAndDiscardMessagesThatNobodyCouldRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for n := range 3 {
		b.bury(t, fmt.Appendf(nil, "{%d\x1b[2J", n))
	}
	page := b.ok(t, admin, "/v1/dead?page[size]=2")
	require.Equal(t, "application/vnd.api+json", page.header.Get("Content-Type"))
	require.Equal(t, number("3"), at(page.body, "meta", "total"))
	require.Equal(t, []any{"3", "2"}, []any{at(page.body, "data", 0, "id"), at(page.body, "data", 1, "id")})
	attributes := at(page.body, "data", 0, "attributes").(map[string]any)
	require.Equal(t, "no JSON", attributes["reason"])
	require.Equal(t, "event-archive-media", attributes["consumer"])
	require.Equal(t, "m1", attributes["message-id"])
	require.Equal(t, number("6"), attributes["size"])
	require.NotContains(t, attributes, "payload")
	next := b.ok(t, admin, at(page.body, "links", "next").(string))
	require.Equal(t, "1", at(next.body, "data", 0, "id"))

	one := b.ok(t, admin, "/v1/dead/2")
	require.Equal(t, "{1\x1b[2J", at(one.body, "data", "attributes", "payload"))
	require.Equal(t, false, at(one.body, "data", "attributes", "payload-cut"))

	require.Equal(t, http.StatusForbidden, b.delete(t, olga, "/v1/dead/2"))
	require.Equal(t, http.StatusUnauthorized, b.delete(t, nobody, "/v1/dead/2"))
	require.Equal(t, http.StatusNoContent, b.delete(t, admin, "/v1/dead/2"))
	require.Equal(t, http.StatusNotFound, b.delete(t, admin, "/v1/dead/2"))
	require.Len(t, b.ok(t, admin, "/v1/dead").data(t), 2)
	for _, path := range []string{"/v1/dead/2", "/v1/dead/4", "/v1/dead/0", "/v1/dead/01", "/v1/dead/-1", "/v1/dead/x", "/v1/dead/18446744073709551616"} {
		b.refused(t, admin, path, http.StatusNotFound, "not_found")
	}
	b.refused(t, admin, "/v1/dead?page[size]=0", http.StatusBadRequest, "bad_page")
	for _, path := range []string{"/v1/dead", "/v1/dead/1"} {
		b.refused(t, olga, path, http.StatusForbidden, "admin_only")
		b.refused(t, nobody, path, http.StatusUnauthorized, "token_missing")
	}
}

func TestPayloadIsShownAsTextWhereItIsOneAndOnlyItsBeginning(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const most = 64 << 10
	for _, test := range []struct {
		payload   string
		text, raw any
		cut       bool
	}{
		{"", "", nil, false},
		{strings.Repeat("x", most), strings.Repeat("x", most), nil, false},
		{strings.Repeat("x", most) + "y", strings.Repeat("x", most), nil, true},
		{strings.Repeat("x", most-1) + "öy", strings.Repeat("x", most-1), nil, true},
		{"\xff\x00", nil, base64.StdEncoding.EncodeToString([]byte("\xff\x00")), false},
		{strings.Repeat("\xff", most+1), nil, base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\xff", most))), true},
	} {
		b.bury(t, []byte(test.payload))
		newest := at(b.ok(t, admin, "/v1/dead").body, "data", 0, "id").(string)
		attributes := at(b.ok(t, admin, "/v1/dead/"+newest).body, "data", "attributes").(map[string]any)
		require.Equal(t, test.text, attributes["payload"])
		require.Equal(t, test.raw, attributes["payload-base64"])
		require.Equal(t, test.cut, attributes["payload-cut"])
		require.Equal(t, number(itoa(int64(len(test.payload)))), attributes["size"])
	}
}
