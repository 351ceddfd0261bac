package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/userlist"
)

// Validate is `usher validate`.
type Validate struct {
	File   string `arg:"" help:"Archive, or list of users (CSV or xlsx), to check." placeholder:"FILE"`
	Mode   string `help:"How strict the import would be: ${enum}." enum:"default,strict,lenient" default:"default"`
	Format string `help:"What to print: ${enum}." enum:"text,json" default:"text"`
	All    bool   `help:"List every issue, not just the first of each kind."`
	// Mapping is as in Import.
	Mapping map[string]string `help:"Of a list: the field that a column holds, by title or place, such as Spitzname=nick or '#3=' to leave one out. May be repeated." placeholder:"COLUMN=FIELD" mapsep:"none"`
	// NoInvite is as in Import.
	NoInvite bool `help:"Of a list: nobody is to be invited to choose a password."`
	// NoColor is anything where somebody wants no colours: no-color.org.
	NoColor string `hidden:"" env:"NO_COLOR"`
}

// Run checks a file without any server. It ends with 1 where it
// would not be imported, and with 2 where the file could not be read.
func (c *Validate) Run(ctx context.Context, t *Terminal) error {
	mode, ok := contracts.ParseMode(c.Mode)
	if !ok {
		return &Exit{Code: usage, Err: fmt.Errorf("there is no mode %q", c.Mode)}
	}
	file, err := os.Open(c.File)
	if err != nil {
		return &Exit{Code: usage, Err: err}
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%q is not a regular file", c.File)
	}
	if err != nil {
		return &Exit{Code: usage, Err: err}
	}

	v := validation{Name: filepath.Base(c.File), Size: info.Size(), Mode: mode, most: contracts.MaxIssuesKept}
	if c.Format == "text" && !c.All {
		v.perKind = issuesPerKind
	}
	archive, err := v.look(interruptible{ctx, file}, c.options())
	if errors.Is(err, context.Canceled) {
		return &Exit{Code: interrupted, Err: errors.New("stopped")}
	}
	if err != nil {
		return &Exit{Code: usage, Err: fmt.Errorf("%q: %w", c.File, err)}
	}
	if c.Format == "json" {
		err = v.json(t.Out)
	} else {
		err = v.text(t, archive, t.Interactive && c.NoColor == "")
	}
	if err == nil && !v.OK() {
		return &Exit{Code: failed} // all that there is to say has been said
	}
	return err
}

// options are those by which a list is read.
func (c *Validate) options() userlist.Options {
	o := userlist.Options{NoInvite: c.NoInvite, Mapping: make(map[string]userlist.Field, len(c.Mapping))}
	for column, field := range c.Mapping {
		o.Mapping[column] = userlist.Field(field)
	}
	return o
}

// interruptible is a file that cannot be read any more once its context has ended.
type interruptible struct {
	ctx  context.Context //nolint:containedctx // io.ReaderAt takes none
	file *os.File
}

// ReadAt implements io.ReaderAt.
func (i interruptible) ReadAt(p []byte, off int64) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.file.ReadAt(p, off)
}

// validation is what the check of a file comes to.
type validation struct {
	Name string
	Size int64
	Mode contracts.Mode
	// Summary is zero where the archive could not be opened.
	Summary openevent.Summary
	// Note says what could not be looked at, empty where that is nothing.
	Note string
	// Issues are those that are kept, in the order in which they were found.
	Issues []contracts.Issue
	// Found counts all of them.
	Found contracts.IssueCounts

	// most is how many issues are kept, perKind how many of one kind in a file; 0
	// is any number.
	most, perKind int
	// left counts the issues of each kind that are not kept.
	left map[issueKind]int
	seen map[issueKind]int
}

// issueKind is what issues of the same kind have in common.
type issueKind struct {
	file     string
	severity contracts.Severity
	code     string
}

func kindOf(i contracts.Issue) issueKind { return issueKind{i.File, i.Severity, i.Code} }

// look checks the file as what it is. There is no archive of a list.
func (v *validation) look(r io.ReaderAt, o userlist.Options) (*openevent.Archive, error) {
	v.left, v.seen = map[issueKind]int{}, map[issueKind]int{}
	format, err := listFormat(v.Name, r, v.Size)
	switch {
	case err != nil:
		return nil, err
	case format != "":
		o.Format = format
		return nil, v.checkList(r, o)
	case len(o.Mapping) > 0 || o.NoInvite:
		return nil, errors.New("it is an archive; --mapping and --no-invite are for lists of users")
	}
	return v.check(r)
}

// OK tells whether the file would be imported.
func (v *validation) OK() bool { return v.Found.Error == 0 }

// check reads the archive. Its error is that of the file; nil is returned for a
// file that is no archive, which is an issue.
func (v *validation) check(r io.ReaderAt) (*openevent.Archive, error) {
	archive, err := openevent.Open(r, v.Size, openevent.Limits{})
	if refused, ok := errors.AsType[*openevent.Error](err); ok {
		v.add(refused.Issue())
		return nil, nil //nolint:nilnil // the contract above
	}
	if err != nil {
		return nil, err
	}
	archive.Mode = v.Mode
	v.Summary, err = openevent.Check(archive, v.add)
	return archive, err
}

func (v *validation) add(i contracts.Issue) {
	i.Severity = v.Mode.Severity(i.Severity)
	v.Found.Add(i.Severity)
	kind := kindOf(i)
	v.seen[kind]++
	if len(v.Issues) >= v.most || v.perKind > 0 && v.seen[kind] > v.perKind {
		v.left[kind]++
		return
	}
	v.Issues = append(v.Issues, i)
}
