// Package private runs a PostgreSQL of Usher's own, from the binaries that are
// installed on the machine, in a folder of its own. The usher binary starts it
// where no USHER_DATABASE_URL names a server; postgrestest starts one for tests.
//
// A folder that [Start] was given contains:
//
//	lock          held by the one process that uses the folder
//	data/         the cluster
//	run/          the Unix socket
//	password      for the folders whose socket would have too long a path
//	postgres.log  what the server says
package private
