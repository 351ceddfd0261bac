package export

import (
	"encoding/json"
	"fmt"
	"iter"
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
		"none": {nil, [][]string{nil}},
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
		var got [][]string
		for record, err := range formRecords(given(c.rows)) {
			require.NoError(t, err, name)
			got = append(got, fieldsIn(record.Value))
		}
		require.Equal(t, c.want, got, name)
	}
}

// given gives rows that are there.
func given(rows []formRow) iter.Seq2[*formRow, error] {
	return func(yield func(*formRow, error) bool) {
		for i := range rows {
			if !yield(&rows[i], nil) {
				return
			}
		}
	}
}

func TestFormsOfVeryManyFieldsAreRecordsOfSome(t *testing.T) {
	t.Parallel()
	rows := make([]formRow, 2500)
	for i := range rows {
		rows[i] = fieldRow(fmt.Sprintf("%d/0", i), "session", fmt.Sprintf("field_%d", i), "")
	}
	var lengths []int
	for record, err := range formRecords(given(rows)) {
		require.NoError(t, err)
		lengths = append(lengths, len(record.Value.Fields()))
	}
	require.Equal(t, []int{1000, 1000, 500}, lengths)
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
