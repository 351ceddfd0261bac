package contracttest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

const releases = "../../contracts/testdata/releases"

// understood tells whether today's code understands a message of an earlier release
// whole: it fits the schema as those who receive have it, and nothing of what it says is
// lost or becomes something else.
func understood(raw []byte) error {
	env, payload, err := contracts.Decode(raw)
	if err != nil {
		return err
	}
	known, err := messageSchemas()
	if err != nil {
		return err
	}
	var said, kept any
	if err := json.Unmarshal(raw, &said); err != nil {
		return err
	}
	if err := known[env.Type].open.Validate(said); err != nil {
		return err
	}
	again, err := contracts.Encode(env, payload)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(again, &kept); err != nil {
		return err
	}
	return lost(said, kept, "")
}

// lost names the first place at which what was said is not what is kept. What is kept may
// be more.
func lost(said, kept any, where string) error {
	switch s := said.(type) {
	case map[string]any:
		k, _ := kept.(map[string]any)
		for name, value := range s {
			if err := lost(value, k[name], where+"/"+name); err != nil {
				return err
			}
		}
		return nil
	case []any:
		k, _ := kept.([]any)
		if len(s) != len(k) {
			return fmt.Errorf("%s has %d elements, was %d", where, len(k), len(s))
		}
		for i := range s {
			if err := lost(s[i], k[i], fmt.Sprintf("%s/%d", where, i)); err != nil {
				return err
			}
		}
		return nil
	}
	// A moment may be written in another way, and a member that says nothing be left out.
	if sameMoment(said, kept) {
		return nil
	}
	if said != kept && (kept != nil || said != false && said != "" && said != 0.0) {
		return fmt.Errorf("%s is %v, was %v", where, kept, said)
	}
	return nil
}

func sameMoment(a, b any) bool {
	var moments [2]time.Time
	for i, value := range []any{a, b} {
		text, _ := value.(string)
		var err error
		if moments[i], err = time.Parse(time.RFC3339, text); err != nil {
			return false
		}
	}
	return moments[0].Equal(moments[1])
}

func TestMessagesOfEarlierReleasesAreUnderstoodWhole(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(releases + "/v*/messages/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, understood(raw), "%s: a change that is not understood needs a new version of the message beside this one", file)
	}
}

func TestMessageThatIsNotUnderstoodWholeIsFound(t *testing.T) {
	t.Parallel()
	all := samples(t)
	for name, change := range map[string]struct{ sample, from, to, complaint string }{
		"a type that is known no more":         {"usher.event.edited.v1.json", `usher.event.edited.v1`, `usher.event.edited.v0`, "unknown"},
		"a member that was renamed since":      {"usher.import.requested.v1.json", `"earlier_import"`, `"previous_import"`, "/data/previous_import"},
		"a member within another":              {"usher.event.imported.v1.json", `"timezone"`, `"time_zone"`, "timezone"},
		"a member of the envelope":             {"usher.progress.v1.json", `"correlation"`, `"correlation_id"`, "/correlation_id"},
		"a number that is a text by now":       {"usher.import.requested.v1-users.json", `"nick"`, `4`, ""},
		"a word that counts no more":           {"usher.import.requested.v1-users.json", `"lenient"`, `"tolerant"`, "/data/options/mode"},
		"a member that all have to have since": {"usher.import.requested.v1.json", `"size": 7340122,`, ``, "size"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, understood(all[change.sample]))
			old := strings.Replace(string(all[change.sample]), change.from, change.to, 1)
			require.NotEqual(t, string(all[change.sample]), old)
			require.ErrorContains(t, understood([]byte(old)), change.complaint)
		})
	}
}

func TestEveryReleaseHasItsSamples(t *testing.T) {
	t.Parallel()
	changes, err := os.ReadFile("../../CHANGELOG.md")
	require.NoError(t, err)
	for _, heading := range regexp.MustCompile(`(?m)^## (\S+)`).FindAllStringSubmatch(string(changes), -1) {
		if heading[1] == "Unreleased" {
			continue
		}
		require.DirExists(t, filepath.Join(releases, heading[1], "messages"), `run "make release-samples RELEASE=%s"`, heading[1])
	}
	for messageType := range contracts.Registry() {
		found, err := filepath.Glob("../../contracts/testdata/messages/" + messageType + "*.json")
		require.NoError(t, err)
		require.NotEmpty(t, found, messageType)
	}
}
