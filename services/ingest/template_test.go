package ingest_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/contracttest"
)

func TestTemplateOfAListIsThereForEverybodyInBothFormats(t *testing.T) {
	t.Parallel()
	_, url, _ := serve(t)
	for name, begins := range map[string]string{"csv": "nick,email,password,first_name", "xlsx": "PK\x03\x04"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/users/import/template."+name, nil)
		require.NoError(t, err)
		response, err := contracttest.Client(t, &http.Client{Timeout: time.Minute}).Do(request)
		require.NoError(t, err)
		file, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, `attachment; filename="users.`+name+`"`, response.Header.Get("Content-Disposition"))
		require.Equal(t, begins, string(file[:len(begins)]))
	}
}
