package contracts

import "time"

// ListKept is how long after its end the import or the check of a list of users is kept
// what it needs to go on: the list, which holds passwords in plain, what they were hashed
// to, and the rows that were left out. Later nobody can replay, start or mend it.
const ListKept = 24 * time.Hour

// ExportKept is how long after it was written the archive of an export can be downloaded.
const ExportKept = 7 * 24 * time.Hour
