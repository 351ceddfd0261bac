package standalone_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMadeUpArchiveIsImportedToTheField(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := made(t, 90, 40, 7)
	requireExact(t, olga, olga.upload(t, archive), archive)
	// Again: whatever the first event took is taken now.
	requireExact(t, olga, olga.upload(t, archive), archive)
}

// manyKinds is an archive with every key that the tables name, in the ways in
// which values come: in order, odd, empty and absent.
func manyKinds() map[string]string {
	const hostile = `<p style=\"text-align: center; color: red\" onclick=\"x()\">It's \"R&D\" &amp; 第一 会場<br/>1 < 2</p>\r\n<script>alert('x')</script><h1>Big</h1><a href='javascript:x()'>no</a> <a href=\"https://lantern.example/?a=1&amp;b=2\" target=_blank>yes</a>`
	return map[string]string{
		"event": `{"id": "e1", "identifier": "lantern-days_31", "name": " Lantern  Days ", "start_time": "2031-03-29T22:00:00", "end_time": "2031-03-31 18:00:00",
			"timezone": "Europe/Lisbon", "latitude": 38.71667000000001, "longitude": "-9.13333", "location_name": "Cais\tdo Sodré\n", "searchable_location_name": "Lisboa",
			"description": "` + hostile + `", "organizer_name": "<b>Quay</b> & Sons", "organizer_description": "Без  разметки:\n\n R&D's &amp; so on", "code_of_conduct": "",
			"logo": "/images/logo.png", "background_image": "images/back.png", "large": "https://lantern.example/large.png", "thumbnail": "/images/gone.png", "icon": null,
			"event_url": "www.lantern.example/31", "ticket_url": "https:// lantern.example/ tickets", "email": " hello@lantern.example ",
			"state": "Completed", "privacy": "public", "type": "camp, trip, or retreat", "topic": "Science & Technology", "sub_topic": null,
			"schedule_published_on": "2031-02-26T09:13:28.187481+08:00", "has_session_speakers": false,
			"social_links": [{"id": 20, "name": "Web", "link": "https://lantern.example"}, {"id": 3, "name": "Birds", "link": "at the quay"}],
			"copyright": {"holder": "Quay", "holder_url": "https://quay.example", "licence": "CC BY", "licence_url": "https://licences.example", "logo": "https://licences.example/logo.png", "year": 2031},
			"call_for_papers": {"announcement": "` + hostile + `", "start_date": "2030-10-01T00:00:00", "end_date": "2030-12-01T23:59:59-03:00", "timezone": "US / Eastern", "privacy": "Private"},
			"version": {"event_ver": 0, "sessions_ver": 9007199254740991, "speakers_ver": 1, "tracks_ver": 2, "sponsors_ver": 3, "microlocations_ver": null},
			"creator": {"id": 1, "email": "x@y.example"}, "licence_details": {"name": "CC"}, "placeholder_url": "https://lantern.example/p.jpg"}`,
		"forms": `[{"id": 1, "session_form": "{\"title\":{\"require\":1,\"include\":1},\"subtitle\":{\"require\":0,\"include\":1}}", "speaker_form": "{\"title\":{\"require\":0,\"include\":0}}"}]`,
		"microlocations": `[{"id": 10, "deleted_at": null, "name": "Hall", "latitude": 1e-7, "longitude": 179.99999999999997, "floor": -1, "room": " 0.01"},
			{"id": 9, "name": "Loft", "latitude": "38,71", "longitude": null, "floor": 0, "room": null}, {"id": 11, "name": "Yard"}]`,
		"sponsors": `[{"id": 1, "deleted_at": null, "name": "Brass Works", "url": "//brass.example", "logo": "images\\logo.png", "description": "` + hostile + `", "level": 1, "sponsor_type": "Gold"},
			{"id": 2, "name": "Tin & Sons", "level": "1.0"}]`,
		"speakers": `[{"id": 7, "deleted_at": null, "name": "Ada  Quill", "email": "ada@quill.example", "organisation": " Harbour School", "country": "PT", "city": "Porto", "position": "Smith", "mobile": 351912345678901234,
				"photo": "/images/logo.png", "thumbnail": "https://lantern.example/t.png", "small": "images/back.png", "icon": "/images/none.png",
				"short_biography": "` + hostile + `", "long_biography": "` + hostile + `", "speaking_experience": "` + hostile + `", "sponsorship_required": "` + hostile + `",
				"heard_from": "a <friend>", "gender": "F", "featured": true, "website": "https://old.example", "website": "https://ada.example", "twitter": " @ada", "facebook": "https://faces.example/ada",
				"github": "ada", "linkedin": "", "sessions": [{"id": 5}]},
			{"id": 3, "name": "Bo Lund", "email": "bo at lund"}]`,
		"tracks": `[{"id": 2, "deleted_at": null, "name": "Light", "color": "#FFcc00", "description": "` + hostile + `", "location": "Hall ", "track_image_url": "images/back.png", "font_color": "#000", "sessions": []},
			{"id": 1, "name": "Dark", "color": "darkest", "description": null}, {"id": 3, "name": "Dusk", "color": "336699"}]`,
		"session_types": `[{"id": 1, "deleted_at": null, "name": "Talk ", "length": "01:30"}, {"id": 2, "name": "Chat", "length": 0.3}, {"id": 4, "name": "Walk", "length": "a while"}]`,
		"sessions": `[{"id": 5, "deleted_at": null, "title": " <b>Wicks</b> & glass ", "subtitle": "` + hostile + `", "level": "<i>2</i>", "comments": "` + hostile + `", "short_abstract": "` + hostile + `", "long_abstract": "` + hostile + `",
				"start_time": "2031-03-30T00:30:00", "end_time": "2031-03-30T02:30:00", "track": {"id": "2", "name": "Light", "color": "x", "font_color": "y"}, "microlocation": 9, "session_type": {"id": 1, "name": "Talk", "length": "9"},
				"speakers": [{"id": 7, "name": "x", "organisation": "y", "city": "z"}, {"id": 3}, {"id": "7"}, {"id": 99}], "language": "english", "slides": "/docs/slides.pdf", "audio": "audio/session_5.mp3",
				"video": "https://video.example/watch?v=1&t=2", "signup_url": "https://signup.example", "state": "accepted", "timezone": "Asia/Tokyo"},
			{"id": 4, "title": "Night", "start_time": "2031-03-30T23:0:00.25+01:00", "end_time": "2031-03-30T23:30:00Z", "track": null, "microlocation": {"id": 77}, "session_type": {}, "speakers": null, "level": 3, "state": "Cancelled", "language": "Whistling"}]`,
		"images/logo.png":     "a logo",
		"images/back.png":     "a background",
		"docs/slides.pdf":     "%PDF-1.4",
		"audio/session_5.mp3": "a sound",
	}
}

func TestEveryKeyOfTheFormatIsImportedToTheField(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := zipped(t, manyKinds())
	seen := requireExact(t, olga, olga.upload(t, archive), archive)
	for _, table := range tables {
		for _, key := range slices.Sorted(maps.Keys(table.fields)) {
			require.True(t, seen[table.file+"/"+key], "%s/%s stands in no record", table.file, key)
		}
	}
	for object, fields := range inside {
		object = strings.Replace(object, "social_links", "event", 1)
		for key := range fields {
			require.True(t, seen[object+"/"+key], "%s/%s stands in no record", object, key)
		}
	}
}
