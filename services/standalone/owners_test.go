package standalone_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesBelongToTheirRecordsAlsoWhereIdsRepeatOrAreMissing(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	files := manyKinds()
	files["speakers"] = `[{"id":7,"name":"Ada","photo":"/images/ada.png"},{"name":"Cy","photo":"/images/cy.png"},
		{"id":7,"name":"Bea","photo":"/images/bea.png"},{"id":7,"name":"Di","photo":"/images/di.png"}]`
	files["sessions"] = `[{"id":1,"title":"Knots","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00","speakers":[{"id":7}]}]`
	for _, name := range []string{"ada", "bea", "cy", "di"} {
		files["images/"+name+".png"] = "the picture of " + name
	}
	c.succeeded(t, c.upload(t, zipped(t, files)))
	var pictures []string
	err := c.db.NewRaw(`SELECT f.path || ' of ' || s.name FROM media.files f JOIN people.speakers s ON s.id = f.owner_id
		WHERE f.owner_type = 'speakers' AND f.state = 'stored' ORDER BY 1`).Scan(t.Context(), &pictures)
	require.NoError(t, err)
	require.Equal(t, []string{"/images/ada.png of Ada", "/images/bea.png of Bea", "/images/cy.png of Cy", "/images/di.png of Di"}, pictures)

	// The view, from which a remap is made again that got lost, says the same.
	var origins []string
	err = c.db.NewRaw("SELECT origin FROM people.api_by_origin WHERE type = 'speakers' ORDER BY 1").Scan(t.Context(), &origins)
	require.NoError(t, err)
	require.Equal(t, []string{"0", "1", "2"}, origins)
}
