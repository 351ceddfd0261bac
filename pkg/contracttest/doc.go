// Package contracttest holds what a test sends and receives against the
// contracts: messages against their JSON Schemas, HTTP traffic against the
// OpenAPI documents. The tests of all services call it. It is strict where the
// contracts are lenient: a member that no schema names fails the test, because
// whoever sends says only what is agreed upon.
package contracttest

// T is what the checks need of a *testing.T. They report and go on, so they
// may be called from any goroutine while the test runs.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}
