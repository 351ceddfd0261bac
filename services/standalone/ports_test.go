package standalone_test

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// The ports that tests choose are below those that systems give to connections on their
// way out: else one of hundreds of these might have it before the program listens.
const firstPort, ports = 10_000, 20_000

// chosen are the ports that a test has.
var chosen sync.Map

// freePort is one that nobody listens on, and no other test of this process will.
func freePort() int {
	for {
		port := firstPort + rand.IntN(ports) //nolint:gosec // nothing is secret about it
		if _, taken := chosen.LoadOrStore(port, true); taken {
			continue
		}
		listener, err := net.Listen("tcp", loopback(port))
		if err != nil {
			continue
		}
		if listener.Close() == nil { // it was only asked for its number
			return port
		}
	}
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

func freeAddress() string { return loopback(freePort()) }
