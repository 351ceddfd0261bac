package contracts

// MaxPause is how long a stage may be paused at once. The stream of imports forgets a
// message after 30 days, and an import whose message is forgotten while it waits would
// never end; so a pause is far from as long, for who is late to end it and for the
// stages behind it.
const MaxPause = 7 * day
