package standalone_test

import (
	"context"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/contracttest"
)

// holdMessages holds every message that a broker keeps against its schema.
func holdMessages(t *testing.T, url string, options ...nats.Option) {
	t.Helper()
	nc, err := nats.Connect(url, append(options, unhurried)...)
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	contracttest.Stored(context.Background(), t, js, contracts.Names{})
}

// holdMessages does so for the broker inside a process, unless that was killed.
func (p *process) holdMessages(t *testing.T) {
	t.Helper()
	select {
	case <-p.done:
		return
	default:
	}
	_, rest, ok := strings.Cut(p.log.String(), "msg=broker url=")
	require.True(t, ok, p.log.String())
	url, _, _ := strings.Cut(rest, "\n")
	holdMessages(t, url)
}
