package doctor

import (
	"net"
	"net/url"
	"strings"

	"github.com/usher-events/usher/pkg/auth"
)

const correctSettings = "correct the settings of the processes"

// published is the secret of compose.yaml, which everybody can read.
const published = "only-for-a-laptop-because-anybody-can-read-it"

// settings looks at what can be seen of them without asking anybody. What no process
// would start with was told before.
func settings(p Patient) []Finding {
	const check = "settings"
	c := p.Config
	var found []Finding
	if _, err := auth.NewVerifier(c.Auth); err != nil {
		found = append(found, red(check, "set USHER_JWT_SECRET to at least 32 random bytes, the same for every process", "%s", err))
	} else if c.Auth.Secret == published {
		found = append(found, warning(check, "set USHER_JWT_SECRET to at least 32 random bytes, the same for every process",
			"USHER_JWT_SECRET is the one of compose.yaml, by which anybody can sign in as anybody"))
	}
	if len(p.Embedded) > 0 {
		return orGreen(check, found)
	}
	if c.PublicURL == "" {
		found = append(found, warning(check, "set it to the address of the front, such as https://usher.example",
			"USHER_PUBLIC_URL is not set: links in mails lead to where each process listens"))
	} else if u, err := url.Parse(c.PublicURL); err == nil && u.Scheme == "http" && !local(u.Hostname()) {
		found = append(found, warning(check, "serve it by https", "USHER_PUBLIC_URL is not encrypted: passwords and sessions can be read on the way"))
	}
	if c.SMTPURL != "" && strings.HasSuffix(c.MailFrom, "@localhost") {
		found = append(found, warning(check, "set it to an address of your domain", "USHER_MAIL_FROM is %s, and many servers refuse such mail", c.MailFrom))
	}
	if strings.HasPrefix(c.BucketURL, "mem:") {
		found = append(found, red(check, "name a store that all processes reach", "USHER_BUCKET_URL is the memory of each process: nobody finds what another has stored"))
	}
	return orGreen(check, found)
}

func orGreen(check string, found []Finding) []Finding {
	if len(found) == 0 {
		return []Finding{green(check, "they make sense")}
	}
	return found
}

// local tells whether a host is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Unreadable is what is found where the settings are none that a process starts with.
func Unreadable(err error) []Finding {
	var found []Finding
	for line := range strings.Lines(err.Error()) {
		found = append(found, red("settings", correctSettings, "%s", strings.TrimSpace(line)))
	}
	return found
}
