package private

import (
	"errors"
	"os"
	"path/filepath"
)

// encrypted is where the server listens for TLS.
type encrypted struct {
	port             int
	certificate, key []byte
}

// WithTLS has the server listen on a port of 127.0.0.1 as well, with a certificate and
// its key in PEM; who connects there has to know a password. It is for tests of what is
// connected that way elsewhere.
func WithTLS(port int, certificate, key []byte) Option {
	return func(o *options) { o.tls = &encrypted{port: port, certificate: certificate, key: key} }
}

func (f folder) certificate() string { return filepath.Join(string(f), "server.crt") }
func (f folder) key() string         { return filepath.Join(string(f), "server.key") }

// keepCertificate writes the certificate to where the server reads it.
func (f folder) keepCertificate(tls *encrypted, as account) error {
	if tls == nil {
		return nil
	}
	return errors.Join(
		os.WriteFile(f.certificate(), tls.certificate, 0o600), as.own(f.certificate()),
		os.WriteFile(f.key(), tls.key, 0o600), as.own(f.key()),
	)
}

// settings are the server's; none for no TLS.
func (tls *encrypted) settings(f folder) []string {
	if tls == nil {
		return nil
	}
	return []string{"listen_addresses=127.0.0.1", "ssl=on", "ssl_cert_file=" + f.certificate(), "ssl_key_file=" + f.key()}
}
