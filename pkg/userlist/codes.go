package userlist

// The codes of issues about a list as a whole, and about how its rows are written.
// Those of what is wrong with one user are beside Fault.
const (
	// CodeListEmpty: there is nobody in the list.
	CodeListEmpty = "list_empty"
	// CodeNotUTF8: the text is in another encoding.
	CodeNotUTF8 = "not_utf8"
	// CodeColumnsUnknown: the first row is neither a header nor of somebody in a
	// known order of columns.
	CodeColumnsUnknown = "columns_unknown"
	// CodeColumnOrderUnknown: without a header, nothing tells the two known orders
	// of columns apart.
	CodeColumnOrderUnknown = "column_order_unknown"
	// CodeColumnMissing: the header lacks a column without which there is no account.
	CodeColumnMissing = "column_missing"
	// CodeColumnTwice: two columns of the header hold the same.
	CodeColumnTwice = "column_twice"
	// CodeUnknownColumn: a column is not known; what it holds is left out.
	CodeUnknownColumn = "unknown_column"
	// CodeRowRagged: a row has another number of cells than the list has columns.
	CodeRowRagged = "row_ragged"
	// CodeRowTooLong: a row has more than MaxRecord bytes; reading ends there.
	CodeRowTooLong = "row_too_long"
	// CodeTooManyUsers: there are more than MaxUsers; reading ends there.
	CodeTooManyUsers = "too_many_users"
	// CodeMalformedQuotes: the quotes of a row do not fit; reading ends there.
	CodeMalformedQuotes = "malformed_quotes"
	// CodeNickRepeated and CodeEmailRepeated: an earlier row has the same.
	CodeNickRepeated  = "nick_repeated"
	CodeEmailRepeated = "email_repeated"
	// CodeNickTaken and CodeEmailTaken: an account has it.
	CodeNickTaken  = "nick_taken"
	CodeEmailTaken = "email_taken"
)
