package openevent

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every key that is written is read as the field that it stands for, and no table has a
// word for a field that there is not.
func TestWrittenKeysAreRead(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	var look func(s *schema, of reflect.Type)
	look = func(s *schema, of reflect.Type) {
		for _, d := range []Dialect{DialectA, DialectB} {
			keys := map[string]bool{}
			for _, w := range s.written[d] {
				found, known := s.find([]byte(w.key))
				require.True(t, known, w.key)
				require.Equal(t, w.field, found.field, w.key)
				require.False(t, keys[w.key], w.key)
				keys[w.key] = true
				if d == DialectA {
					require.Equal(t, s.fields[w.field].name, w.key)
				}
				seen[of.Name()+"."+s.fields[w.field].name] = true
			}
		}
		for _, f := range s.fields {
			if f.inner != nil {
				look(f.inner, of.Field(f.index).Type.Elem())
			}
		}
	}
	look(Events.schema, reflect.TypeFor[Event]())
	look(Forms.schema, reflect.TypeFor[Form]())
	look(Microlocations.schema, reflect.TypeFor[Microlocation]())
	look(Sponsors.schema, reflect.TypeFor[Sponsor]())
	look(Speakers.schema, reflect.TypeFor[Speaker]())
	look(Tracks.schema, reflect.TypeFor[Track]())
	look(SessionTypes.schema, reflect.TypeFor[SessionType]())
	look(Sessions.schema, reflect.TypeFor[Session]())
	for in, fields := range kebabKeys {
		for field := range fields {
			require.True(t, seen[in+"."+field], "%s.%s", in, field)
		}
	}
}
