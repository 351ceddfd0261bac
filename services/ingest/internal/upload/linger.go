package upload

import (
	"io"
	"net/http"
	"time"
)

// linger is how long a client that was refused may go on sending.
const linger = 5 * time.Second

// Lingering wraps a handler that may answer before it has read the whole body.
// Closing the connection at once would reset it, and a client that sends
// everything before it reads, as many libraries do, would never see why it was
// refused. So the answer goes out, and what still comes is thrown away for a
// moment. The connection is closed then, unless next takes the header
// Connection back because it has read all that matters.
func Lingering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection := http.NewResponseController(w)
		// The errors below are those of a client that is gone, or of a protocol
		// that needs none of this.
		_ = connection.EnableFullDuplex()
		w.Header().Set("Connection", "close")
		next.ServeHTTP(w, r)
		if w.Header().Get("Connection") == "close" {
			_ = connection.Flush()
			_ = connection.SetReadDeadline(time.Now().Add(linger))
			_, _ = io.Copy(io.Discard, r.Body)
		}
	})
}
