// Package standalone puts every service of Usher into one process, with the
// broker and the database embedded unless the settings name others. It is the
// same code path as a cluster of processes: a real broker, a real PostgreSQL, a
// real bucket.
package standalone

import (
	"fmt"
	"slices"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/event"
	"github.com/usher-events/usher/services/ingest"
	"github.com/usher-events/usher/services/media"
	"github.com/usher-events/usher/services/notify"
	"github.com/usher-events/usher/services/people"
	"github.com/usher-events/usher/services/query"
	"github.com/usher-events/usher/services/schedule"
)

// Services returns all services, in the order of the pipeline.
func Services() []service.Service {
	return []service.Service{
		ingest.Service(),
		event.Service(),
		people.Service(),
		schedule.Service(),
		media.Service(),
		notify.Service(),
		query.Service(),
	}
}

// Select returns the services of the given names.
func Select(names []string) ([]service.Service, error) {
	var chosen []service.Service
	for _, name := range names {
		i := slices.IndexFunc(Services(), func(s service.Service) bool { return string(s.Name) == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no service %q: the services are %v", name, contracts.Services())
		}
		chosen = append(chosen, Services()[i])
	}
	return chosen, nil
}
