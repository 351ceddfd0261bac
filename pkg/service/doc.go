// Package service is the runtime of a process: it opens what services need,
// serves their routes and health, runs their stages and loops, and takes it all
// down in order when it is told to stop.
//
// A service is a value. The main of each service runs one of them by Main; the
// all-in-one process runs any number by Run.
package service
