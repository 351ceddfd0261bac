// Command notify runs the notify service on its own.
package main

import (
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/notify"
)

func main() { service.Main(notify.Service()) }
