package export

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func TestNoPathOfAMissingFileLeadsToTheFileOfAnother(t *testing.T) {
	t.Parallel()
	missingFiles := new(openevent.Paths)
	for _, path := range []string{"/images/logo.png", `slides\session_3.pdf`, "slides/session_3-2.pdf", "images/speakers/Zoe\u0308_4", "images/logo-3.png"} {
		missingFiles.Add(path)
	}
	for want, f := range map[string]struct {
		owner                  contracts.EntityType
		name, field, extension string
	}{
		"/images/logo-2.png":       {owner: contracts.Events, field: "logo", extension: ".PNG"},
		"/slides/session_3-3.pdf":  {owner: contracts.Sessions, field: "slides", extension: ".pdf"},
		"/audios/session_3.pdf":    {owner: contracts.Sessions, field: "audio", extension: ".pdf"},
		"/images/speakers/Zoë_3":   {owner: contracts.Speakers, field: "photo", name: "Zoë"},
		"/images/speakers/Zoë.a_3": {owner: contracts.Speakers, field: "photo", name: "Zoë.a"},
	} {
		s := &shelf{Export: contracts.Export{Image: true, Document: true, Audio: true}, named: make(map[string]string), lacking: missingFiles}
		known := file{Field: f.field, Kind: string(openevent.Image), Blob: "blob", End: "x" + f.extension}
		row := fields{shelf: s, owner: f.owner, name: f.name, id: "3", files: []file{known}}
		require.Equal(t, want, row.of(f.field, "/as/it/was"))
		require.Equal(t, want, "/"+s.files[0].name)
	}
}
