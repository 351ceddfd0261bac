package postgres

import (
	"cmp"
	"math/big"
	"strings"
)

// maxDigits bounds what still counts as a number, within the reach of numeric.
const maxDigits = 1000

// order is that of source ids: as numbers where each of them is one, else as bytes; where
// there is none it comes last. The zero value is that of no ids.
type order struct {
	// named tells that some id is no number.
	named bool
	// The ids so far did not come in the order of numbers, or of bytes.
	unsortedNumbers, unsortedNames bool
	last                           string
	any                            bool
}

// add tells of the next id.
func (o *order) add(id string) {
	number := isNumber(id)
	o.named = o.named || id != "" && !number
	if o.any {
		o.unsortedNames = o.unsortedNames || compareNames(o.last, id) > 0
		o.unsortedNumbers = o.unsortedNumbers || o.named || compareNumbers(o.last, id) > 0
	}
	o.last, o.any = id, true
}

// sorted tells whether the ids so far came in their order.
func (o *order) sorted() bool {
	if o.named {
		return !o.unsortedNames
	}
	return !o.unsortedNumbers
}

// compare compares two of the ids.
func (o *order) compare(a, b string) int {
	if o.named {
		return compareNames(a, b)
	}
	return compareNumbers(a, b)
}

func compareNames(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(b), len(a)) // the one without comes last
	}
	return cmp.Compare(a, b)
}

func compareNumbers(a, b string) int {
	switch {
	case a == "" || b == "":
		return cmp.Compare(len(b), len(a))
	case plain(a) && plain(b):
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	return number(a).Cmp(number(b))
}

// isNumber tells whether a source id is a plain whole number.
func isNumber(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && len(digits) <= maxDigits && strings.Trim(digits, "0123456789") == ""
}

// plain tells of a number whether it is written in the shortest way and is not negative.
func plain(s string) bool { return s[0] != '-' && (s[0] != '0' || len(s) == 1) }

// number reads a source id that isNumber.
func number(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 10) // isNumber has seen to it
	return n
}
