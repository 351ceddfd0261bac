package ingest_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
	_ "gocloud.dev/blob/fileblob"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/ingest"
)

const secret = "a secret for tests, 32 bytes and more"

// serve runs the whole service, and returns what it works with, its address and
// what it logs.
func serve(t *testing.T) (*service.Resources, string, *bytes.Buffer) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: filepath.Join(t.TempDir(), "nats")}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b, err := broker.Connect(t.Context(), broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Provision(t.Context()))
	store, err := bucket.Open(t.Context(), "file://"+filepath.Join(t.TempDir(), "blobs"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	verifier, err := auth.NewVerifier(auth.Config{Secret: secret, Issuer: "usher", Audience: "usher"})
	require.NoError(t, err)

	logged := new(bytes.Buffer)
	res := &service.Resources{
		Broker: b, Bucket: store, Auth: verifier,
		Log:    slog.New(slog.NewJSONHandler(logged, nil)),
		Config: service.Config{MaxUpload: 1 << 20},
	}
	mux, err := service.NewMux(res, func(*http.Request) error { return nil }, ingest.Service())
	require.NoError(t, err)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return res, web.URL, logged
}

func upload(t *testing.T) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	file, err := form.CreateFormFile("file", "conf.zip")
	require.NoError(t, err)
	archive := zip.NewWriter(file)
	member, err := archive.Create("event")
	require.NoError(t, err)
	_, err = io.WriteString(member, `{"name": "A conference"}`)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, form.Close())
	return form.FormDataContentType(), b.Bytes()
}

func token(t *testing.T, method jwt.SigningMethod, key any, change jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{"iss": "usher", "aud": "usher", "sub": "ada", "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(claims, change)
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	require.NoError(t, err)
	return text
}

func TestServiceTakesAnUploadOfWhoeverHasAToken(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"Bearer", "JWT", "bearer"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			res, url, logged := serve(t)
			good := token(t, jwt.SigningMethodHS256, []byte(secret), nil)
			contentType, body := upload(t)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/events/import/json", bytes.NewReader(body))
			require.NoError(t, err)
			request.Header.Set("Content-Type", contentType)
			request.Header.Set("Authorization", scheme+" "+good)
			response, err := contracttest.Client(t, &http.Client{Timeout: time.Minute}).Do(request)
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			require.Equal(t, http.StatusAccepted, response.StatusCode)
			var answer struct{ ID string }
			require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))

			names := res.Broker.Names()
			stored, err := res.Broker.Last(t.Context(), names.ImportsStream(), names.AnyOutcome(contracts.EventArchive, contracts.Ingest, answer.ID, 1))
			require.NoError(t, err)
			envelope, _, err := contracts.Decode(stored.Data)
			require.NoError(t, err)
			require.Equal(t, contracts.Owner{Issuer: "usher", Subject: "ada"}, envelope.Owner)
			require.NotContains(t, logged.String(), good)
			require.NotContains(t, string(stored.Data), good)
		})
	}
}

func TestServiceTurnsAwayWhoHasNoneBeforeItReadsAnything(t *testing.T) {
	t.Parallel()
	res, url, _ := serve(t)
	for name, test := range map[string]struct{ authorization, code string }{
		"no token":       {"", "token_missing"},
		"another scheme": {"Basic YTpi", "token_missing"},
		"expired":        {"Bearer " + token(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"exp": 1}), "token_invalid"},
		"wrong audience": {"Bearer " + token(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"aud": "x"}), "token_invalid"},
		"wrong issuer":   {"Bearer " + token(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": "x"}), "token_invalid"},
		"wrong key":      {"JWT " + token(t, jwt.SigningMethodHS256, []byte("another secret of thirty-two bytes"), nil), "token_invalid"},
		"wrong method":   {"Bearer " + token(t, jwt.SigningMethodHS512, []byte(secret), nil), "token_invalid"},
		"alg none":       {"Bearer " + token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil), "token_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			unread := readerFunc(func([]byte) (int, error) {
				t.Error("the body was asked for")
				return 0, io.EOF
			})
			// An unknown source type: that, too, is nobody's business without a token.
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/events/import/other", unread)
			require.NoError(t, err)
			request.Header.Set("Expect", "100-continue")
			if test.authorization != "" {
				request.Header.Set("Authorization", test.authorization)
			}
			transport := &http.Transport{ExpectContinueTimeout: time.Minute}
			defer transport.CloseIdleConnections()
			response, err := transport.RoundTrip(request)
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			require.Equal(t, http.StatusUnauthorized, response.StatusCode)
			require.Contains(t, response.Header.Get("WWW-Authenticate"), "Bearer")
			var answer struct{ Code, Detail string }
			require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
			require.Equal(t, test.code, answer.Code)
			if test.authorization != "" {
				require.NotContains(t, answer.Detail, test.authorization)
			}
		})
	}
	list, err := res.Bucket.List(nil).Next(t.Context())
	require.ErrorIs(t, err, io.EOF, "%v", list)
}

