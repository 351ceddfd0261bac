package chaos

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// cargo is a file that is uploaded, perhaps often, and what it must come to.
type cargo struct {
	name    string
	kind    contracts.Kind
	owner   auth.Identity
	path    string
	file    string
	content string

	// want and code are the end of its import.
	want contracts.State
	code string
	// calm is what an undisturbed import of it has come to; nil of one that is not
	// repeatable.
	calm *outcome
	// starts is, of a check, what is imported when it is started.
	starts *cargo
	// exports is, of an archive, the export of the event that it becomes.
	exports *cargo
	crew
}

// repeatable tells whether it comes to the same each time: not where accounts decide.
func (c *cargo) repeatable() bool { return !c.kind.List() || c.want == contracts.Failure }

// goods are the cargoes of a run. Archives are used many times, lists and their checks once.
type goods struct {
	small, media, broken, checks []*cargo
	large, badList               *cargo
	lists                        int
	// bases are the lists whose accounts others change.
	bases []*cargo
	// rival waits for the list that is to collide with it.
	rival *cargo
}

// people are those who upload.
var people = []auth.Identity{
	{Subject: "olga", Email: "olga@organizers.example"},
	{Subject: "paul", Email: "paul@organizers.example"},
	{Subject: "quirin", Email: "quirin@organizers.example"},
	{Subject: "rosa"}, // gets no mail
}

var operator = auth.Identity{Subject: "ada", Email: "ada@admins.example", Admin: true}

// newGoods makes cargoes for n shipments: the fewer, the less variety, since an
// undisturbed import of each comes first.
func newGoods(random *rand.Rand, n int) (*goods, error) {
	g := new(goods)
	variety := 1 + min(n/40, 5)
	for i := range variety {
		small, err := made("small", sample.Config{Sessions: 20 + random.IntN(80), Speakers: 5 + random.IntN(40), Media: sample.NoMedia, Seed: random.Uint64()}, i)
		if err != nil {
			return nil, err
		}
		media, err := made("media", sample.Config{Sessions: 20 + random.IntN(60), Speakers: 5 + random.IntN(20), Seed: random.Uint64()}, i+1)
		if err != nil {
			return nil, err
		}
		g.small, g.media = append(g.small, small), append(g.media, media)
	}
	var err error
	if g.large, err = made("large", sample.Config{Sessions: 2000, Speakers: 300, Media: sample.NoMedia, Seed: random.Uint64()}, 2); err != nil {
		return nil, err
	}
	for i, files := range []map[string]string{
		{"event": `{"id": 1, "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`},
		{"event": `{"id": 1, "name": "Half", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`, "sessions": "[\n  {\"id\": 1, \"title\": \"Wicks\"\n]"},
	} {
		content, err := zipped(files)
		if err != nil {
			return nil, err
		}
		broken := archive("broken", content, i)
		broken.want, broken.code = contracts.Failure, "invalid_archive"
		g.broken = append(g.broken, broken)
	}
	for _, of := range []*cargo{g.small[0], g.broken[0]} {
		g.checks = append(g.checks, checkOf(of))
	}
	g.badList, err = listed("bad list", form{format: table.CSV}, []row{
		{user: user{Nick: "bad nick", Email: "no address", Age: "old"}}, {user: user{Nick: "eve", Email: "eve@crew.example"}},
	}, nil)
	if err != nil {
		return nil, err
	}
	g.badList.want, g.badList.code = contracts.Failure, "invalid_list"
	return g, nil
}

// first lists every cargo that is imported before any harm is done: those that come to
// the same each time, and those that others build on.
func (g *goods) first() []*cargo {
	all := []*cargo{g.large, g.badList}
	for _, some := range [][]*cargo{g.small, g.media, g.broken, g.checks, g.bases} {
		all = append(all, some...)
	}
	return all
}

// pick chooses a cargo: mostly archives, and small ones.
func (g *goods) pick(random *rand.Rand) (*cargo, error) {
	switch p := random.IntN(100); {
	case p < 44:
		return g.small[random.IntN(len(g.small))], nil
	case p < 60:
		return g.media[random.IntN(len(g.media))], nil
	case p < 62:
		return g.large, nil
	case p < 69:
		return g.broken[random.IntN(len(g.broken))], nil
	case p < 75:
		return g.checks[random.IntN(len(g.checks))], nil
	case p < 77:
		return g.badList, nil
	case p < 91:
		return g.pickList(random)
	case p < 95:
		of, err := g.pickList(random)
		if err != nil {
			return nil, err
		}
		return checkOf(of), nil
	default:
		return g.pickRival(random)
	}
}

// pickList chooses a list that no other one collides with.
func (g *goods) pickList(random *rand.Rand) (*cargo, error) {
	if random.IntN(4) == 0 {
		return g.update(random, anyFormat(random))
	}
	return g.list(random, anyForm(random))
}

// pickRival chooses the rival of the one before, if that has none yet.
func (g *goods) pickRival(random *rand.Rand) (*cargo, error) {
	f := anyForm(random)
	f.bad = 0 // a lenient list leaves the row out that collides
	if other := g.rival; other != nil {
		g.rival = nil
		return g.rivalOf(other, random, f)
	}
	var err error
	g.rival, err = g.list(random, f)
	return g.rival, err
}

// made makes up an archive.
func made(name string, cfg sample.Config, n int) (*cargo, error) {
	var b bytes.Buffer
	err := sample.Write(&b, cfg)
	c := archive(fmt.Sprintf("%s archive of %d sessions", name, cfg.Sessions), b.String(), n)
	c.exports = exportOf(c)
	return c, err
}

// archive is the nth cargo of its sort; each person has some of them.
func archive(name, content string, n int) *cargo {
	return &cargo{
		name: name, kind: contracts.EventArchive, owner: people[n%len(people)], path: "/v1/events/import/json",
		file: "event.zip", content: content, want: contracts.Success,
	}
}

func zipped(files map[string]string) (string, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			return "", err
		}
		if _, err := w.Write([]byte(content)); err != nil {
			return "", err
		}
	}
	err := z.Close()
	return b.String(), err
}
