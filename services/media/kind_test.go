package media

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/media/internal/files"
)

func TestFileThatIsNotWhatItsFieldIsForIsKeptAndToldOf(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html><title>Please sign in</title>"
	r := newFetchRun(t, files.Web{}, archiveOf(t, map[string]string{
		"event": eventWith(`, "logo": "/logo.png", "background_image": "/wide.png"`),
		"speakers": `[{"id": 1, "name": "Ada", "photo": "/ada.png"},
			{"id": "2\u0000", "name": "Ben", "photo": "/nothing.png"}]`,
		"sessions": `[{"id": 1, "title": "Wicks", "start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T10:30:00",
			"slides": "/talk.html", "video": "/film", "audio": "/noise"}]`,
		"logo.png": page, "wide.png": picture(t), "ada.png": "%PDF-1.7\n", "nothing.png": "",
		"talk.html": page, "film": page, "noise": "\x01\x02\x03\x04",
	}), contracts.Options{})
	require.NoError(t, r.handle(t.Context()))

	require.Equal(t, []string{
		"events/0/logo stored text/html; charset=utf-8", "events/0/background_image stored image/png",
		"speakers/0/photo stored application/pdf", "speakers/1/photo stored text/plain",
		"sessions/0/slides stored text/html; charset=utf-8", "sessions/0/audio stored application/octet-stream",
		"sessions/0/video stored text/html; charset=utf-8",
	}, r.rows(t))
	type found struct {
		file, pointer, value, message string
		line                          int
	}
	told := func(attempt int) []found {
		var told []found
		for _, issue := range r.ended(t, attempt).FirstIssues {
			require.Equal(t, files.CodeKind, issue.Code)
			require.Equal(t, contracts.Warning, issue.Severity)
			told = append(told, found{issue.File, issue.Pointer, issue.Value, issue.Message, issue.Line})
		}
		return told
	}
	first := told(1)
	require.ElementsMatch(t, []found{
		{"event", "/logo", "/logo.png", "'logo' is for a picture, and the file is of the type text/html", 2},
		{"speakers", "/0/photo", "/ada.png", "'photo' is for a picture, and the file is of the type application/pdf", 1},
		{"speakers", "/1/photo", "/nothing.png", "'photo' is for a picture, and the file is empty", 2},
		{"sessions", "/0/video", "/film", "'video' is for a film, and the file is of the type text/html", 2},
	}, first)

	r.replay(t, 2)
	require.ElementsMatch(t, first, told(2), "an attempt that finds them stored tells of them, too")
}
