// Command query runs the query service on its own.
package main

import (
	_ "github.com/usher-events/usher/pkg/bucket/drivers" // the stores that USHER_BUCKET_URL may name
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query"
)

func main() { service.Main(query.Service()) }
