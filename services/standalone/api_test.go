package standalone_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/contracttest"
)

// client asks for all of the tests.
var client = &http.Client{Timeout: time.Minute}

// api is somebody who talks to a running usher.
type api struct {
	url   string
	token string
}

// as returns the api of a person; their token is of the folder's key.
func as(t *testing.T, p *process, folder, email string, admin bool) api {
	t.Helper()
	args := []string{"token", "--email", email, "--data", folder}
	if admin {
		args = append(args, "--admin")
	}
	return api{url: p.url, token: output(t, nil, args...)}
}

// upload sends an archive and returns the import's id.
func (a api) upload(t *testing.T, archive []byte) string {
	t.Helper()
	var accepted struct {
		ID string `json:"id"`
	}
	a.do(t, a.uploadOf(t, archive), http.StatusAccepted, &accepted)
	return accepted.ID
}

// uploadOf is the request that uploads an archive.
func (a api) uploadOf(t *testing.T, archive []byte) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "archive.zip")
	require.NoError(t, err)
	_, err = part.Write(archive)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/v1/events/import/json", &body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	return req
}

func (a api) get(t *testing.T, path string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+path, nil)
	require.NoError(t, err)
	a.do(t, req, http.StatusOK, into)
}

func (a api) do(t *testing.T, req *http.Request, status int, into any) {
	t.Helper()
	if a.token != "" { // else it is nobody who asks
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	res, err := contracttest.Client(t, client).Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, status, res.StatusCode, string(body))
	if into == nil {
		return
	}
	require.NoError(t, json.Unmarshal(body, into), string(body))
}

func (a api) task(t *testing.T, id string) contracts.Task {
	t.Helper()
	var task contracts.Task
	a.get(t, "/v1/tasks/"+id, &task)
	return task
}

// succeeded waits for the end of an import, which must be a success, and
// returns its result.
func (a api) succeeded(t *testing.T, id string) contracts.Result {
	t.Helper()
	task := a.ended(t, id)
	require.Equal(t, contracts.Success, task.State, "%+v", task)
	b, err := json.Marshal(task.Result)
	require.NoError(t, err)
	var result contracts.Result
	require.NoError(t, json.Unmarshal(b, &result))
	return result
}

func (a api) ended(t *testing.T, id string) contracts.Task {
	t.Helper()
	var task contracts.Task
	require.Eventually(t, func() bool {
		task = a.task(t, id)
		return task.State.Final()
	}, patience, glance)
	return task
}

// total is how many entries a list has.
func (a api) total(t *testing.T, path string) int {
	t.Helper()
	var list struct {
		Meta struct {
			Total int `json:"total"`
		} `json:"meta"`
	}
	a.get(t, path, &list)
	return list.Meta.Total
}

// resource is one entry of a list of the event API.
type resource struct {
	ID            string         `json:"id"`
	Attributes    map[string]any `json:"attributes"`
	Relationships map[string]struct {
		Data any `json:"data"`
	} `json:"relationships"`
}

// all walks a list from its first page to its last.
func (a api) all(t *testing.T, path string) []resource {
	t.Helper()
	var all []resource
	for page := 1; ; page++ {
		var list struct {
			Data  []resource `json:"data"`
			Links struct {
				Next string `json:"next"`
			} `json:"links"`
		}
		a.get(t, fmt.Sprintf("%s?page[number]=%d&page[size]=200", path, page), &list)
		all = append(all, list.Data...)
		if list.Links.Next == "" {
			return all
		}
	}
}

// inventory counts what an event consists of, as the API shows it.
type inventory struct {
	Sessions, Speakers, Tracks, Microlocations, SessionTypes, Sponsors, SocialLinks int
	SessionSpeakers                                                                 int
	// Unplaced are the sessions that lack their track, room or type.
	Unplaced          int
	Stored, NotStored int
}

func (a api) inventory(t *testing.T, event string) inventory {
	t.Helper()
	at := "/v1/events/" + event
	inv := inventory{
		Speakers:       len(a.all(t, at+"/speakers")),
		Tracks:         len(a.all(t, at+"/tracks")),
		Microlocations: len(a.all(t, at+"/microlocations")),
		SessionTypes:   len(a.all(t, at+"/session-types")),
		Sponsors:       len(a.all(t, at+"/sponsors")),
		SocialLinks:    len(a.all(t, at+"/social-links")),
	}
	for _, s := range a.all(t, at+"/sessions") {
		inv.Sessions++
		if speakers, ok := s.Relationships["speakers"].Data.([]any); ok {
			inv.SessionSpeakers += len(speakers)
		}
		for _, place := range []string{"track", "microlocation", "session-type"} {
			if s.Relationships[place].Data == nil {
				inv.Unplaced++
				break
			}
		}
	}
	for _, m := range a.all(t, at+"/media") {
		if m.Attributes["state"] == "stored" {
			inv.Stored++
		} else {
			inv.NotStored++
		}
	}
	return inv
}
