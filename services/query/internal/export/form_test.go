package export

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

// fieldRow is a row of a field of a form.
func fieldRow(origin, form, name, unknown string) formRow {
	f := formRow{Origin: origin, Form: form, FieldIdentifier: name, IsIncluded: true}
	f.ID = 7
	if unknown != "" {
		f.Unknown = json.RawMessage(unknown)
	}
	return f
}

func TestFieldsOfFormsGoIntoAsFewRecordsAsHoldThemInTheirOrder(t *testing.T) {
	t.Parallel()
	// Each record is told by the fields that it describes, or by the one that it is.
	for name, c := range map[string]struct {
		rows []formRow
		want [][]string
	}{
		"none": {nil, nil},
		"one record": {[]formRow{
			fieldRow("0/0", "session", "title", ""), fieldRow("0/1", "speaker", "name", ""), fieldRow("0/2", "speaker", "email", ""),
		}, [][]string{{"title", "name", "email"}}},
		"two plain records": {[]formRow{fieldRow("0/0", "session", "title", ""), fieldRow("1/0", "speaker", "name", "")}, [][]string{{"title", "name"}}},
		"a session's field behind a speaker's": {[]formRow{fieldRow("0/0", "speaker", "name", ""), fieldRow("1/0", "session", "title", "")},
			[][]string{{"name"}, {"title"}}},
		"the same field twice":    {[]formRow{fieldRow("0/0", "session", "title", ""), fieldRow("1/0", "session", "title", "")}, [][]string{{"title"}, {"title"}}},
		"a field of another form": {[]formRow{fieldRow("0/0", "session", "title", ""), fieldRow("0/1", "attendee", "age", "")}, [][]string{{"title"}, {"is age"}}},
		"rows of a table": {[]formRow{fieldRow("0/0", "session", "title", `{"type":"text"}`), fieldRow("1/0", "speaker", "name", `{"type":"text"}`)},
			[][]string{{"is title"}, {"is name"}}},
		"more said inside":       {[]formRow{fieldRow("0/0", "speaker", "name", `{"speaker_form/name/help":"?","mood":1}`)}, [][]string{{"name"}}},
		"a field without a name": {[]formRow{fieldRow("0/0", "session", "", `{"mood":1}`)}, [][]string{{""}}},
		"a hyphen":               {[]formRow{fieldRow("0/0", "session", "a-b", "")}, [][]string{{"is a-b"}}},
		"more said behind":       {[]formRow{fieldRow("0/0", "session", "title", ""), fieldRow("1/0", "session", "level", `{"session_form/level/help":"?"}`)}, [][]string{{"title"}, {"level"}}},
	} {
		records, err := formRecords(c.rows)
		require.NoError(t, err, name)
		var got [][]string
		for _, record := range records {
			got = append(got, fieldsIn(record.Value))
		}
		require.Equal(t, c.want, got, name)
	}
}

func fieldsIn(form openevent.Form) []string {
	if form.FieldName != "" {
		return []string{"is " + form.FieldName}
	}
	var names []string
	for _, field := range form.Fields() {
		names = append(names, field.Field)
	}
	return names
}
