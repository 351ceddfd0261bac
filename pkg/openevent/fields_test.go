package openevent_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// example is a value that a field of the kind accepts.
func example(f openevent.Field) string {
	switch f.Kind {
	case openevent.KindURL:
		return `"https://a.example/` + f.Name + `"`
	case openevent.KindEmail:
		return `"a@b.example"`
	case openevent.KindColor:
		return `"#123456"`
	case openevent.KindZone:
		return `"Asia/Tokyo"`
	case openevent.KindLength:
		return `"00:45"`
	case openevent.KindState, openevent.KindEventState:
		return `"draft"`
	case openevent.KindPrivacy:
		return `"private"`
	case openevent.KindLanguage:
		return `"German"`
	case openevent.KindID, openevent.KindNumber, openevent.KindInteger:
		return `4`
	case openevent.KindDeleted:
		return `null`
	case openevent.KindBoolean:
		return `true`
	case openevent.KindTime:
		return `"2031-05-02T10:00:00"`
	case openevent.KindRef:
		return `{"id":4}`
	case openevent.KindRefs:
		return `[{"id":4}]`
	case openevent.KindForm:
		return `"{\"title\":{\"require\":1,\"include\":1}}"`
	case openevent.KindObject:
		return object(f.Fields)
	case openevent.KindList:
		return "[" + object(f.Fields) + "]"
	default:
		return `"` + f.Name + `"`
	}
}

func object(fields []openevent.Field) string {
	members := make([]string, 0, len(fields))
	for _, f := range fields {
		members = append(members, fmt.Sprintf("%q:%s", f.Name, example(f)))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// requireFilled fails where a field of the struct is still zero.
func requireFilled(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Name == "_" || strings.HasSuffix(f.Tag.Get("oe"), ",back") { // which is only written
			continue
		}
		name := path + "." + f.Name
		require.False(t, v.Field(i).IsZero(), name)
		inner := v.Field(i)
		if inner.Kind() == reflect.Slice {
			require.Equal(t, 1, inner.Len(), name)
			inner = inner.Index(0)
		}
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && f.Tag.Get("oe") != "" && inner.Type() != reflect.TypeFor[openevent.Time]() && inner.Type() != reflect.TypeFor[openevent.FormField]() && inner.Type() != reflect.TypeFor[openevent.Ref]() {
			requireFilled(t, name, inner)
		}
	}
}

func fillEvery[T any](t *testing.T, f openevent.File[T]) {
	t.Helper()
	fields := openevent.Fields(f.Type)
	require.NotEmpty(t, fields)
	content := object(fields)
	if !f.Single {
		content = "[" + content + "]"
	}
	records, issues := readAll(t, open(t, item{f.Name, content}), f)
	require.Empty(t, issues)
	require.Len(t, records, 1)
	require.Empty(t, records[0].Extra)
	requireFilled(t, f.Name, reflect.ValueOf(records[0].Value))
}

func TestEveryFieldIsRead(t *testing.T) {
	t.Parallel()
	fillEvery(t, openevent.Events)
	fillEvery(t, openevent.Forms)
	fillEvery(t, openevent.Microlocations)
	fillEvery(t, openevent.Sponsors)
	fillEvery(t, openevent.Speakers)
	fillEvery(t, openevent.Tracks)
	fillEvery(t, openevent.SessionTypes)
	fillEvery(t, openevent.Sessions)
	require.Nil(t, openevent.Fields(contracts.MediaFiles))
}

func TestUploadsAreMedia(t *testing.T) {
	t.Parallel()
	uploads := func(fields []openevent.Field) []string {
		var names []string
		for _, f := range fields {
			if f.Kind == openevent.KindUpload {
				names = append(names, f.Name)
			}
		}
		return names
	}
	names := func(refs []openevent.MediaRef) []string {
		var list []string
		for _, ref := range refs {
			require.Equal(t, "x", ref.Value)
			list = append(list, ref.Field)
		}
		return list
	}
	event := openevent.Event{Logo: "x", BackgroundImage: "x", Large: "x", Thumbnail: "x", Icon: "x"}
	require.Equal(t, uploads(openevent.Fields(contracts.Events)), names(event.Media()))
	speaker := openevent.Speaker{Photo: "x", Thumbnail: "x", Small: "x", Icon: "x"}
	require.Equal(t, uploads(openevent.Fields(contracts.Speakers)), names(speaker.Media()))
	require.Equal(t, uploads(openevent.Fields(contracts.Sponsors)), names(openevent.Sponsor{Logo: "x"}.Media()))
	require.Equal(t, uploads(openevent.Fields(contracts.Tracks)), names(openevent.Track{TrackImage: "x"}.Media()))
	session := openevent.Session{Slides: "x", Audio: "x", Video: "x"}
	require.Equal(t, uploads(openevent.Fields(contracts.Sessions)), names(session.Media()))
	require.Equal(t, []openevent.MediaRef{{Field: "audio", Kind: openevent.Audio, Value: "a.mp3"}}, openevent.Session{Audio: "a.mp3"}.Media())
}
