package jsonapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Write answers with a document, or with 304 to who has it already. Caches on
// the way keep nothing: whom the answer is for is in a header. A client may keep
// it, and has to ask each time whether it still holds.
func Write(w http.ResponseWriter, r *http.Request, contentType string, document any) error {
	return write(w, r, contentType, document, "")
}

// WriteRevision is Write for what has a revision, with which its ETag begins:
// whoever changes it says by If-Match which revision they have seen, and that
// holds however the document is shown.
func WriteRevision(w http.ResponseWriter, r *http.Request, contentType string, document any, revision int64) error {
	return write(w, r, contentType, document, strconv.FormatInt(revision, 10)+"-")
}

func write(w http.ResponseWriter, r *http.Request, contentType string, document any, prefix string) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + prefix + hex.EncodeToString(sum[:16]) + `"`
	header := w.Header()
	header.Set("ETag", tag)
	header.Set("Cache-Control", "private, no-cache")
	header.Add("Vary", "Authorization, Cookie")
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	header.Set("Content-Type", contentType)
	_, _ = w.Write(append(body, '\n')) // a client that is gone misses nothing
	return nil
}

// matches tells whether a list of tags, as If-None-Match has it, names a tag.
// Our tags hold no comma. A proxy that compresses makes tags weak, which does
// not matter to the question whether something changed.
func matches(lists []string, tag string) bool {
	for _, list := range lists {
		for one := range strings.SplitSeq(list, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}
