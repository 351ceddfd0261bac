//go:build !race

package standalone_test

const raced = false
