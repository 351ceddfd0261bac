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
}

// IsZero tells that nothing is referred to.
func (r Ref) IsZero() bool { return r.ID == "" }

// ref reads a reference: an object with an id, or the bare id. An object with
// no id in it refers to nothing.
func (d *decoder) ref(f *field) (Ref, outcome, error) {
	ref := Ref{}
	var out outcome
	var err error
	if d.peek() == '{' {
		err = d.members(func(key []byte, _ int) error {
			if string(key) != "id" {
				return d.skip()
			}
			var err error
			ref.ID, out, err = d.id(f)
			return err
		})
	} else {
		ref.ID, out, err = d.id(f)
	}
	return ref, out, err
}

// refs reads a list of references, or a single one. A record that is named
// twice is kept once.
func (d *decoder) refs(f *field) ([]Ref, outcome, error) {
	var refs []Ref
	element := func(i int) error {
		at := d.pos
		ref, out, err := d.ref(f)
		if err != nil || out == isBad {
			return err
		}
		var code, message string
		switch {
		case ref.IsZero():
			code, message = CodeReferenceWithoutID, fmt.Sprintf("A reference in '%s' has no id; it is left out", f.name)
		case slices.Contains(refs, ref):
			code, message = CodeDuplicateReference, fmt.Sprintf("'%s' names id %s twice; it is kept once", f.name, ref.ID)
		default:
			refs = append(refs, ref)
			return nil
		}
		d.finding(contracts.Warning, code, fmt.Sprint(i), at, message)
		return nil
	}
	switch d.peek() {
	case '[':
		err := d.elements(element)
		return refs, isSet, err
	case '{':
		ref, out, err := d.ref(f)
		if !ref.IsZero() {
			refs = []Ref{ref}
		}
		return refs, out, err
	default:
		out, err := d.noneOr(f, "a list of references")
		return nil, out, err
	}
}
