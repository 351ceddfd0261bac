//go:build samples

package standalone_test

import "testing"

func TestRealArchivesOfDialectAAreImportedToTheField(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	for _, name := range []string{"fossasia16-v1.zip", "fossasia18-v1-offsets.zip", "ots16-v1-bare-media-paths.zip", "ots18-v1-small.zip"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive := read(t, name)
			requireExact(t, olga, olga.upload(t, archive), archive)
		})
	}
}
