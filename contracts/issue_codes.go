package contracts

// IssueCode is one line of the catalogue of issues: what a code means to
// somebody who has uploaded a file. The texts are whole sentences.
type IssueCode struct {
	// Code is what Issue.Code says.
	Code string
	// About is the part of the catalogue that the code belongs to.
	About IssueTopic
	// Severity is the usual one, in DefaultMode. Strict makes errors of warnings;
	// in Lenient a record with an error is left out, with a warning.
	Severity Severity
	// Means says what was found.
	Means string
	// Done says what Usher makes of it.
	Done string
	// Mend says what to do about it.
	Mend string
}

// IssueTopic is a part of the catalogue of issues, as its heading says it.
type IssueTopic string

// The parts of the catalogue, in their order.
const (
	AboutArchive  IssueTopic = "The archive as a whole"
	AboutFiles    IssueTopic = "Files and how they are written"
	AboutRecords  IssueTopic = "Records and what they refer to"
	AboutValues   IssueTopic = "Values of fields"
	AboutMedia    IssueTopic = "Pictures and other files"
	AboutUserList IssueTopic = "Lists of users"
	AboutExports  IssueTopic = "Archives that were exported"
)

// IssueTopics returns the parts of the catalogue in their order.
func IssueTopics() []IssueTopic {
	return []IssueTopic{AboutArchive, AboutFiles, AboutRecords, AboutValues, AboutMedia, AboutUserList, AboutExports}
}

// What is done with a finding, where many have it in common.
const (
	refusesAll   = "Nothing is imported."
	refusesFile  = "The import fails before anything is written."
	leavesRecord = "The import fails before anything is written; in the mode 'lenient' the record is left out and the rest imported."
	emptiesField = "The field stays empty, the rest of the record is imported."
	onlyTold     = "Nothing is changed."
	keepsAddress = "The record keeps the address, and nothing is fetched."
	refusesList  = "No account is made of the list, so that it can be mended and uploaded again as a whole."
	writesAll    = "The archive holds what the event has, and an import here takes it; the first server of the format refuses it."
)

