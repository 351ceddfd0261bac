package openevent

// The codes of *Error: what is wrong with an archive as a whole, or with one
// of its entries. They are also the codes of the issues that say the same.
const (
	// CodeNotAZip: the bytes are no zip archive, or a damaged one.
	CodeNotAZip = "not_a_zip"
	// CodeEncrypted: an entry is protected by a password.
	CodeEncrypted = "archive_encrypted"
	// CodeTooManyEntries: the archive has more entries than Limits.Entries.
	CodeTooManyEntries = "too_many_entries"
	// CodeUnpackedTooLarge: the entries together exceed Limits.Unpacked.
	CodeUnpackedTooLarge = "unpacked_too_large"
	// CodeCompressionRatio: an entry unpacks to more than Limits.Ratio allows.
	CodeCompressionRatio = "compression_ratio"
	// CodeMediaTooLarge: a media file is larger than Limits.Media.
	CodeMediaTooLarge = "media_too_large"
	// CodeUnsupportedCompression: an entry is compressed by an unknown method.
	CodeUnsupportedCompression = "unsupported_compression"
	// CodeEntryDamaged: an entry cannot be unpacked, or its checksum differs.
	CodeEntryDamaged = "entry_damaged"
)

// The codes of issues about files and their JSON.
const (
	// CodeFileMissing: a data file is not in the archive.
	CodeFileMissing = "file_missing"
	// CodeDuplicateEntry: two entries have the same name; the last one is read.
	CodeDuplicateEntry = "duplicate_entry"
	// CodeJSONSyntax: the file is not JSON from this place on.
	CodeJSONSyntax = "json_syntax"
	// CodeJSONRoot: the file holds a list where one object belongs, or the like.
	CodeJSONRoot = "json_root"
	// CodeJSONTooDeep: the JSON nests deeper than Limits.Depth.
	CodeJSONTooDeep = "json_too_deep"
	// CodeRecordTooLarge: a record is larger than Limits.Record.
	CodeRecordTooLarge = "record_too_large"
	// CodeRecordNotObject: an element of a list is not an object.
	CodeRecordNotObject = "record_not_object"
)

// The codes of issues about fields.
const (
	// CodeRequiredFieldMissing: a required field is absent, null or empty.
	CodeRequiredFieldMissing = "required_field_missing"
	// CodeIDMissing: a record has no id, so nothing can refer to it.
	CodeIDMissing = "id_missing"
	// CodeDuplicateKey: a key stands twice in one object; the last value holds.
	CodeDuplicateKey = "duplicate_key"
	// CodeDuplicateID: an id stands twice in one file; references go to the last.
	CodeDuplicateID = "duplicate_id"
	// CodeDanglingReference: a reference names a record that is not there.
	CodeDanglingReference = "dangling_reference"
	// CodeReferenceWithoutID: an element of a list of references has no id.
	CodeReferenceWithoutID = "reference_without_id"
	// CodeDuplicateReference: a list names the same record twice; once is kept.
	CodeDuplicateReference = "duplicate_reference"
	// CodeWrongType: a value is of a type that its field cannot be read from.
	CodeWrongType = "wrong_type"
	// CodeInvalidNumber: a value is not a number of the kind that belongs there.
	CodeInvalidNumber = "invalid_number"
	// CodeInvalidTime: a value cannot be read as a point in time.
	CodeInvalidTime = "invalid_time"
	// CodeInvalidURL: a value is not an address of the web.
	CodeInvalidURL = "invalid_url"
	// CodeURLWithoutScheme: an address has no "http://"; it is put before it.
	CodeURLWithoutScheme = "url_without_scheme"
	// CodeInvalidEmail: a value is not an e-mail address.
	CodeInvalidEmail = "invalid_email"
	// CodeInvalidColor: a value is not a CSS colour.
	CodeInvalidColor = "invalid_color"
	// CodeInvalidLength: a session type's length cannot be read.
	CodeInvalidLength = "invalid_length"
	// CodeInvalidIdentifier: an identifier cannot be part of an address; another
	// one is made.
	CodeInvalidIdentifier = "invalid_identifier"
	// CodeInvalidForm: a form's description is not the JSON that belongs there.
	CodeInvalidForm = "invalid_form"
	// CodeUnknownZone: a time zone is not known; UTC holds.
	CodeUnknownZone = "unknown_timezone"
	// CodeUnknownKey: the format does not know a key; its values are left out.
	CodeUnknownKey = "unknown_key"
	// CodeBlanksRemoved: blanks stood around a value that can have none.
	CodeBlanksRemoved = "blanks_removed"
	// CodeNULRemoved: NUL characters were removed from a text.
	CodeNULRemoved = "nul_removed"
	// CodeInvalidUTF8: bytes that are not UTF-8 were replaced in a text.
	CodeInvalidUTF8 = "invalid_utf8"
)
