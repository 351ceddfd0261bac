package contracts

// The columns that Usher adds to the rows that were left out of a list, for whoever
// mends them: what is wrong with a row, and the key by which it is known again.
const (
	IssueColumn = "usher_issue"
	RowColumn   = "usher_row"
)
