package service

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/rs/cors"
)

// crossOrigin lets the pages of the given origins use the interface. Without
// any, browsers keep to the rule that pages read from their own origin only.
// Cookies are not let through: a page of another origin shows a token.
func crossOrigin(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{
			"Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match",
			"Last-Event-ID", "Range", "Traceparent", "Tracestate", "X-Request-Id",
		},
		ExposedHeaders: []string{
			"Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Location", "Retry-After",
			"WWW-Authenticate", "X-Request-Id",
		},
		MaxAge: int((10 * time.Minute).Seconds()),
	}).Handler(next)
}

// validateOrigins names what is no origin: scheme and host, and nothing behind.
func validateOrigins(origins []string) error {
	var errs []error
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin) {
			errs = append(errs, fmt.Errorf("USHER_CORS_ORIGINS: %q is no origin such as https://app.example", origin))
		}
	}
	return errors.Join(errs...)
}
