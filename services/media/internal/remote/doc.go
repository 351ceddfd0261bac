// Package remote fetches files from the public web, at addresses that strangers
// have written. Whoever writes such an address would else ask in our name: servers
// of our own network, the metadata of a cloud, or one server a thousand times. So
// every connection, also that of a redirect, is looked at when its address is known
// and before it is made; nothing of us is sent along; and each answer is bounded in
// size and time.
package remote
