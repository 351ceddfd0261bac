package chaos

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// crew is what a list of people must come to, where it succeeds.
type crew struct {
	form
	// users are the accounts that it makes.
	users []user
	// left are the rows that are left out of it, as Usher gives them back.
	left []leftOut
	// accounts are the numbers that it tells.
	accounts contracts.Accounts
	// rival is the other list that wants the same nick: one of both succeeds.
	rival *cargo
	// update is the list that changes the accounts of this one, its base, and changed
	// are, of an update, what they become. Nobody takes a base back, so that what a
	// discard of the update restores is certain.
	update  *cargo
	changed []user
}

// form is how a list is written, and how well.
type form struct {
	format table.Format
	// invites tells that it has no passwords.
	invites bool
	// bad is how many rows cannot become accounts. It is lenient where there are some.
	bad int
}

// user is an account as a list spells it, and how its user gets in.
type user struct{ Nick, Email, First, Last, Age, City, Mobile, Enters string }

// The ways in.
const (
	byPassword   = "by password"
	byInvitation = "by invitation"
)

// leftOut is a row that is left out of a list: its place, and its cells without the password.
type leftOut struct {
	n     int
	cells []string
}

// row is one of a list. What has to be right for an account is not, where it is bad.
type row struct {
	user
	bad bool
}

// anyForm chooses how a list is written.
func anyForm(random *rand.Rand) form {
	f := form{format: anyFormat(random), invites: random.IntN(2) == 0}
	if random.IntN(3) == 0 {
		f.bad = 1 + random.IntN(4)
	}
	return f
}

func anyFormat(random *rand.Rand) table.Format {
	return []table.Format{table.CSV, table.XLSX}[random.IntN(2)]
}

// list makes a list of people whom no other list has.
func (g *goods) list(random *rand.Rand, f form) (*cargo, error) {
	rows := g.newcomers(3+random.IntN(20), f)
	for i := range f.bad {
		bad := row{g.newcomer(len(rows), f), true}
		if i%2 == 0 {
			bad.Nick = "the " + bad.Nick // a nick has no blanks
		} else {
			bad.Age = "old"
		}
		rows = slices.Insert(rows, random.IntN(len(rows)+1), bad)
	}
	return listed(fmt.Sprintf("list %d", g.lists), f, rows, nil)
}

// newcomers are rows of a new list.
func (g *goods) newcomers(n int, f form) []row {
	g.lists++
	var rows []row
	for i := range n {
		rows = append(rows, row{user: g.newcomer(i, f)})
	}
	return rows
}

// newcomer is the nth of the newest list.
func (g *goods) newcomer(n int, f form) user {
	u := user{
		Nick: fmt.Sprintf("crew-%d-%d", g.lists, n), Email: fmt.Sprintf("crew-%d-%d@crew.example", g.lists, n),
		First: "Ada", Last: fmt.Sprintf("Berg %d", n), Age: fmt.Sprint(20 + n), City: "Oslo", Mobile: fmt.Sprintf("+47 %d", n),
		Enters: byPassword,
	}
	if f.invites {
		u.Enters = byInvitation
	}
	return u
}

// rivalOf makes a list that collides with another.
func (g *goods) rivalOf(other *cargo, random *rand.Rand, f form) (*cargo, error) {
	rows := g.newcomers(3+random.IntN(20), f)
	rows[len(rows)-1].Nick = strings.ToUpper(other.users[0].Nick) // capitals do not make another nick
	c, err := listed(fmt.Sprintf("list %d", g.lists), f, rows, nil)
	if err == nil {
		c.rival, other.rival = other, c
	}
	return c, err
}

// update makes a list that changes accounts of another, its base, and adds some.
func (g *goods) update(random *rand.Rand, format table.Format) (*cargo, error) {
	base, err := g.list(random, form{format: format})
	if err != nil {
		return nil, err
	}
	var rows []row
	changed := slices.Clone(base.users)
	for i := range changed {
		u := &changed[i]
		switch i % 4 {
		case 0:
			u.City = "Bergen"
		case 1:
			u.Nick += "-too" // the address says who it is
		case 2:
			u.Age = "77"
		}
		told := *u
		if i%4 == 2 {
			told.City = "" // which changes nothing
		}
		rows = append(rows, row{user: told})
	}
	f := form{format: format, invites: true}
	rows = append(g.newcomers(1+random.IntN(3), f), rows...)
	c, err := listed(fmt.Sprintf("list %d, which changes %s", g.lists, base.name), f, rows, url.Values{"on_conflict": {"update"}})
	if err != nil {
		return nil, err
	}
	c.users = c.users[:len(rows)-len(changed)]
	c.accounts = contracts.Accounts{Created: len(c.users), Invited: len(c.users)}
	for i, u := range changed {
		if u != base.users[i] {
			c.accounts.Updated++
		}
	}
	c.changed, base.update = changed, c
	g.bases = append(g.bases, base)
	return c, nil
}

// listed makes a cargo of the rows of a list.
func listed(name string, f form, rows []row, options url.Values) (*cargo, error) {
	if options == nil {
		options = make(url.Values)
	}
	c := &cargo{
		name: name, kind: contracts.UserList, owner: operator, file: "crew." + string(f.format), want: contracts.Success,
		crew: crew{form: f},
	}
	for n, r := range rows {
		if r.bad {
			options.Set("mode", string(contracts.Lenient))
			c.left = append(c.left, leftOut{n, f.cells(r.user, "")})
			continue
		}
		c.users = append(c.users, r.user)
	}
	c.accounts = contracts.Accounts{Created: len(c.users), Failed: len(c.left)}
	if f.invites {
		c.accounts.Invited = len(c.users)
	}
	c.path = "/v1/users/import/" + string(f.format) + "?" + options.Encode()
	var err error
	c.content, err = f.written(rows)
	return c, err
}

// written is the file.
func (f form) written(rows []row) (string, error) {
	var b bytes.Buffer
	out, err := table.NewWriter(&b, f.format)
	if err != nil {
		return "", err
	}
	if err := out.Write(f.titles()); err != nil {
		return "", err
	}
	for _, r := range rows {
		if err := out.Write(f.cells(r.user, "the horse of all")); err != nil {
			return "", err
		}
	}
	err = out.Close()
	return b.String(), err
}

// titles are those of the columns. The password's is the last one, if there is one.
func (f form) titles() []string {
	titles := []string{"Nick Name", "First Name", "Last Name", "Email", "Age", "Current City", "Mobile Number"}
	if !f.invites {
		titles = append(titles, "Password")
	}
	return titles
}

func (f form) cells(u user, password string) []string {
	cells := []string{u.Nick, u.First, u.Last, u.Email, u.Age, u.City, u.Mobile}
	if !f.invites {
		cells = append(cells, password)
	}
	return cells
}

// checkOf makes the check of a list or an archive, which can be started.
func checkOf(of *cargo) *cargo {
	check := *of
	check.name, check.starts = "check of "+of.name, of
	separator := "?"
	if strings.Contains(of.path, separator) {
		separator = "&"
	}
	check.path += separator + "dry_run=true"
	check.kind, check.crew, check.exports = contracts.EventCheck, crew{}, nil
	if of.kind == contracts.UserList {
		check.kind, check.accounts = contracts.ListCheck, of.accounts
	}
	return &check
}
