package chaos

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestArchivesAreComparedWithoutIDsAndByTheBytesOfFiles(t *testing.T) {
	t.Parallel()
	files := func() map[string]string {
		return map[string]string{
			"event":                     `{"id": 7, "identifier": "a1", "name": "Half", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "logo": "/images/logo_7.png"}`,
			"speakers":                  `[{"id": 3, "name": "Ada"}, {"id": 4, "name": "Ben"}]`,
			"sessions":                  `[{"id": 3, "title": "Wicks", "speakers": [{"id": 4, "name": "Ben"}]}]`,
			"images/logo_7.png":         "a picture",
			"images/speakers/Ada_3.png": "another",
		}
	}
	read := func(files map[string]string) archived {
		t.Helper()
		content, err := zipped(files)
		require.NoError(t, err)
		made, err := readArchive([]byte(content))
		require.NoError(t, err)
		return made
	}
	first := read(files())
	other := files()
	other["event"] = `{"id": 8, "identifier": "b2", "name": "Half", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "logo": "/images/logo_8.png"}`
	other["speakers"] = `[{"id": 30, "name": "Ada"}, {"id": 40, "name": "Ben"}]`
	other["sessions"] = `[{"id": 3, "title": "Wicks", "speakers": [{"id": 40, "name": "Ben"}]}]`
	delete(other, "images/logo_7.png")
	other["images/logo_8.png"] = "a picture"
	require.Empty(t, read(other).differences(first))

	for name, content := range map[string]string{
		"sessions":          `[{"id": 3, "title": "Wicks", "speakers": [{"id": 3, "name": "Ben"}]}]`,
		"speakers":          `[{"id": 4, "name": "Ben"}, {"id": 3, "name": "Ada"}]`,
		"event":             `{"id": 7, "name": "Half", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`,
		"images/logo_7.png": "a pictuer",
	} {
		different := files()
		different[name] = content
		require.NotEmpty(t, read(different).differences(first), name)
	}
	content, err := zipped(map[string]string{"event": `{"id": 7, "name": "Half"`})
	require.NoError(t, err)
	_, err = readArchive([]byte(content))
	require.Error(t, err)
}
