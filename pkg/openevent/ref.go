package openevent

import (
	"fmt"
	"slices"

	"github.com/usher-events/usher/contracts"
)

// Ref is a reference to a record of another file, by its source id.
type Ref struct {
	// ID is the id as text, "" for none. 3 and "3" are the same id.
	ID string
	// Name is the record's name, which is written beside the id for whoever looks
	// at the file. Reading leaves it empty: the record itself says what it is called.
	Name string
}

// IsZero tells that nothing is referred to.
func (r Ref) IsZero() bool { return r.ID == "" }

// inlineRef is a reference that is an object: the copy of a record, perhaps the
// only one there is.
type inlineRef struct {
	field string
	id    string
	// from and to are where it stands in the record.
	from, to int
}

// ref reads a reference: an object with an id, or the bare id, or a list of one
// of them. An object with no id in it refers to nothing.
func (d *decoder) ref(f *field) (Ref, outcome, error) {
	if d.peek() != '[' {
		from := d.pos
		ref, out, err := d.singleRef(f)
		d.copied(f, ref, from)
		return ref, out, err
	}
	ref, out, at := Ref{}, isNone, d.pos
	more := false
	err := d.elements(func(int) error {
		from := d.pos
		next, nextOut, err := d.singleRef(f)
		switch {
		case ref.IsZero():
			ref, out = next, nextOut
			d.copied(f, ref, from)
		case !next.IsZero() && next != ref:
			more = true
		}
		return err
	})
	if more {
		d.finding(contracts.Warning, CodeSeveralReferences, "", at, fmt.Sprintf("'%s' names several records where one belongs; the first holds", f.name))
	}
	return ref, out, err
}

func (d *decoder) singleRef(f *field) (Ref, outcome, error) {
	if d.peek() != '{' {
		id, out, err := d.id(f)
		return Ref{ID: id}, out, err
	}
	ref, out := Ref{}, isNone
	err := d.members(func(key []byte, _ int) error {
		if string(key) != "id" {
			return d.skip()
		}
		var err error
		ref.ID, out, err = d.id(f)
		return err
	})
	return ref, out, err
}

// copied notes the copy of a record that a reference holds, and forgets those
// of references that the field had before.
func (d *decoder) copied(f *field, ref Ref, from int) {
	if !d.related || ref.IsZero() {
		return
	}
	isCopy := d.data[from] == '{'
	d.inline = slices.DeleteFunc(d.inline, func(in inlineRef) bool { return in.field == f.name && (isCopy || in.id != ref.ID) })
	if isCopy {
		d.inline = append(d.inline, inlineRef{field: f.name, id: ref.ID, from: from, to: d.pos})
	}
}

// backRefs reads the other side of a relation. It does not count, so whatever
// else stands there is of no account.
func (d *decoder) backRefs() error {
	if !d.related || d.peek() != '[' {
		return d.skip()
	}
	id := &field{kind: KindID}
	return d.elements(func(int) error {
		if d.peek() != '{' {
			return d.skip()
		}
		findings, unkept := len(d.findings), d.unkept
		ref, _, err := d.singleRef(id)
		d.findings, d.unkept = d.findings[:findings], unkept
		if !ref.IsZero() {
			d.back = append(d.back, ref.ID)
		}
		return err
	})
}

// refs reads a list of references, or a single one. A record that is named
// twice is kept once.
func (d *decoder) refs(f *field) ([]Ref, outcome, error) {
	if d.peek() != '[' {
		ref, out, err := d.singleRef(f)
		if ref.IsZero() {
			return nil, out, err
		}
		return []Ref{ref}, out, err
	}
	var refs []Ref
	seen := refSet{}
	err := d.elements(func(i int) error {
		at := d.pos
		ref, out, err := d.singleRef(f)
		if err != nil || out == isBad {
			return err
		}
		var code, message string
		switch {
		case ref.IsZero() && isNothing(d.data[at:d.pos]):
			return nil
		case ref.IsZero():
			code, message = CodeReferenceWithoutID, fmt.Sprintf("A reference in '%s' has no id; it is left out", f.name)
		case !seen.add(refs, ref):
			code, message = CodeDuplicateReference, fmt.Sprintf("'%s' names id %s twice; it is kept once", f.name, cut(ref.ID))
		default:
			refs = append(refs, ref)
			return nil
		}
		d.finding(contracts.Warning, code, fmt.Sprint(i), at, message)
		return nil
	})
	return refs, isSet, err
}

// refSet tells which references a list has. The few of a real session are
// looked through; only what would take quadratic time is worth a map.
type refSet struct{ all map[Ref]bool }

// add tells whether ref is not yet among refs, to which it will be added.
func (s *refSet) add(refs []Ref, ref Ref) bool {
	const few = 16
	if len(refs) < few {
		return !slices.Contains(refs, ref)
	}
	if s.all == nil {
		s.all = make(map[Ref]bool, 2*few)
		for _, r := range refs {
			s.all[r] = true
		}
	}
	if s.all[ref] {
		return false
	}
	s.all[ref] = true
	return true
}
