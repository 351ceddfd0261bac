package chaos

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
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
	// calm is what an undisturbed import of it has come to; nil of a list, of which
	// that would leave accounts.
	calm *outcome
	// users are what a list makes, where it succeeds.
	users []user
	// rival is the other list that wants the same nick: one of both succeeds.
	rival *cargo
}

// repeatable tells whether it comes to the same each time.
func (c *cargo) repeatable() bool { return c.kind != contracts.UserList || c.want == contracts.Failure }

// user is an account as a list spells it.
type user struct{ Nick, Email, First, Last, Age, City, Mobile string }

// goods are the cargoes of a run. Archives are used many times, lists once.
type goods struct {
	small, media, broken, checks []*cargo
	large, badList               *cargo
	lists                        int
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
		check := *of
		check.name, check.kind, check.path = "check of "+of.name, contracts.EventCheck, of.path+"?dry_run=true"
		g.checks = append(g.checks, &check)
	}
	g.badList = list("bad list", []user{{Nick: "bad nick", Email: "no address", Age: "old"}, {Nick: "eve", Email: "eve@crew.example"}})
	g.badList.want, g.badList.code = contracts.Failure, "invalid_list"
	return g, nil
}

// repeatable lists every cargo that an undisturbed import can be made of.
func (g *goods) repeatable() []*cargo {
	all := []*cargo{g.large, g.badList}
	for _, some := range [][]*cargo{g.small, g.media, g.broken, g.checks} {
		all = append(all, some...)
	}
	return all
}

// pick chooses a cargo: mostly small archives.
func (g *goods) pick(random *rand.Rand) *cargo {
	switch p := random.IntN(100); {
	case p < 50:
		return g.small[random.IntN(len(g.small))]
	case p < 68:
		return g.media[random.IntN(len(g.media))]
	case p < 70:
		return g.large
	case p < 78:
		return g.broken[random.IntN(len(g.broken))]
	case p < 85:
		return g.checks[random.IntN(len(g.checks))]
	case p < 88:
		return g.badList
	case p < 94:
		return g.list(random)
	case g.rival == nil:
		g.rival = g.list(random)
		return g.rival
	default:
		c, other := g.list(random), g.rival
		c.users[len(c.users)-1].Nick = strings.ToUpper(other.users[0].Nick) // capitals do not make another nick
		c.content = csv(c.users)
		c.rival, other.rival, g.rival = other, c, nil
		return c
	}
}

// list makes a list of people whom no other list has.
func (g *goods) list(random *rand.Rand) *cargo {
	g.lists++
	var users []user
	for i := range 3 + random.IntN(20) {
		users = append(users, user{
			Nick: fmt.Sprintf("crew-%d-%d", g.lists, i), Email: fmt.Sprintf("crew-%d-%d@crew.example", g.lists, i),
			First: "Ada", Last: fmt.Sprintf("Berg %d", i), Age: fmt.Sprint(20 + i), City: "Oslo", Mobile: fmt.Sprintf("+47 %d", i),
		})
	}
	return list(fmt.Sprintf("list %d", g.lists), users)
}

func list(name string, users []user) *cargo {
	return &cargo{
		name: name, kind: contracts.UserList, owner: operator, path: "/v1/users/import/csv", file: "crew.csv",
		content: csv(users), users: users, want: contracts.Success,
	}
}

func csv(users []user) string {
	var b strings.Builder
	b.WriteString("Nick Name,First Name,Last Name,Email,Age,Current City,Password,Mobile Number\r\n")
	for _, u := range users {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,the horse of all,%s\r\n", u.Nick, u.First, u.Last, u.Email, u.Age, u.City, u.Mobile)
	}
	return b.String()
}

// made makes up an archive.
func made(name string, cfg sample.Config, n int) (*cargo, error) {
	var b bytes.Buffer
	err := sample.Write(&b, cfg)
	return archive(fmt.Sprintf("%s archive of %d sessions", name, cfg.Sessions), b.String(), n), err
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
