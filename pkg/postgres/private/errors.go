package private

import "errors"

var (
	// ErrNotInstalled means that no usable PostgreSQL was found on the machine.
	ErrNotInstalled = errors.New("PostgreSQL 13 or later is not installed: install it with `apt install postgresql`, " +
		"`dnf install postgresql-server` or `brew install postgresql`, or name a running server in USHER_DATABASE_URL")
	// ErrInUse means that another process runs a server on the folder.
	ErrInUse = errors.New("the folder is in use by another process: stop that one or choose another --data")
	// ErrWrongVersion means that the folder was made by a major version that is not installed.
	ErrWrongVersion = errors.New("the folder was made by a version of PostgreSQL that is not installed")
	// ErrUnreachable means that the user whom PostgreSQL must run as cannot enter the folder.
	ErrUnreachable = errors.New("PostgreSQL refuses to run as root, and the user whom it runs as instead cannot enter the folder")
)
