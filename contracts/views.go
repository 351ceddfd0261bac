package contracts

import "slices"

// View is a view in the schema of a service, for others to read.
type View struct {
	Schema Service
	Name   string
}

// readByQuery are the views of each schema that the query service answers from.
var readByQuery = map[Service][]string{
	EventService: {"api_issues", "api_remap", "api_events", "api_social_links", "api_custom_forms"},
	PeopleService: {
		"api_issues", "api_remap", "api_sponsors", "api_speakers",
		"api_accounts", "api_previews", "api_failed_rows", "api_failed_titles",
	},
	ScheduleService: {
		"api_issues", "api_remap",
		"api_microlocations", "api_tracks", "api_session_types", "api_sessions", "api_session_speakers",
	},
	MediaService:  {"api_issues", "api_media"},
	NotifyService: {"api_issues", "api_notifications", "api_kept_mails"},
}

// ViewsFor lists what a service reads in the schemas of others. All else there is
// none of its business.
func ViewsFor(s Service) []View {
	var all []View
	for _, t := range Stage(s).Needs() { // where the broker has lost a remap it is made again
		for _, name := range []string{"api_remap", "api_by_origin"} {
			if v := (View{Service(t.Maker()), name}); !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	switch s {
	case NotifyService:
		all = append(all, View{PeopleService, "api_invitations"})
	case QueryService:
		for _, schema := range Services() {
			for _, name := range readByQuery[schema] {
				all = append(all, View{schema, name})
			}
		}
	}
	return all
}
