package openevent

// The codes of *Error: what is wrong with an archive as a whole, or with one
// of its entries. They are also the codes of the issues that say the same.
const (
	// CodeNotAZip: the bytes are no zip archive, or a damaged one.
	CodeNotAZip = "not_a_zip"
	// CodeEncrypted: an entry is protected by a password.
	CodeEncrypted = "archive_encrypted"
	// CodeTooManyEntries: the archive has more entries than Limits.Entries, or they
	// are listed at too great a length.
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
	// CodeControlCharacter: a text holds a control character that is no escape; it is read.
	CodeControlCharacter = "control_character"
	// CodeTrailingComma: a comma stands before a closing bracket; it is read over.
	CodeTrailingComma = "trailing_comma"
	// CodeEncoding: a file is in another encoding than UTF-8 without a mark.
	CodeEncoding = "encoding"
	// CodeSeveralEvents: the file of the event is a list of more than one.
	CodeSeveralEvents = "several_events"
	// CodeFileInFolder: all files stand in one folder instead of the root.
	CodeFileInFolder = "files_in_folder"
	// CodeUnusedFiles: no record refers to some files of the archive.
	CodeUnusedFiles = "unused_files"
	// CodeMediaMissing: a record names a file that the archive does not hold.
	CodeMediaMissing = "media_missing"
	// CodeMediaName: a file was found under another spelling of its name.
	CodeMediaName = "media_name"
	// CodeSocialLinksFile: the file of social links is not used, the event has its own.
	CodeSocialLinksFile = "social_links_file"
	// CodeRecordNotObject: an element of a list is not an object.
	CodeRecordNotObject = "record_not_object"
)

// The codes of issues about fields.
const (
	// CodeRequiredFieldMissing: a required field is absent, null or empty.
	CodeRequiredFieldMissing = "required_field_missing"
	// CodeFieldMissing: a field that belongs there is absent, null or empty; the
	// record is imported without it.
	CodeFieldMissing = "field_missing"
	// CodeTwoSpellings: an object has one field under two names, with different values.
	CodeTwoSpellings = "two_spellings"
	// CodeDuplicateRecord: a record is the copy of an earlier one; it is left out.
	CodeDuplicateRecord = "duplicate_record"
	// CodeRecordDeleted: a record was deleted where it comes from; it is left out.
	CodeRecordDeleted = "record_deleted"
	// CodeRecordRebuilt: a record stands only inside of a session; it is made from there.
	CodeRecordRebuilt = "record_rebuilt"
	// CodeLinksDisagree: speakers or tracks name other sessions than the sessions
	// name them; the sessions' side holds.
	CodeLinksDisagree = "links_disagree"
	// CodeSeveralReferences: a list stands where one reference belongs; the first holds.
	CodeSeveralReferences = "several_references"
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
	// CodeTimezoneCorrected: a time zone is not spelled as it should be, but known.
	CodeTimezoneCorrected = "timezone_corrected"
	// CodeTimeCorrected: a time is not spelled as it should be, but can be read.
	CodeTimeCorrected = "time_corrected"
	// CodeUnknownValue: a value is none of those that its field may have; it is kept.
	CodeUnknownValue = "unknown_value"
	// CodeUnknownKey: the format does not know a key; its values are kept aside.
	CodeUnknownKey = "unknown_key"
	// CodeBlanksRemoved: blanks stood around a value that can have none.
	CodeBlanksRemoved = "blanks_removed"
	// CodeNULRemoved: NUL characters were removed from a text.
	CodeNULRemoved = "nul_removed"
	// CodeInvalidUTF8: bytes that are not UTF-8 were replaced in a text.
	CodeInvalidUTF8 = "invalid_utf8"
	// CodeNumberCorrected: a number has a comma before its decimals; it is read.
	CodeNumberCorrected = "number_corrected"
	// CodeColorCorrected: a colour lacks its "#"; it is put before it.
	CodeColorCorrected = "color_corrected"
)

// CodeWrittenTooLarge tells that what was written is more than a reader with the default limits takes.
const CodeWrittenTooLarge = "export_too_large"

// The codes of issues about what the first server would not take, see RefusedByV1.
const (
	// CodeV1Required: a field is empty that it requires.
	CodeV1Required = "v1_required"
	// CodeV1Time: a time has an offset, or parts of a second.
	CodeV1Time = "v1_time"
	// CodeV1Choice: a value is none of those that it has a list of.
	CodeV1Choice = "v1_choice"
	// CodeV1URL: an address is not of the form that it knows.
	CodeV1URL = "v1_url"
	// CodeV1Email: an e-mail address is not of the form that it knows.
	CodeV1Email = "v1_email"
	// CodeV1Color: a colour is neither of the form #RGB or #RRGGBB, nor a name of CSS.
	CodeV1Color = "v1_color"
	// CodeV1Number: a number is negative, or an id is none.
	CodeV1Number = "v1_number"
	// CodeV1Form: the forms are more than one record, or in columns.
	CodeV1Form = "v1_form"
)
