package rendered

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// Compressed sends what a handler writes by gzip to who takes that, unless it is
// small or compressed by itself.
//
// The length of an answer that holds a secret beside something that a stranger
// has chosen may tell the secret (BREACH), so a few bytes are added, which depend
// on all of the answer. A tag of an answer has to be a weak one, since both forms
// of it go out under the same.
func Compressed(h http.Handler) http.Handler {
	return compress(h)
}

var compress = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.CompressionLevel(level), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		panic(err) // these options are fixed
	}
	return wrap
}()

// level is the one of gzip: more takes longer, and hardly makes a page smaller.
const level = 6
