package userlist

// The codes of issues about a list as a whole, and about how its rows are written.
const (
	// CodeListFormat: as what the list is read.
	CodeListFormat = "list_format"
	// CodeListEmpty: there is nobody in the list.
	CodeListEmpty = "list_empty"
	// CodeNotUTF8: a value is not written in UTF-8, though its list says so. Imports of
	// the time before every encoding was read have it of their list as a whole.
	CodeNotUTF8 = "not_utf8"
	// CodeNotAList: the file is of another kind.
	CodeNotAList = "not_a_list"
	// CodeWorkbookDamaged, CodeWorkbookEncrypted and CodeWorkbookTooLarge: a workbook
	// that cannot be read.
	CodeWorkbookDamaged   = "workbook_damaged"
	CodeWorkbookEncrypted = "workbook_encrypted"
	CodeWorkbookTooLarge  = "workbook_too_large"
	// CodeColumnsUnknown: the first row is neither one of titles nor of somebody in a
	// known order of columns.
	CodeColumnsUnknown = "columns_unknown"
	// CodeColumnOrderUnknown: without titles, nothing tells the known orders of
	// columns apart.
	CodeColumnOrderUnknown = "column_order_unknown"
	// CodeColumnMissing: there is no column for a field that every user needs.
	CodeColumnMissing = "column_missing"
	// CodeColumnTwice: two columns hold the same.
	CodeColumnTwice = "column_twice"
	// CodeUnknownColumn: a column is not known; what it holds is left out.
	CodeUnknownColumn = "unknown_column"
	// CodeMappingColumn and CodeMappingField: a mapping names what there is not.
	CodeMappingColumn = "mapping_column_unknown"
	CodeMappingField  = "mapping_field_unknown"
	// CodeRowRagged: a row has another number of cells than the list has columns.
	CodeRowRagged = "row_ragged"
	// CodeRowTooLong: a row has more than table.MaxRecord bytes; reading ends there.
	CodeRowTooLong = "row_too_long"
	// CodeTooManyColumns: a row has more than table.MaxColumns cells; reading ends there.
	CodeTooManyColumns = "too_many_columns"
	// CodeTooManyUsers: there are more than MaxUsers; reading ends there.
	CodeTooManyUsers = "too_many_users"
	// CodeMalformedQuotes: the quotes of a row do not fit; reading ends there.
	CodeMalformedQuotes = "malformed_quotes"
	// CodeRowKeyInvalid: a mended row is none of those that were left out.
	CodeRowKeyInvalid = "row_key_invalid"
	// CodeRowsNotKept: more rows were left out than are kept to be mended.
	CodeRowsNotKept = "rows_not_kept"
	// CodeBlanksTrimmed: blanks around cells do not count.
	CodeBlanksTrimmed = "blanks_trimmed"
	// CodeInvited: users without a password get an invitation.
	CodeInvited = "invited"
	// CodeNotInvited: users without a password get none, for nobody is to be invited.
	CodeNotInvited = "not_invited"
	// CodeAdmins: users become administrators.
	CodeAdmins = "admins"
)

// The codes of issues about one user among others.
const (
	// CodeNickRepeated and CodeEmailRepeated: an earlier row has the same.
	CodeNickRepeated  = "nick_repeated"
	CodeEmailRepeated = "email_repeated"
	// CodeNickTaken and CodeEmailTaken: an account has it.
	CodeNickTaken  = "nick_taken"
	CodeEmailTaken = "email_taken"
	// CodeSameAccount: an earlier row is of the same account, which both were to change.
	CodeSameAccount = "same_account"
)

// The codes of what is wrong with one user, see Fault.
const (
	CodeNickMissing       = "nick_missing"
	CodeNickTooLong       = "nick_too_long"
	CodeNickCharacters    = "nick_characters"
	CodeEmailMissing      = "email_missing"
	CodeEmailInvalid      = "email_invalid"
	CodePasswordMissing   = "password_missing"
	CodePasswordTooShort  = "password_too_short"
	CodeHashUnknown       = "password_hash_unknown"
	CodeAgeInvalid        = "age_invalid"
	CodeMobileDoubtful    = "mobile_doubtful"
	CodeTShirtSizeUnknown = "tshirt_size_unknown"
	CodeDateInvalid       = "date_invalid"
	CodeDateAmbiguous     = "date_ambiguous"
	CodeDateOutOfRange    = "date_out_of_range"
	CodeTimeZoneUnknown   = "time_zone_unknown"
	CodeWebInvalid        = "web_invalid"
	CodeRoleUnknown       = "role_unknown"
	CodeFieldMissing      = "user_field_missing"
	CodeTooLong           = "too_long"
	CodeControlCharacters = "control_characters"
)
