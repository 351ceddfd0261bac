package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// importsList uploads a list of users, whom it does not invite, and waits until the
// import has succeeded. The time is from when the upload is accepted.
func (u *usher) importsList(ctx context.Context, path string, format table.Format) (imported, error) {
	var one imported
	id, err := u.uploadList(ctx, path, format)
	if err != nil {
		return one, err
	}
	one = imported{id: id, began: time.Now()}
	return one, u.await(ctx, &one, contracts.UserList)
}

// uploadList uploads a file without holding it in memory, and returns the id of the import.
func (u *usher) uploadList(ctx context.Context, path string, format table.Format) (_ string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	body, pipe := io.Pipe()
	defer body.Close() //nolint:errcheck // it cannot fail
	form := multipart.NewWriter(pipe)
	go func() {
		part, err := form.CreateFormFile("file", "crew."+string(format))
		if err == nil {
			_, err = io.Copy(part, file)
		}
		pipe.CloseWithError(errors.Join(err, form.Close()))
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.url+"/v1/users/import/"+string(format)+"?invite=false", body)
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+u.token)
	answer, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var accepted struct {
		ID     string `json:"id"`
		Detail string `json:"detail"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&accepted); err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusAccepted {
		return "", fmt.Errorf("upload of a list: %s: %s", answer.Status, accepted.Detail)
	}
	return accepted.ID, nil
}
