package standalone_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeysThatTheFormatDoesNotKnowAreKeptWithTheirRecords(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	files := manyKinds()
	odd := func(record string) string {
		return record[:len(record)-1] + `,"mood":{"a\u0000":[1,"\ud800",1e999]},"x/y":null}`
	}
	list := func(record string) string { return "[" + odd(record) + "]" }
	files["event"] = odd(files["event"])
	files["forms"] = list(`{"id":1,"session_form":"{\"title\":{\"require\":1,\"include\":1,\"help\":\"?\"}}"}`)
	files["microlocations"] = list(`{"id":1,"name":"Quay Hall"}`)
	files["sponsors"] = list(`{"id":1,"name":"Lantern Works"}`)
	files["speakers"] = list(`{"id":1,"name":"Ada Quill"}`)
	files["tracks"] = list(`{"id":1,"name":"Boats","color":"red"}`)
	files["session_types"] = list(`{"id":1,"name":"Talk","length":"00:30"}`)
	files["sessions"] = list(`{"id":1,"title":"Knots","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00"}`)
	c.succeeded(t, c.upload(t, zipped(t, files)))

	want := map[string]any{"mood": map[string]any{"a": []any{1.0, "\ufffd", "1e999"}}, "x~1y": nil}
	for _, table := range []string{
		"event.events", "event.custom_forms", "people.sponsors", "people.speakers",
		"schedule.microlocations", "schedule.tracks", "schedule.session_types", "schedule.sessions",
	} {
		var kept []byte
		require.NoError(t, c.db.NewRaw("SELECT unknown FROM "+table+" WHERE unknown IS NOT NULL").Scan(t.Context(), &kept), table)
		var got map[string]any
		require.NoError(t, json.Unmarshal(kept, &got))
		for key, value := range want {
			require.Equal(t, value, got[key], "%s: %s", table, key)
			require.Contains(t, got, key, table)
		}
		if table == "event.custom_forms" {
			require.Equal(t, "?", got["session_form/title/help"])
		}
	}
}
