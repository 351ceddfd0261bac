package contracts

// Service names a process of Usher. A stage's service is named for the stage.
type Service string

// The services.
const (
	IngestService   Service = "ingest"
	EventService    Service = "event"
	PeopleService   Service = "people"
	ScheduleService Service = "schedule"
	MediaService    Service = "media"
	NotifyService   Service = "notify"
	QueryService    Service = "query"
)

// Services lists every service in the order of the pipeline.
func Services() []Service {
	return []Service{
		IngestService, EventService, PeopleService, ScheduleService,
		MediaService, NotifyService, QueryService,
	}
}

// Route is one method and path of the HTTP interface and who answers it. Path
// is a pattern of net/http's ServeMux, but that "/" is this one address alone and
// not all that begin with it.
type Route struct {
	Method  string
	Path    string
	Service Service
}

// Pattern is the route as http.ServeMux takes it: "GET /v1/tasks/{id}".
func (r Route) Pattern() string {
	if r.Path == "/" {
		return r.Method + " /{$}"
	}
	return r.Method + " " + r.Path
}

// Routes is the whole HTTP interface. The mux of the all-in-one process and
// the configuration of any proxy are made from it.
func Routes() []Route {
	return []Route{
		{"POST", "/v1/events/import/{source_type}", IngestService},
		{"DELETE", "/v1/imports/{id}", IngestService},
		{"POST", "/v1/imports/{id}/cancel", IngestService},
		{"POST", "/v1/imports/{id}/replay", IngestService},
		{"POST", "/v1/imports/{id}/rows/{source_type}", IngestService},
		{"POST", "/v1/imports/{id}/start", IngestService},
		{"POST", "/v1/stages/{stage}/pause", IngestService},
		{"POST", "/v1/stages/{stage}/resume", IngestService},
		{"POST", "/v1/users/import/{source_type}", IngestService},
		{"GET", "/v1/users/import/template.csv", IngestService},
		{"GET", "/v1/users/import/template.xlsx", IngestService},

		{"PATCH", "/v1/events/{event}", EventService},
		{"DELETE", "/v1/events/{event}", EventService},

		{"POST", "/v1/auth/session", PeopleService},
		{"GET", "/v1/users", PeopleService},
		{"POST", "/v1/users", PeopleService},
		{"GET", "/v1/users/me", PeopleService},
		{"GET", "/v1/users/{id}", PeopleService},
		{"POST", "/v1/invitations", PeopleService},
		{"POST", "/v1/invitations/accept", PeopleService},

		{"GET", "/v1/tasks/{id}", QueryService},
		{"GET", "/v1/tasks/{id}/stream", QueryService},
		{"POST", "/v1/tasks/{id}/ticket", QueryService},
		{"GET", "/v1/imports", QueryService},
		{"GET", "/v1/imports/stream", QueryService},
		{"POST", "/v1/imports/ticket", QueryService},
		{"GET", "/v1/import-jobs", QueryService},
		{"GET", "/v1/imports/{id}", QueryService},
		{"GET", "/v1/import-jobs/{id}", QueryService},
		{"GET", "/v1/imports/{id}/issues", QueryService},
		{"GET", "/v1/imports/{id}/remaps", QueryService},
		{"GET", "/v1/imports/{id}/history", QueryService},
		{"GET", "/v1/imports/{id}/preview", QueryService},
		{"GET", "/v1/imports/{id}/failed-rows", QueryService},
		{"GET", "/v1/stages", QueryService},
		{"POST", "/v1/events/{event}/export/json", QueryService},
		{"GET", "/v1/exports/{id}", QueryService},

		{"GET", "/v1/dead", QueryService},
		{"GET", "/v1/dead/{sequence}", QueryService},
		{"DELETE", "/v1/dead/{sequence}", QueryService},
		{"POST", "/v1/sweep", QueryService},

		{"GET", "/v1/events", QueryService},
		{"GET", "/v1/events/{event}", QueryService},
		{"GET", "/v1/events/{event}/sessions", QueryService},
		{"GET", "/v1/events/{event}/sessions/{id}", QueryService},
		{"GET", "/v1/events/{event}/sessions/{id}/speakers", QueryService},
		{"GET", "/v1/events/{event}/sessions/{id}/track", QueryService},
		{"GET", "/v1/events/{event}/sessions/{id}/microlocation", QueryService},
		{"GET", "/v1/events/{event}/sessions/{id}/session-type", QueryService},
		{"GET", "/v1/events/{event}/speakers", QueryService},
		{"GET", "/v1/events/{event}/speakers/{id}", QueryService},
		{"GET", "/v1/events/{event}/speakers/{id}/sessions", QueryService},
		{"GET", "/v1/events/{event}/tracks", QueryService},
		{"GET", "/v1/events/{event}/tracks/{id}", QueryService},
		{"GET", "/v1/events/{event}/tracks/{id}/sessions", QueryService},
		{"GET", "/v1/events/{event}/microlocations", QueryService},
		{"GET", "/v1/events/{event}/microlocations/{id}", QueryService},
		{"GET", "/v1/events/{event}/microlocations/{id}/sessions", QueryService},
		{"GET", "/v1/events/{event}/session-types", QueryService},
		{"GET", "/v1/events/{event}/session-types/{id}", QueryService},
		{"GET", "/v1/events/{event}/session-types/{id}/sessions", QueryService},
		{"GET", "/v1/events/{event}/sponsors", QueryService},
		{"GET", "/v1/events/{event}/sponsors/{id}", QueryService},
		{"GET", "/v1/events/{event}/social-links", QueryService},
		{"GET", "/v1/events/{event}/social-links/{id}", QueryService},
		{"GET", "/v1/events/{event}/custom-forms", QueryService},
		{"GET", "/v1/events/{event}/custom-forms/{id}", QueryService},
		{"GET", "/v1/events/{event}/media", QueryService},
		{"GET", "/v1/events/{event}/media/{id}", QueryService},
		{"GET", "/v1/events/{event}/media/{media}/{variant}", QueryService},
		{"GET", "/e/{identifier}", QueryService},
		{"GET", "/e/{identifier}/schedule.ics", QueryService},
		{"GET", "/e/{identifier}/sessions/{id}", QueryService},
		{"GET", "/e/{identifier}/speakers", QueryService},
		{"GET", "/e/{identifier}/speakers/{id}", QueryService},

		{"GET", "/", QueryService},
		{"GET", "/imports", QueryService},
		{"GET", "/imports/{id}", QueryService},
		{"GET", "/imports/{id}/users", QueryService},
		{"GET", "/users", QueryService},
		{"GET", "/mails", QueryService},
		{"GET", "/mails/{id}", QueryService},
		{"GET", "/notifications", QueryService},
		{"GET", "/operations", QueryService},
		{"GET", "/operations/dead/{sequence}", QueryService},
		{"GET", "/signin", QueryService},
		{"GET", "/signin/{code}", QueryService},
		{"GET", "/invitation", QueryService},
		{"POST", "/signout", QueryService},
		{"GET", "/static/{file}", QueryService},
		{"GET", "/help/archive", QueryService},
		{"GET", "/help/archive/example.zip", QueryService},
		{"GET", "/help/client.js", QueryService},

		{"GET", "/openapi.json", QueryService},

		{"GET", "/v1/notifications", NotifyService},
		{"POST", "/v1/notifications/read", NotifyService},
		{"GET", "/v1/mails", NotifyService},
	}
}

// RoutesOf returns the routes of one service.
func RoutesOf(s Service) []Route {
	var own []Route
	for _, r := range Routes() {
		if r.Service == s {
			own = append(own, r)
		}
	}
	return own
}
