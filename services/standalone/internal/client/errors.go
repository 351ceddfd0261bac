package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// UnreachableError tells that there was no answer.
type UnreachableError struct {
	Server string
	Err    error
}

// Error implements error.
func (e *UnreachableError) Error() string {
	if errors.Is(e.Err, syscall.ECONNREFUSED) {
		return fmt.Sprintf("cannot reach %s: is usher running? start it with `usher up`", e.Server)
	}
	return fmt.Sprintf("cannot reach %s: %s", e.Server, Line(e.Err.Error()))
}

// Unwrap returns what the network says.
func (e *UnreachableError) Unwrap() error { return e.Err }

// BrokenUploadError tells that an upload was not answered.
type BrokenUploadError struct {
	Server string
	// Sent of Size bytes were handed to the network.
	Sent, Size int64
	Err        error
}

// Error implements error.
func (e *BrokenUploadError) Error() string {
	if e.Sent < e.Size {
		return fmt.Sprintf("the upload to %s broke off after %d of %d bytes, nothing was imported: %s",
			e.Server, e.Sent, e.Size, Line(e.Err.Error()))
	}
	return fmt.Sprintf("%s did not answer to the upload, `usher list` shows whether it was accepted: %s",
		e.Server, Line(e.Err.Error()))
}

// Unwrap returns what the network says.
func (e *BrokenUploadError) Unwrap() error { return e.Err }

// RefusedError is an answer that says no: a problem document (RFC 9457), or
// just a status where something between here and Usher has answered.
type RefusedError struct {
	Server string `json:"-"`
	Status int    `json:"-"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	// RetryAfter is how long the server wants to be left alone, 0 where it does not say.
	RetryAfter time.Duration `json:"-"`

	anonymous bool
}

// Error implements error.
func (e *RefusedError) Error() string {
	switch {
	case e.Status == http.StatusUnauthorized && e.anonymous:
		return fmt.Sprintf("%s wants to know who you are: give --token or set USHER_TOKEN, `usher token` prints one", e.Server)
	case e.Status == http.StatusUnauthorized:
		return fmt.Sprintf("%s does not accept the token: %s; `usher token` prints a new one",
			e.Server, strings.TrimSuffix(e.problem(), "."))
	case e.Title == "" && e.Detail == "":
		return fmt.Sprintf("%s answered %d %s", e.Server, e.Status, http.StatusText(e.Status))
	}
	return e.problem()
}

// problem is the document as "title: detail (code)", each where there is one.
func (e *RefusedError) problem() string { return Problem(e.Title, e.Detail, e.Code) }

// Problem gives a problem document as one line: "title: detail (code)".
func Problem(title, detail, code string) string {
	text := title
	if title != "" && detail != "" {
		text += ": "
	}
	text += detail
	if code != "" {
		text = strings.TrimSpace(text + " (" + code + ")")
	}
	return Line(text)
}

// BrokenDownloadError tells that a file did not come as a whole.
type BrokenDownloadError struct {
	Server string
	// Received of Size bytes have come.
	Received, Size int64
	Err            error
}

// Error implements error.
func (e *BrokenDownloadError) Error() string {
	return fmt.Sprintf("the download from %s broke off after %d of %d bytes: %s", e.Server, e.Received, e.Size, Line(e.Err.Error()))
}

// Unwrap returns what the network says.
func (e *BrokenDownloadError) Unwrap() error { return e.Err }

// StoreError tells that the store to which Usher has led did not give the file. It never
// has the address, which lets in whoever knows it.
type StoreError struct {
	// Store is the store's scheme and host.
	Store string
	// Status is what it has answered, 0 where there was no answer; Err tells then why.
	Status int
	Err    error
}

// Error implements error.
func (e *StoreError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("cannot reach %s, where Usher keeps the file: %s", e.Store, Line(e.Err.Error()))
	}
	return fmt.Sprintf("%s, where Usher keeps the file, answered %d %s", e.Store, e.Status, http.StatusText(e.Status))
}

// Unwrap returns what the network says.
func (e *StoreError) Unwrap() error { return e.Err }

// temporary tells whether the same question may well be answered later.
func temporary(err error) bool {
	if e := (*UnreachableError)(nil); errors.As(err, &e) {
		return true
	}
	if e := (*BrokenDownloadError)(nil); errors.As(err, &e) {
		return true
	}
	if e := (*RefusedError)(nil); errors.As(err, &e) {
		return temporaryStatus(e.Status)
	}
	if e := (*StoreError)(nil); errors.As(err, &e) {
		return e.Status == 0 || temporaryStatus(e.Status)
	}
	return false
}

func temporaryStatus(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusRequestTimeout ||
		status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

func (c *Client) refusal(answer *http.Response) error {
	e := &RefusedError{
		Server:     c.base.String(),
		Status:     answer.StatusCode,
		RetryAfter: retryAfter(answer.Header),
		anonymous:  c.token == "",
	}
	if to := answer.Header.Get("Location"); answer.StatusCode/100 == 3 && to != "" {
		e.Title, e.Detail = "Usher is not here", fmt.Sprintf("%s leads to %s; give the right one by --server", e.Server, to)
		return e
	}
	// What is no problem document is left at its status: a proxy's page tells
	// nothing that the status does not.
	if body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20)); err == nil {
		_ = json.Unmarshal(body, e)
	}
	return e
}

// retryAfter reads the header of that name, in seconds or as a date.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
