package files

import (
	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/query/internal/api"
)

// The widths of the smaller copies in pixels, by the names of the variants.
var (
	ofSpeakers = map[string]int{"thumbnail": 500, "small": 50, "icon": 35}
	ofOthers   = map[string]int{"large": 1300, "thumbnail": 500, "icon": 75}
)

// widthOf is how wide a variant of a file is; false where there is no such one.
func widthOf(media api.Media, variant string) (int, bool) {
	if media.Kind != string(openevent.Image) {
		return 0, false
	}
	widths := ofOthers
	if media.OwnerType == string(contracts.Speakers) {
		widths = ofSpeakers
	}
	width, ok := widths[variant]
	return width, ok
}
