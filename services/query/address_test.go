package query_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesAreShownByTheirAddresses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	given := c.insert("people.speakers", map[string]any{
		"name": "Ada", "photo_url": "/ada.png", "thumbnail_image_url": "/ada-thumbnail.png", "small_image_url": "https://cdn.example/ada.png", "icon_image_url": "/lost.png",
	})
	photo := c.file("speakers", given, "photo", "/ada.png", "image/png")
	thumbnail := c.file("speakers", given, "thumbnail", "/ada-thumbnail.png", "image/png")
	lost := c.insert("media.files", map[string]any{"owner_type": "speakers", "owner_id": given, "field": "icon", "kind": "image", "path": "/lost.png", "state": "missing"})
	vector := c.insert("people.speakers", map[string]any{"name": "Ben", "photo_url": "/ben.svg"})
	drawing := c.file("speakers", vector, "photo", "/ben.svg", "image/svg+xml")
	elsewhere := c.insert("people.speakers", map[string]any{"name": "Cleo", "photo_url": "https://cdn.example/cleo.png"})
	fetched := c.insert("people.speakers", map[string]any{"name": "Eli", "photo_url": "https://cdn.example/eli.png?v=1", "small_image_url": "https://cdn.example/small.png"})
	copied := c.file("speakers", fetched, "photo", "https://cdn.example/eli.png?v=1", "image/png")
	c.insert("media.files", map[string]any{"owner_type": "speakers", "owner_id": fetched, "field": "small", "kind": "image", "path": "https://cdn.example/small.png", "state": "remote"})
	odd := c.insert("people.speakers", map[string]any{"name": "Dora", "photo_url": "javascript://%0aalert(1)", "small_image_url": "//cdn.example/dora.png"})
	session := c.insert("schedule.sessions", map[string]any{"title": "Sailing", "slides_url": "/s.pdf", "audio_url": "/a.ogg", "video_url": "https://video.example/1"})
	slides := c.file("sessions", session, "slides", "/s.pdf", "application/pdf")
	sponsor := c.insert("people.sponsors", map[string]any{"name": "Boats & Co", "logo_url": "/b.png", "url": "/not-a-file"})
	logo := c.file("sponsors", sponsor, "logo", "/b.png", "image/png")
	track := c.insert("schedule.tracks", map[string]any{"name": "Water", "image_url": "/w.png"})
	picture := c.file("tracks", track, "track_image_url", "/w.png", "image/png")
	c.made("c4f1a9e2")
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET logo_url = '/l.png', original_image_url = '/o.jpg', icon_image_url = '' WHERE id = ?`, c.event)
	require.NoError(t, err)
	eventLogo := c.file("events", c.event, "logo", "/l.png", "image/png")
	background := c.file("events", c.event, "background_image", "/o.jpg", "image/jpeg")
	c.file("events", c.event, "background_image", "/older.jpg", "image/jpeg")

	bytes := func(id int64, size string) string {
		return fmt.Sprintf("https://usher.example/v1/events/%d/media/%d/%s", c.event, id, size)
	}
	for _, want := range []struct {
		list  string
		id    int64
		shown map[string]any
	}{
		{"/speakers/", given, map[string]any{
			"photo-url": bytes(photo, "original"), "thumbnail-image-url": bytes(thumbnail, "original"),
			"small-image-url": "https://cdn.example/ada.png", "icon-image-url": bytes(photo, "icon"),
		}},
		{"/speakers/", vector, map[string]any{"photo-url": bytes(drawing, "original"), "thumbnail-image-url": nil, "small-image-url": nil, "icon-image-url": nil}},
		{"/speakers/", elsewhere, map[string]any{"photo-url": "https://cdn.example/cleo.png", "thumbnail-image-url": nil, "small-image-url": nil, "icon-image-url": nil}},
		{"/speakers/", fetched, map[string]any{
			"photo-url": bytes(copied, "original"), "thumbnail-image-url": bytes(copied, "thumbnail"), "small-image-url": "https://cdn.example/small.png",
		}},
		{"/speakers/", odd, map[string]any{"photo-url": nil, "thumbnail-image-url": nil, "small-image-url": "https://cdn.example/dora.png", "icon-image-url": nil}},
		{"/sessions/", session, map[string]any{"slides-url": bytes(slides, "original"), "audio-url": nil, "video-url": "https://video.example/1"}},
		{"/sponsors/", sponsor, map[string]any{"logo-url": bytes(logo, "original"), "url": "/not-a-file"}},
		{"/tracks/", track, map[string]any{"image-url": bytes(picture, "original")}},
		{"", 0, map[string]any{
			"logo-url": bytes(eventLogo, "original"), "original-image-url": bytes(background, "original"),
			"large-image-url": bytes(background, "large"), "thumbnail-image-url": bytes(background, "thumbnail"), "icon-image-url": bytes(background, "icon"),
		}},
	} {
		path := "/v1/events/c4f1a9e2" + want.list
		if want.list != "" {
			path += itoa(want.id)
		}
		attributes := at(b.ok(t, olga, path).body, "data", "attributes")
		for name, address := range want.shown {
			require.Equal(t, address, at(attributes, name), "%s of %s", name, path)
		}
	}
	require.Equal(t, bytes(eventLogo, "original"), at(b.ok(t, olga, "/v1/events").body, "data", 0, "attributes", "logo-url"))

	file := at(b.ok(t, olga, "/v1/events/c4f1a9e2/media/"+itoa(photo)).body, "data")
	require.Equal(t, bytes(photo, "original"), at(file, "links", "enclosure"))
	require.Equal(t, "/ada.png", at(file, "attributes", "path"))
	require.NotContains(t, at(b.ok(t, olga, "/v1/events/c4f1a9e2/media/"+itoa(lost)).body, "data", "links"), "enclosure")
}
