package service

import (
	"errors"
	"net/url"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// What stands in USHER_EVENT_URL for the event.
const (
	identifierPlace = "{identifier}"
	idPlace         = "{id}"
)

// eventPath is where Usher itself shows an event, below PublicURL.
const eventPath = "/e/" + identifierPlace

// URLOf returns where people look at an event.
func (c Config) URLOf(e contracts.EventFacts) string {
	template := c.EventURL
	if template == "" {
		template = strings.TrimRight(c.PublicURL, "/") + eventPath
	}
	return fillEventURL(template, e)
}

func fillEventURL(template string, e contracts.EventFacts) string {
	return strings.NewReplacer(identifierPlace, url.PathEscape(e.Identifier), idPlace, url.PathEscape(e.ID)).Replace(template)
}

// checkEventURL tells what is wrong with a template for URLs of events.
func checkEventURL(template string) error {
	filled := fillEventURL(template, contracts.EventFacts{ID: "1", Identifier: "a"})
	u, err := url.Parse(filled)
	if filled == template || strings.ContainsAny(filled, "{}") || err != nil || u.Host == "" ||
		u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("USHER_EVENT_URL must be a URL with {identifier} or {id} in it and no other braces, such as https://usher.example/e/{identifier}")
	}
	return nil
}