// table is a form with a file that is to be a list of users.
func table(t *testing.T, content string) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	file, err := form.CreateFormFile("file", "crew.csv")
	require.NoError(t, err)
	_, err = io.WriteString(file, content)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	return form.FormDataContentType(), b.Bytes()
}

// send uploads a form and returns the status and the members of the answer.
func send(t *testing.T, url, authorization, contentType string, body []byte) (status int, answer struct{ ID, Kind, Code string }) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+authorization)
	request.Header.Set("Idempotency-Key", "one")
	response, err := contracttest.Client(t, &http.Client{Timeout: time.Minute}).Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return response.StatusCode, answer
}

func TestListsOfUsersAreTakenOfAdministratorsOnly(t *testing.T) {
	t.Parallel()
	res, url, logged := serve(t)
	admin := token(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"admin": true})
	nobody := token(t, jwt.SigningMethodHS256, []byte(secret), nil)
	contentType, body := table(t, "nick,email,password\nada,ada@example.org,secret horse\n")

	status, answer := send(t, url+"/v1/users/import/csv", nobody, contentType, body)
	require.Equal(t, http.StatusForbidden, status)
	require.Equal(t, "admin_only", answer.Code)
	_, err := res.Bucket.List(nil).Next(t.Context())
	require.ErrorIs(t, err, io.EOF)

	status, answer = send(t, url+"/v1/users/import/csv", admin, contentType, body)
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, string(contracts.UserList), answer.Kind)
	list := answer.ID
	names := res.Broker.Names()
	stored, err := res.Broker.Last(t.Context(), names.ImportsStream(), names.AnyOutcome(contracts.UserList, contracts.Ingest, list, 1))
	require.NoError(t, err)
	_, payload, err := contracts.Decode(stored.Data)
	require.NoError(t, err)
	request, ok := payload.(*contracts.ImportRequested)
	require.True(t, ok)
	require.Equal(t, "crew.csv", request.FileName)
	require.NotContains(t, string(stored.Data), "secret horse")
	require.NotContains(t, logged.String(), "secret horse")

	// The same again is the same import; the same key on another route is not.
	status, answer = send(t, url+"/v1/users/import/csv", admin, contentType, body)
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, list, answer.ID)
	contentType, body = upload(t)
	status, answer = send(t, url+"/v1/events/import/json", admin, contentType, body)
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, string(contracts.EventArchive), answer.Kind)
	require.NotEqual(t, list, answer.ID)
}

func TestWhatIsNoListIsRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	res, url, _ := serve(t)
	admin := token(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"admin": true})
	for name, c := range map[string]struct {
		path, content string
		status        int
		code          string
	}{
		"a workbook":      {"csv", "PK\x03\x04 and so on", http.StatusUnsupportedMediaType, "not_a_list"},
		"an old workbook": {"csv", "\xd0\xcf\x11\xe0 and so on", http.StatusUnsupportedMediaType, "not_a_list"},
		"a text":          {"xlsx", "nick,email,password\n", http.StatusUnsupportedMediaType, "not_a_list"},
		"nothing":         {"csv", "", http.StatusBadRequest, "file_empty"},
		"another type":    {"xls", "nick,email,password\n", http.StatusNotFound, "unknown_source_type"},
		"an event's type": {"json", "nick,email,password\n", http.StatusNotFound, "unknown_source_type"},
		"too large":       {"csv", strings.Repeat("x", 1<<20+1), http.StatusRequestEntityTooLarge, "too_large"},
	} {
		contentType, body := table(t, c.content)
		status, answer := send(t, url+"/v1/users/import/"+c.path, admin, contentType, body)
		require.Equal(t, c.status, status, name)
		require.Equal(t, c.code, answer.Code, name)
	}
	_, err := res.Bucket.List(nil).Next(t.Context())
	require.ErrorIs(t, err, io.EOF)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
