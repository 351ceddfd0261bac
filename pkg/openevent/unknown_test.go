package openevent_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

func TestUnknownKeysBecomeJSONThatCanBeStored(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("9", 2000)
	a := open(t, item{"tracks", `[{"id":1,"name":"Boats","color":"red","mood":{"a\u0000b":["x\u0000y","\ud800",1e400000,true,null,{}],"n":1.50},` +
		`"a/b":false,"long":` + huge + `,"e":"true","x":1e20}]`})
	records, _ := readAll(t, a, openevent.Tracks)
	require.Len(t, records, 1)
	unknown := records[0].Unknown()
	require.True(t, json.Valid(unknown))
	require.Equal(t, `{"a~1b":false,"e":"true","long":"`+huge+`","mood":{"ab":["xy","�","1e400000",true,null,{}],"n":1.50},"x":1e20}`, string(unknown))

	records, _ = readAll(t, open(t, item{"tracks", `[{"id":1,"name":"Boats","color":"red"}]`}), openevent.Tracks)
	require.Nil(t, records[0].Unknown())
}
