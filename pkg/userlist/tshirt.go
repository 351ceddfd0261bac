package userlist

import (
	"slices"
	"strings"
)

// tshirtSizes are the sizes of T-shirts, as they are stored. F stands for the
// fitted cut.
var tshirtSizes = []string{"S", "S-F", "M", "M-F", "L", "L-F", "XL", "XL-F", "2XL", "3XL", "4XL"}

// sizesByName are other names of sizes.
var sizesByName = map[string]string{"XXL": "2XL", "XXXL": "3XL", "XXXXL": "4XL"}

// sizeNamed returns the size that a text names, in any case; the text itself where
// it is none.
func sizeNamed(text string) string {
	size := strings.ToUpper(text)
	if other, ok := sizesByName[size]; ok {
		return other
	}
	if slices.Contains(tshirtSizes, size) {
		return size
	}
	return text
}

func sizeFault(size string) *Fault {
	if size == "" || slices.Contains(tshirtSizes, size) {
		return nil
	}
	return &Fault{TShirtSize, CodeTShirtSizeUnknown, "There are no T-shirts of this size", "The sizes are " + strings.Join(tshirtSizes, ", ") + "."}
}
