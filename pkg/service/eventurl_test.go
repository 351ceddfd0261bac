package service_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
)

func TestEventIsLinkedToWhereTheSettingsSay(t *testing.T) {
	t.Parallel()
	event := contracts.EventFacts{ID: "24", Identifier: "1a2b3c4d"}
	for want, cfg := range map[string]service.Config{
		"https://usher.example/e/1a2b3c4d":        {PublicURL: "https://usher.example"},
		"https://usher.example/below/e/1a2b3c4d":  {PublicURL: "https://usher.example/below/"},
		"https://front.example/1a2b3c4d/about#24": {PublicURL: "https://usher.example", EventURL: "https://front.example/{identifier}/about#{id}"},
		"https://front.example/?event=24":         {EventURL: "https://front.example/?event={id}"},
	} {
		require.Equal(t, want, cfg.URLOf(event))
	}
	odd := contracts.EventFacts{Identifier: "a/b?c"}
	require.Equal(t, "https://usher.example/e/a%2Fb%3Fc", service.Config{PublicURL: "https://usher.example"}.URLOf(odd))
}

func TestEventURLIsCheckedAtTheStart(t *testing.T) {
	for _, good := range []string{
		"https://front.example/{identifier}", "http://localhost:8080/e?id={id}", "https://{identifier}.front.example/",
		"https://front.example/{id}/{identifier}",
	} {
		t.Setenv("USHER_EVENT_URL", good)
		_, err := service.ConfigFromEnv()
		require.NoError(t, err, good)
	}
	for _, bad := range []string{
		"https://front.example/", "/e/{identifier}", "front.example/{id}", "javascript:alert('{id}')", "ftp://front.example/{id}",
		"https://front.example/{identifier}/{name}", "https://front.example/{{id}}", "https://front.example/{id", "https:///{id}",
		"https://front.example/{Identifier}", "{id}", "https://front.example/{id}\n",
	} {
		t.Setenv("USHER_EVENT_URL", bad)
		_, err := service.ConfigFromEnv()
		require.ErrorContains(t, err, "USHER_EVENT_URL", bad)
	}
}

func TestSenderOfMailsIsCheckedAtTheStart(t *testing.T) {
	for _, good := range []string{"usher@localhost", "Usher <mail@usher.example>"} {
		t.Setenv("USHER_MAIL_FROM", good)
		_, err := service.ConfigFromEnv()
		require.NoError(t, err, good)
	}
	for _, bad := range []string{"usher", "Usher mail@usher.example", "a@usher.example, b@usher.example"} {
		t.Setenv("USHER_MAIL_FROM", bad)
		_, err := service.ConfigFromEnv()
		require.ErrorContains(t, err, "USHER_MAIL_FROM", bad)
	}
}
