// Package browser has the tests of the pages in a real browser, against a real
// `usher up`. They need Chromium, so they stand behind the build tag "browser",
// and `make test-browser` runs them.
package browser
