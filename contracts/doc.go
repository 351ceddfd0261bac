// Package contracts is what the services of Usher agree on and nothing else:
// the messages, the names of subjects, streams and consumers, the pipelines,
// the HTTP routes and the documents those routes answer with.
//
// It holds data and pure functions only, imports the standard library only,
// and is imported by everything. A change here is a change of the protocol:
// adding is free, consumers ignore what they do not know; changing the meaning
// of what is there needs a new version beside the old one.
package contracts
