package private

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxSocketPath is below what every system allows for the path of a socket
// (108 bytes on Linux, 104 on macOS, with the final zero).
const maxSocketPath = 100

// socketPort only numbers the socket's file name.
const socketPort = 5432

// endpoint is where the server listens: on a Unix socket in a folder that only
// its user may enter, or, where the path does not do for that, on a free port
// of the loopback interface, with a password.
type endpoint struct {
	socketDir string
	port      int
	password  string
	// tls are the settings for who connects by TLS as well.
	tls []string
}

func chooseEndpoint(f folder, tls *encrypted) (endpoint, error) {
	number := socketPort
	if tls != nil {
		number = tls.port // one number is for both
	}
	socket := filepath.Join(f.run(), ".s.PGSQL."+strconv.Itoa(number))
	// In a URL a comma would part two hosts.
	if len(socket) <= maxSocketPath && !strings.Contains(socket, ",") {
		return endpoint{socketDir: f.run(), port: number, tls: tls.settings(f)}, nil
	}
	password, err := os.ReadFile(f.password())
	if err != nil {
		return endpoint{}, err
	}
	if tls == nil {
		if number, err = freePort(); err != nil {
			return endpoint{}, err
		}
	}
	return endpoint{port: number, password: string(password), tls: tls.settings(f)}, nil
}

// freePort may lose the port to somebody else before the server has it; then
// the server does not start, and starting is tried again.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// settings tells the server where to listen.
func (e endpoint) settings() []string {
	if e.socketDir == "" {
		return append([]string{"listen_addresses=127.0.0.1", "unix_socket_directories=", "port=" + strconv.Itoa(e.port)}, e.tls...)
	}
	return append([]string{
		"listen_addresses=", "port=" + strconv.Itoa(e.port), "unix_socket_permissions=0700",
		// A list; quoted, a folder may have spaces in its name.
		`unix_socket_directories="` + strings.ReplaceAll(e.socketDir, `"`, `""`) + `"`,
	}, e.tls...)
}

// url is how to connect to a database of the server.
func (e endpoint) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database}
	q := url.Values{"sslmode": {"disable"}}
	if e.socketDir == "" {
		u.User = url.UserPassword(superuser, e.password)
		u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(e.port))
	} else {
		q.Set("host", e.socketDir)
		q.Set("port", strconv.Itoa(e.port))
	}
	// pgx takes a plus as it is.
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}