// IssueCodes is the catalogue: every code that an issue can have, by topic. Once
// here, a code stays, since programs and bookmarks refer to it.
func IssueCodes() []IssueCode {
	return []IssueCode{
		{
			"not_a_zip", AboutArchive, Error,
			"The file is not a zip archive, or it is damaged, as after a download that broke off.",
			refusesAll,
			"Make the archive again, or download it again, and check that it can be opened on your computer.",
		},
		{
			"archive_encrypted", AboutArchive, Error,
			"The archive is protected by a password.",
			refusesAll,
			"Make the archive without a password.",
		},
		{
			"too_many_entries", AboutArchive, Error,
			"The archive holds more files than any event has, or their names are far too long.",
			refusesAll,
			"Remove from the archive what does not belong to the event.",
		},
		{
			"unpacked_too_large", AboutArchive, Error,
			"All files of the archive together are too large once they are unpacked.",
			refusesAll,
			"Take out the largest files, such as recordings of sessions, and give their addresses on the web instead.",
		},
		{
			"compression_ratio", AboutArchive, Error,
			"A file unpacks to so many times its size that it looks like an attack.",
			"The file is not read further; where it is not a picture or the like, the import fails.",
			"Pack the file without compression, or look into what makes it so large.",
		},
		{
			"unsupported_compression", AboutArchive, Error,
			"A file is packed by a method that Usher does not know.",
			"The file is not read; where it is not a picture or the like, the import fails.",
			"Pack the archive with the usual method, which is called Deflate.",
		},
		{
			"entry_damaged", AboutArchive, Error,
			"A file cannot be unpacked, or is not what it was when it was packed.",
			"The file is not read; where it is not a picture or the like, the import fails.",
			"Make the archive again, or download it again.",
		},
		{
			"files_in_folder", AboutArchive, Info,
			"All files of the archive stand in one folder instead of standing at the top.",
			"The folder is passed over, and the files are read from it.",
			"Pack the files themselves rather than the folder that they are in.",
		},
		{
			"duplicate_entry", AboutArchive, Warning,
			"The archive holds two files of the same name, or the same file under two spellings such as 'speakers' and 'speakers.json'.",
			"Of two with the same name the last one is read, as an unpacking program would do; of two spellings the message says which.",
			"Remove the one that is not wanted.",
		},
		{
			"unused_files", AboutArchive, Info,
			"The archive holds files that no record of the event refers to.",
			"They are left out.",
			"Remove them, or name them in the record that they belong to.",
		},

		{
			"file_missing", AboutFiles, Warning,
			"A file of the format is not in the archive. Without the file 'event' there is no event, which is an error.",
			"The list is taken for an empty one: an archive without the file 'microlocations' makes an event without rooms.",
			"Add the file; a list without entries is written as [].",
		},
		{
			"json_syntax", AboutFiles, Error,
			"From this place on the file is not written as JSON, for instance because a comma, a quotation mark or a bracket is missing.",
			"The import fails before anything is written; in the mode 'lenient' the records before and behind the place are imported where they can be told apart.",
			"Look at the line and column that are named, and just before them; an editor that knows JSON shows what is missing.",
		},
		{
			"json_root", AboutFiles, Error,
			"The file holds something else than it should: the file 'event' holds one object in { }, every other file a list in [ ].",
			"A list that holds the one event, or one record where a list belongs, is read with a warning; anything else fails the import before anything is written.",
			"Put the records into a list, or the event into an object.",
		},
		{
			"json_too_deep", AboutFiles, Error,
			"Lists and objects lie in each other more deeply than any event needs.",
			refusesFile,
			"Look at the place that is named: something has been put into itself there.",
		},
		{
			"record_too_large", AboutFiles, Error,
			"One record is larger than Usher reads at once, for instance because a picture was written into a text.",
			refusesFile,
			"Shorten the record; put pictures into files of their own.",
		},
		{
			"several_events", AboutFiles, Error,
			"The file 'event' holds more than one event.",
			"The import fails before anything is written; in the mode 'lenient' the first event is imported.",
			"Make an archive for each event.",
		},
		{
			"control_character", AboutFiles, Warning,
			"A text holds a line break, a tabulator or another control character as it is, where JSON wants an escape such as \\n.",
			"The text is read as it stands.",
			"Write \\n for a line break and \\t for a tabulator.",
		},
		{
			"trailing_comma", AboutFiles, Warning,
			"A comma stands behind the last entry of a list or an object.",
			"The comma is read over.",
			"Remove the comma before the closing bracket.",
		},
		{
			"encoding", AboutFiles, Info,
			"The file is not written in UTF-8, the encoding of the format, but in UTF-16.",
			"It is read all the same.",
			"Save the file as UTF-8.",
		},
		{
			"invalid_utf8", AboutFiles, Warning,
			"A text holds bytes that are no letters of UTF-8, the encoding of the format.",
			"The bytes are replaced by the character \uFFFD.",
			"Save the file as UTF-8, and look whether its special letters are still right.",
		},
		{
			"nul_removed", AboutFiles, Warning,
			"A text holds the character NUL, which nobody can see and a database cannot keep.",
			"The character is removed.",
			"Remove it from the text.",
		},
		{
			"social_links_file", AboutFiles, Info,
			"The archive has a file of social links, and the event has links of its own.",
			"The event's own links are imported, the file is not.",
			"Move the links that are missing into 'social_links' of the file 'event', and remove the file.",
		},
		{
			"duplicate_key", AboutFiles, Warning,
			"A record gives the same field twice.",
			"The last value is taken.",
			"Remove the one that is not wanted.",
		},
		{
			"two_spellings", AboutFiles, Warning,
			"A record gives the same field under two names, such as 'start_time' and 'starts-at', with different values.",
			"One value is taken and the other left out; the message says which.",
			"Remove the one that is wrong.",
		},
		{
			"unknown_key", AboutFiles, Info,
			"Records have a field that the format does not know. It is told once per file, not for every record.",
			"Its values are kept beside the record, but shown nowhere.",
			"Correct the name if it is mistyped; else nothing needs to be done.",
		},

		{
			"record_not_object", AboutRecords, Error,
			"An entry of a list is no record in { }, but a number, a text or a list.",
			leavesRecord,
			"Write the entry as a record, or remove it.",
		},
		{
			"required_field_missing", AboutRecords, Error,
			"A field without which the record makes no sense is absent or empty, such as the name of a speaker.",
			leavesRecord,
			"Fill in the field.",
		},
		{
			"field_missing", AboutRecords, Warning,
			"A field that belongs to such a record is absent or empty.",
			"The record is imported without it.",
			"Fill in the field if you know its value.",
		},
		{
			"id_missing", AboutRecords, Warning,
			"A speaker, room, track or type of session has no id, so no session can refer to it.",
			"The record is imported; no session has it.",
			"Give each record of the file an id of its own.",
		},
		{
			"duplicate_id", AboutRecords, Warning,
			"Two records of a file have the same id, but are not the same.",
			"Both are imported; what refers to the id gets the last one.",
			"Give one of them another id, and correct what refers to it.",
		},
		{
			"duplicate_record", AboutRecords, Warning,
			"A record is an exact copy of an earlier one.",
			"It is imported once.",
			"Remove the copy.",
		},
		{
			"record_deleted", AboutRecords, Warning,
			"A record was already deleted on the server that the archive comes from.",
			"It is left out.",
			"Nothing needs to be done. To have the record, remove its field 'deleted_at'.",
		},
		{
			"record_rebuilt", AboutRecords, Warning,
			"A session names a track, room or type of session in full that its own file does not hold.",
			"It is made once from what the sessions say of it.",
			"Add it to its own file.",
		},
		{
			"dangling_reference", AboutRecords, Warning,
			"A session refers to a speaker, track, room or type of session that is not in the archive.",
			"The session is imported without it.",
			"Add the record, or correct the id.",
		},
		{
			"reference_without_id", AboutRecords, Warning,
			"A session names something without giving its id.",
			"It is left out there.",
			"Add the id of the record that is meant.",
		},
		{
			"duplicate_reference", AboutRecords, Warning,
			"A session names the same speaker twice.",
			"The speaker is listed once.",
			"Remove the second mention.",
		},
		{
			"several_references", AboutRecords, Warning,
			"A session names several tracks, rooms or types where it can have only one.",
			"The first one is taken.",
			"Leave the right one only.",
		},
		{
			"links_disagree", AboutRecords, Warning,
			"Speakers or tracks name other sessions than those that name them.",
			"What the sessions say is imported.",
			"Correct the sessions if they are wrong; the lists of sessions elsewhere are never read.",
		},

		{
			"wrong_type", AboutValues, Warning,
			"A value is of a kind that its field cannot be, such as a list where a text belongs.",
			emptiesField,
			"Write the value as the table of the file's fields says.",
		},
		{
			"invalid_number", AboutValues, Warning,
			"A value is not a number, or not a whole one where only that makes sense.",
			emptiesField,
			"Write a number such as 3 or 52.5, with a point and without a unit.",
		},
		{
			"number_corrected", AboutValues, Warning,
			"A number has a comma before its decimals.",
			"It is read as if there were a point.",
			"Write a point, as in 52.5.",
		},
		{
			"invalid_time", AboutValues, Warning,
			"A value cannot be read as date and time. It is an error where a record makes no sense without the time.",
			"The time is left out; a required one fails the import.",
			"Write it like 2031-05-02T09:00:00, or with the distance from UTC like 2031-05-02T09:00:00+02:00.",
		},
		{
			"time_corrected", AboutValues, Warning,
			"A time is not written as it should be, but it is clear which one is meant, such as T17:0:00.",
			"The time that is meant is imported.",
			"Write it like 2031-05-02T17:00:00.",
		},
		{
			"unknown_timezone", AboutValues, Warning,
			"There is no time zone of this name.",
			"UTC is taken, so that times without a distance from UTC are probably hours off.",
			"Name the zone as the IANA database does, like Europe/Berlin or Asia/Singapore.",
		},
		{
			"timezone_corrected", AboutValues, Warning,
			"A time zone is not spelled as it should be, but it is clear which one is meant.",
			"The zone that is meant is taken.",
			"Name the zone as the IANA database does, like Europe/Berlin.",
		},
		{
			"invalid_length", AboutValues, Warning,
			"The length of a type of session cannot be read.",
			"The text is kept, but no length in minutes is known.",
			"Write hours and minutes, like 00:30.",
		},
		{
			"invalid_color", AboutValues, Warning,
			"A value is not a colour.",
			"The colour is left out.",
			"Write it like #1f5fbf, or by one of the names of CSS, like teal.",
		},
		{
			"color_corrected", AboutValues, Warning,
			"A colour is written without the sign # before its digits.",
			"The sign is put before them.",
			"Write it like #1f5fbf.",
		},
		{
			"invalid_url", AboutValues, Warning,
			"A value is not an address of the web.",
			"It is kept as it stands where a person might still make sense of it, and else left out; the message says which.",
			"Write the whole address, like https://fair.example/programme.",
		},
		{
			"url_without_scheme", AboutValues, Warning,
			"An address does not begin with http:// or https://.",
			"http:// is put before it, or https:// where only that is missing.",
			"Write the whole address, like https://fair.example/programme.",
		},
		{
			"invalid_email", AboutValues, Warning,
			"A value is not an e-mail address.",
			emptiesField,
			"Write one address, like ada@fair.example, and nothing else.",
		},
		{
			"invalid_identifier", AboutValues, Warning,
			"The event's identifier cannot be part of an address.",
			"The event gets another one.",
			"Use up to 64 letters, digits, hyphens and underscores, and not digits alone.",
		},
		{
			"identifier_taken", AboutValues, Info,
			"Another event has this identifier already, for instance because the archive was imported before.",
			"The event gets another one; the other event is not touched.",
			"Nothing needs to be done. To have the identifier, remove the other event first.",
		},
		{
			"unknown_value", AboutValues, Warning,
			"A value is none of those that its field can have, such as a state of a session that is not known.",
			"The value is kept as it stands.",
			"Write one of the values that the message names.",
		},
		{
			"invalid_form", AboutValues, Warning,
			"The description of a form cannot be read.",
			"The form is imported without the fields that cannot be read.",
			"Export the archive again, or write [] into the file 'forms', which is none.",
		},
		{
			"blanks_removed", AboutValues, Info,
			"Blanks stood around a value that cannot have any, such as an address.",
			"The blanks are removed.",
			"Nothing needs to be done.",
		},

		{
			"media_missing", AboutMedia, Warning,
			"A record names a picture or another file that is not in the archive.",
			"The record is imported without it.",
			"Add the file under the very name that the record gives, or correct the name. Capital letters count.",
		},
		{
			"media_name", AboutMedia, Info,
			"A record spells the name of a file in another way than the archive, such as with another form of its accents, or with backslashes.",
			"The file that is meant is taken.",
			"Spell the name in the same way in the archive and in the record, best in plain letters and with slashes.",
		},
		{
			"media_too_large", AboutMedia, Warning,
			"A picture or another file is larger than Usher takes.",
			"The record is imported without it.",
			"Make the file smaller, or give its address on the web instead.",
		},
		{
			"media_unreadable", AboutMedia, Warning,
			"A picture or another file is in the archive, but cannot be read from it.",
			"The record is imported without it.",
			"Make the archive again, and check that the file can be opened.",
		},
		{
			"media_kind", AboutMedia, Warning,
			"A file of the archive is not what the field is for, such as a page in the place of a picture, or it is empty.",
			"The file is imported as it is. Pages show no picture there.",
			"Put the right file into the archive. A page often is there because the server asked to sign in when the file was saved.",
		},
		{
			"media_remote_failed", AboutMedia, Warning,
			"A file on the web was to be fetched and could not be: its server was not reached, or did not give it in time or whole.",
			keepsAddress,
			"Check that the address can be opened by anybody, without signing in, or add the file to the archive.",
		},
		{
			"media_remote_refused", AboutMedia, Warning,
			"A file was to be fetched from an address at which no server of the public web is. Usher asks only those, by http or https and at the usual ports.",
			keepsAddress,
			"Correct the address, or add the file to the archive.",
		},
		{
			"media_remote_kind", AboutMedia, Warning,
			"At an address of the web there is a file of another kind than the field is for, such as an archive in the place of a picture.",
			keepsAddress,
			"Give the address of the file itself.",
		},
		{
			"media_remote_too_large", AboutMedia, Warning,
			"A file on the web is larger than Usher fetches.",
			keepsAddress,
			"Nothing needs to be done, as long as the file stays where it is.",
		},
		{
			"media_remote_limit", AboutMedia, Warning,
			"An archive names more files on the web, or larger ones, than are fetched for one import.",
			"Those for which there was no room stay where they are, and the record keeps their addresses.",
			"Add the files that matter to the archive.",
		},
		{
			"media_remote_page", AboutMedia, Info,
			"An address of the web leads to a page, such as that of a film, and not to a file.",
			keepsAddress,
			"Nothing needs to be done.",
		},

		{
			"list_format", AboutUserList, Info,
			"This is how the list is written: its encoding, and what stands between cells and at the ends of lines, or which sheet of a workbook was read.",
			"The list is read so.",
			"Nothing needs to be done, unless letters or columns are not as they should be. Then save the list as CSV in UTF-8, or as xlsx.",
		},
		{
			"not_a_list", AboutUserList, Error,
			"The file is neither CSV nor a workbook of the format xlsx, or not what it was uploaded as.",
			refusesList,
			"Open it in a program for spreadsheets, and save it as xlsx or CSV.",
		},
		{
			"workbook_damaged", AboutUserList, Error,
			"The workbook is damaged, as after a download that broke off.",
			refusesList,
			"Open it in a program for spreadsheets, and save it again.",
		},
		{
			"workbook_encrypted", AboutUserList, Error,
			"The workbook is protected by a password.",
			refusesList,
			"Save it without a password.",
		},
		{
			"workbook_too_large", AboutUserList, Error,
			"The workbook has too many sheets, or is far larger than its file once it is unpacked.",
			refusesList,
			"Save the sheet with the users as CSV.",
		},
		{
			"list_empty", AboutUserList, Error,
			"There is nobody in the list.",
			refusesList,
			"Write a row for each user below the titles of the columns.",
		},
		{
			"not_utf8", AboutUserList, Error,
			"A value is not written in UTF-8, though its list says that it is.",
			refusesList,
			"Save the list as CSV in UTF-8; a spreadsheet asks for the encoding when it saves.",
		},
		{
			"columns_unknown", AboutUserList, Error,
			"The first row tells neither the titles of the columns nor a user in an order that is known.",
			refusesList,
			"Put a row of titles first: nick, email, password and what else there is.",
		},
		{
			"column_order_unknown", AboutUserList, Error,
			"The list has no titles, and nothing tells which of the known orders its columns have.",
			refusesList,
			"Put a row of titles first: nick, email, password and what else there is.",
		},
		{
			"column_missing", AboutUserList, Error,
			"A column is missing without which there can be no account.",
			refusesList,
			"Add the column that is named.",
		},
		{
			"column_twice", AboutUserList, Error,
			"Two columns hold the same.",
			refusesList,
			"Remove one of them, or correct its title.",
		},
		{
			"unknown_column", AboutUserList, Info,
			"A column has a title that is not known.",
			"What it holds is left out.",
			"Correct the title if it is mistyped; else nothing needs to be done.",
		},
		{
			"mapping_column_unknown", AboutUserList, Error,
			"What was said with the upload about the columns names one that there is not.",
			refusesList,
			"Name columns by their titles, or by their places: #1 is the first.",
		},
		{
			"mapping_field_unknown", AboutUserList, Error,
			"What was said with the upload about the columns names a field that users do not have.",
			refusesList,
			"Use one of the fields that the hint lists.",
		},
		{
			"blanks_trimmed", AboutUserList, Info,
			"Blanks stood around what is in some cells.",
			"The blanks are removed, but for those of passwords.",
			"Nothing needs to be done.",
		},
		{
			"invited", AboutUserList, Info,
			"Users have no password.",
			"They get a mail with a link, by which they choose one.",
			"Nothing needs to be done.",
		},
		{
			"not_invited", AboutUserList, Info,
			"Users have no password, and whoever has uploaded the list wants nobody to be invited.",
			"They get accounts, and cannot sign in to them yet.",
			"Nothing needs to be done. They can be invited later, each on its own.",
		},
		{
			"rows_not_kept", AboutUserList, Warning,
			"More rows were left out than the table takes in which they can be mended.",
			"The table holds as many as it takes; the others are counted.",
			"Mend those rows in the list itself and upload it again. Let accounts that are there already be skipped.",
		},
		{
			"admins", AboutUserList, Info,
			"Users have the role of an administrator.",
			"Their accounts may see and do everything.",
			"Make sure that it is meant so; else correct the column of roles.",
		},
		{
			"row_ragged", AboutUserList, Error,
			"A row has more or fewer cells than there are columns, often because a comma stands in a cell without quotation marks.",
			refusesList,
			"Put cells with a comma between quotation marks, and leave cells empty rather than out.",
		},
		{
			"row_too_long", AboutUserList, Error,
			"A row is longer than a user can need, often because a quotation mark is missing. Nothing behind it was looked at.",
			refusesList,
			"Look for the quotation mark that is missing.",
		},
		{
			"too_many_columns", AboutUserList, Error,
			"A row has more cells than a sheet can have columns. Nothing behind it was looked at.",
			refusesList,
			"Remove the columns that are empty.",
		},
		{
			"row_key_invalid", AboutUserList, Error,
			"A row of a mended table is none of those that were left out of the list, or has the key of another one.",
			"The attempt fails. The accounts of the attempts before stay, and so do the rows that were left out.",
			"Take the table of failed rows anew, mend it, and leave its column usher_row as it is.",
		},
		{
			"too_many_users", AboutUserList, Error,
			"The list holds more users than one import takes.",
			refusesList,
			"Make several lists of it.",
		},
		{
			"malformed_quotes", AboutUserList, Error,
			"The quotation marks of a row do not fit together. Nothing behind it was looked at.",
			refusesList,
			"Put the whole cell between quotation marks, and write each one inside of it twice.",
		},
		{
			"nick_missing", AboutUserList, Error,
			"A user has no nick.",
			refusesList,
			"Give every user a nick of their own.",
		},
		{
			"nick_too_long", AboutUserList, Error,
			"A nick has too many characters.",
			refusesList,
			"Choose a shorter one, of 24 characters at most.",
		},
		{
			"nick_characters", AboutUserList, Error,
			"A nick has characters that a nick cannot have, such as blanks.",
			refusesList,
			"Use letters, digits, hyphens, underscores and points.",
		},
		{
			"nick_repeated", AboutUserList, Error,
			"Two rows have the same nick; capital letters make no difference.",
			refusesList,
			"Choose another nick for one of them, or remove the row that is too much.",
		},
		{
			"nick_taken", AboutUserList, Error,
			"An account has this nick already.",
			refusesList,
			"Choose another nick, or remove the row if the account is that of the same person.",
		},
		{
			"email_missing", AboutUserList, Error,
			"A user has no e-mail address.",
			refusesList,
			"Give every user an e-mail address of their own.",
		},
		{
			"email_invalid", AboutUserList, Error,
			"A value is not an e-mail address.",
			refusesList,
			"Write one address, like ada@fair.example, and nothing else.",
		},
		{
			"email_repeated", AboutUserList, Error,
			"Two rows have the same e-mail address.",
			refusesList,
			"Give each user an address of their own, or remove the row that is too much.",
		},
		{
			"email_taken", AboutUserList, Error,
			"An account has this e-mail address already.",
			refusesList,
			"Give another address, or remove the row if the account is that of the same person.",
		},
		{
			"same_account", AboutUserList, Error,
			"An account that the list is to change is that of an earlier row, too: one has its nick, the other its e-mail address.",
			refusesList,
			"Keep one of the rows.",
		},
		{
			"password_missing", AboutUserList, Error,
			"A user has no password.",
			refusesList,
			"Give every user a password, or let those who have none be invited.",
		},
		{
			"password_too_short", AboutUserList, Error,
			"A password has too few characters.",
			refusesList,
			"Choose one of 8 characters at least.",
		},
		{
			"password_hash_unknown", AboutUserList, Error,
			"A password looks like the hash of one, but of a kind that is not known, or one that takes too long to check.",
			refusesList,
			"Give hashes of bcrypt or argon2id, or leave the cell empty and let the user be invited.",
		},
		{
			"age_invalid", AboutUserList, Error,
			"An age is not a whole number of years.",
			refusesList,
			"Write it like 34, or leave it empty.",
		},
		{
			"mobile_doubtful", AboutUserList, Warning,
			"A telephone number does not look like one: no country gives out such numbers.",
			"It is kept as it stands.",
			"Write it with the code of the country, like +49 170 1234567.",
		},
		{
			"tshirt_size_unknown", AboutUserList, Error,
			"A size of a T-shirt is none that there is.",
			refusesList,
			"Use S, M, L, XL, 2XL, 3XL or 4XL, or S-F, M-F, L-F or XL-F for the fitted cut.",
		},
		{
			"date_invalid", AboutUserList, Error,
			"A value is not a date.",
			refusesList,
			"Write it like 2031-05-02, or leave it empty.",
		},
		{
			"date_ambiguous", AboutUserList, Error,
			"A date can be read in two ways, with the day or with the month first.",
			refusesList,
			"Write the year first, like 2031-05-02.",
		},
		{
			"date_out_of_range", AboutUserList, Error,
			"Somebody means to arrive before the buildup or after the teardown.",
			refusesList,
			"Correct the day, or leave it empty.",
		},
		{
			"time_zone_unknown", AboutUserList, Error,
			"A value is not the name of a time zone.",
			refusesList,
			"Write it like Europe/Berlin.",
		},
		{
			"web_invalid", AboutUserList, Error,
			"A value is not an address of the web.",
			refusesList,
			"Write it like https://fair.example.",
		},
		{
			"role_unknown", AboutUserList, Error,
			"A role is none that there is.",
			refusesList,
			"Use organizer or admin, and write | between two of them.",
		},
		{
			"user_field_missing", AboutUserList, Error,
			"A user lacks something that every user must have here.",
			refusesList,
			"Fill it in.",
		},
		{
			"too_long", AboutUserList, Error,
			"A value is longer than its field can be.",
			refusesList,
			"Shorten it.",
		},
		{
			"control_characters", AboutUserList, Error,
			"A value has characters that nobody can see, such as a line break.",
			refusesList,
			"Remove what cannot be seen, or write the value anew.",
		},

		{
			"v1_required", AboutExports, Info,
			"A field is empty that the first server of the format requires.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then fill in the field of the event, or of the archive.",
		},
		{
			"v1_time", AboutExports, Info,
			"A time is not written in the one way that the first server of the format takes, which is YYYY-MM-DDTHH:MM:SS.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then write the time in the archive like 2031-05-02T09:00:00.",
		},
		{
			"v1_choice", AboutExports, Info,
			"A value is none of those among which the first server of the format lets choose.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then write one of the values that it knows, or leave the field empty.",
		},
		{
			"v1_url", AboutExports, Info,
			"A value is not an address of the web by the rules of the first server of the format.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then write the whole address, like https://fair.example/programme, or leave the field empty.",
		},
		{
			"v1_email", AboutExports, Info,
			"A value is not an e-mail address by the rules of the first server of the format.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then write one address, like ada@fair.example, or leave the field empty.",
		},
		{
			"v1_color", AboutExports, Info,
			"A value is not a colour by the rules of the first server of the format.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then write it like #1f5fbf, or leave the field empty.",
		},
		{
			"v1_number", AboutExports, Info,
			"A value is not a number by the rules of the first server of the format, or not a whole one where it takes only that.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then write a number such as 3 or 52.5, or leave the field empty.",
		},
		{
			"v1_form", AboutExports, Info,
			"The forms of the event are not as the first server of the format has them: in one record, which holds the fields of sessions and speakers and no others.",
			writesAll,
			"Nothing needs to be done unless the archive is for such a server. Then leave one record in the file 'forms', with these fields only.",
		},
		{
			"export_too_large", AboutExports, Warning,
			"The archive, or a record in it, is larger than what is imported: a record of more than 16 MiB or 100,000 values, more than 100,000 files, or more than 1 GiB in all.",
			"The archive is written whole; importing it again needs it to be cut.",
			"Leave media out of the export, shorten the record, or have whoever runs the server set USHER_MAX_UPLOAD.",
		},
		{
			"export_media_missing", AboutExports, Warning,
			"A picture or another file of the event is not in the store any more.",
			"The archive is without it, and holds all else.",
			"Add the file to the archive if you have it, under the name that its record gives.",
		},
	}
}
