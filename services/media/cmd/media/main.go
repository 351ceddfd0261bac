// Command media runs the media service on its own.
package main

import (
	_ "github.com/usher-events/usher/pkg/bucket/drivers" // the stores that USHER_BUCKET_URL may name
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/media"
)

func main() { service.Main(media.Service()) }
