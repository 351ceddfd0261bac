package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const askMonitoring = "name the monitoring of each server: --nats-monitoring http://host:8222"

// syncs looks whether the broker confirms a message before it is on the disk. A client
// cannot ask for that, the monitoring of each server can.
func syncs(ctx context.Context, p Patient) []Finding {
	const check = "broker sync"
	if len(p.Embedded) > 0 {
		return []Finding{green(check, "every message is on the disk before it is confirmed")}
	}
	if len(p.Monitoring) == 0 {
		return []Finding{warning(check, askMonitoring, "whether messages are on the disk when they are confirmed is not known: a client cannot ask")}
	}
	var found []Finding
	for _, server := range p.Monitoring {
		always, interval, err := syncOf(ctx, server)
		switch {
		case err != nil:
			found = append(found, red(check, askMonitoring, "the monitoring at %s does not say: %s", host(server), err))
		case always:
			found = append(found, green(check, "every message is on the disk of %s before it is confirmed", host(server)))
		case p.Config.Broker.Replicas > 1:
			found = append(found, warning(check, `"sync_interval: always" in its block "jetstream", or servers that never lose power together`,
				"%s writes to its disk every %s, and confirms before: what was accepted may be lost where all replicas lose power at once", host(server), interval))
		default:
			found = append(found, red(check, `"sync_interval: always" in its block "jetstream"`,
				"%s writes to its disk every %s, and confirms before: a power failure loses what was accepted", host(server), interval))
		}
	}
	return found
}

// syncOf asks the monitoring of a server.
func syncOf(ctx context.Context, server string) (always bool, interval time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(server, "/")+"/varz", nil)
	if err != nil {
		return false, 0, errors.New("it is no address such as http://host:8222")
	}
	res, err := (&http.Client{Timeout: patience}).Do(req)
	if err != nil {
		return false, 0, unwrapURL(err)
	}
	defer res.Body.Close()
	var told struct {
		JetStream struct {
			Config *struct {
				SyncAlways   bool          `json:"sync_always"`
				SyncInterval time.Duration `json:"sync_interval"`
			} `json:"config"`
		} `json:"jetstream"`
	}
	if err := json.NewDecoder(res.Body).Decode(&told); err != nil {
		return false, 0, fmt.Errorf("%s, and not what NATS says", res.Status)
	}
	if told.JetStream.Config == nil {
		return false, 0, errors.New("it has no JetStream")
	}
	return told.JetStream.Config.SyncAlways, told.JetStream.Config.SyncInterval, nil
}

// unwrapURL takes the address out of an error of net/http: it may hold a password.
func unwrapURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

// host shows an address without what could be a secret.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "an address"
	}
	return u.Host
}
