package standalone_test

import "strconv"

// copied is why the other keys of an object that refers to a record count for
// nothing: the format reads the id alone.
const copied = "a copy of what the record itself says"

// tables say of every key of dialect A where its value is to be found. A key
// that stands in a record and not here is a failure.
var tables = []table{
	{file: "event", list: "events", single: true, fields: map[string]field{
		"id":                       {rule: dropped("the event has an id of its own; the remaps tell both")},
		"identifier":               {attribute: "identifier", rule: identifier},
		"name":                     {attribute: "name", rule: text},
		"start_time":               {attribute: "starts-at", rule: instant},
		"end_time":                 {attribute: "ends-at", rule: instant},
		"timezone":                 {attribute: "timezone", rule: zone("UTC")},
		"latitude":                 {attribute: "latitude", rule: number},
		"longitude":                {attribute: "longitude", rule: number},
		"location_name":            {attribute: "location-name", rule: text},
		"searchable_location_name": {attribute: "searchable-location-name", rule: text},
		"description":              {attribute: "description", rule: markup},
		"organizer_name":           {attribute: "organizer-name", rule: text},
		"organizer_description":    {attribute: "organizer-description", rule: markup},
		"code_of_conduct":          {attribute: "code-of-conduct", rule: markup},
		"logo":                     {attribute: "logo-url", rule: upload("image")},
		"background_image":         {attribute: "original-image-url", rule: upload("image")},
		"large":                    {attribute: "large-image-url", rule: copyOf("background_image", "large")},
		"thumbnail":                {attribute: "thumbnail-image-url", rule: copyOf("background_image", "thumbnail")},
		"icon":                     {attribute: "icon-image-url", rule: copyOf("background_image", "icon")},
		"event_url":                {attribute: "external-event-url", rule: address},
		"ticket_url":               {attribute: "ticket-url", rule: address},
		"email":                    {attribute: "email", rule: email},
		"state":                    {attribute: "source-state", rule: oneOf("draft", "published", "completed")},
		"privacy":                  {attribute: "privacy", rule: oneOf("public", "private")},
		"type":                     {attribute: "type", rule: anyCase},
		"topic":                    {attribute: "topic", rule: anyCase},
		"sub_topic":                {attribute: "sub-topic", rule: anyCase},
		"schedule_published_on":    {attribute: "schedule-published-on", rule: instant},
		"has_session_speakers":     {attribute: "is-sessions-speakers-enabled", rule: boolean},
		"social_links":             {rule: socialLinks},
		"copyright":                {},
		"call_for_papers":          {},
		"version":                  {},
		"creator":                  {rule: dropped("whoever imports is the owner")},
		"licence_details":          {rule: dropped("computed from the copyright on output")},
		"placeholder_url":          {rule: dropped("a picture of the server that exported")},
	}, derived: map[string]func(record) any{"state": func(record) any { return "draft" }}},
	{file: "forms", fields: map[string]field{
		"id":           {rule: dropped("nothing refers to it")},
		"session_form": {rule: form("session")},
		"speaker_form": {rule: form("speaker")},
	}},
	{file: "microlocations", list: "microlocations", fields: map[string]field{
		"id":         {rule: dropped("the remaps tell it")},
		"deleted_at": {rule: dropped("records that were deleted are left out")},
		"name":       {attribute: "name", rule: text},
		"latitude":   {attribute: "latitude", rule: number},
		"longitude":  {attribute: "longitude", rule: number},
		"floor":      {attribute: "floor", rule: number},
		"room":       {attribute: "room", rule: text},
	}},
	{file: "sponsors", list: "sponsors", fields: map[string]field{
		"id":           {rule: dropped("the remaps tell it")},
		"deleted_at":   {rule: dropped("records that were deleted are left out")},
		"name":         {attribute: "name", rule: text},
		"url":          {attribute: "url", rule: address},
		"logo":         {attribute: "logo-url", rule: upload("image")},
		"description":  {attribute: "description", rule: markup},
		"level":        {attribute: "level", rule: text},
		"sponsor_type": {attribute: "type", rule: text},
	}},
	{file: "speakers", list: "speakers", fields: map[string]field{
		"id":                   {rule: dropped("the remaps tell it")},
		"deleted_at":           {rule: dropped("records that were deleted are left out")},
		"name":                 {attribute: "name", rule: text},
		"email":                {attribute: "email", rule: email},
		"organisation":         {attribute: "organisation", rule: text},
		"country":              {attribute: "country", rule: text},
		"city":                 {attribute: "city", rule: text},
		"position":             {attribute: "position", rule: text},
		"mobile":               {attribute: "mobile", rule: text},
		"photo":                {attribute: "photo-url", rule: upload("image")},
		"thumbnail":            {attribute: "thumbnail-image-url", rule: copyOf("photo", "thumbnail")},
		"small":                {attribute: "small-image-url", rule: copyOf("photo", "small")},
		"icon":                 {attribute: "icon-image-url", rule: copyOf("photo", "icon")},
		"short_biography":      {attribute: "short-biography", rule: markup},
		"long_biography":       {attribute: "long-biography", rule: markup},
		"speaking_experience":  {attribute: "speaking-experience", rule: markup},
		"sponsorship_required": {attribute: "sponsorship-required", rule: markup},
		"heard_from":           {attribute: "heard-from", rule: text},
		"gender":               {attribute: "gender", rule: text},
		"featured":             {attribute: "is-featured", rule: boolean},
		"website":              {attribute: "website", rule: address},
		"twitter":              {attribute: "twitter", rule: text},
		"facebook":             {attribute: "facebook", rule: text},
		"github":               {attribute: "github", rule: text},
		"linkedin":             {attribute: "linkedin", rule: text},
		"sessions":             {rule: dropped("the session's side of this relation is the one that counts")},
	}, back: map[string]string{"sessions": "speakers"}},
	{file: "tracks", list: "tracks", fields: map[string]field{
		"id":              {rule: dropped("the remaps tell it")},
		"deleted_at":      {rule: dropped("records that were deleted are left out")},
		"name":            {attribute: "name", rule: text},
		"color":           {attribute: "color", rule: wanted(colour)},
		"description":     {attribute: "description", rule: markup},
		"location":        {attribute: "location", rule: text},
		"track_image_url": {attribute: "image-url", rule: upload("image")},
		"font_color":      {rule: dropped("computed from the colour on output")},
		"sessions":        {rule: dropped("the session's side of this relation is the one that counts")},
	}},
	{file: "session_types", list: "session-types", fields: map[string]field{
		"id":         {rule: dropped("the remaps tell it")},
		"deleted_at": {rule: dropped("records that were deleted are left out")},
		"name":       {attribute: "name", rule: wanted(label)},
		"length":     {attribute: "length", rule: wanted(word)},
	}, derived: map[string]func(record) any{"length-minutes": minutes}},
	{file: "sessions", list: "sessions", fields: map[string]field{
		"id":             {rule: dropped("the remaps tell it")},
		"deleted_at":     {rule: dropped("records that were deleted are left out")},
		"title":          {attribute: "title", rule: wanted(label)},
		"subtitle":       {attribute: "subtitle", rule: markup},
		"level":          {attribute: "level", rule: markup},
		"comments":       {attribute: "comments", rule: markup},
		"short_abstract": {attribute: "short-abstract", rule: markup},
		"long_abstract":  {attribute: "long-abstract", rule: markup},
		"start_time":     {attribute: "starts-at", rule: wanted(instant)},
		"end_time":       {attribute: "ends-at", rule: wanted(instant)},
		"track":          {relationship: "track", rule: reference("tracks", "name", "color", "font_color")},
		"microlocation":  {relationship: "microlocation", rule: reference("microlocations", "name")},
		"session_type":   {relationship: "session-type", rule: reference("session_types", "name", "length")},
		"speakers": {relationship: "speakers", rule: references("speakers", "name", "organisation", "city", "photo",
			"thumbnail", "small", "icon", "short_biography", "long_biography", "speaking_experience", "sponsorship_required", "heard_from")},
		"language":   {attribute: "language", rule: language},
		"slides":     {attribute: "slides-url", rule: upload("slides")},
		"audio":      {attribute: "audio-url", rule: upload("audio")},
		"video":      {attribute: "video-url", rule: upload("video")},
		"signup_url": {attribute: "signup-url", rule: address},
		"state":      {attribute: "state", rule: oneOf("pending", "accepted", "rejected", "draft", "confirmed", "canceled", "withdrawn")},
		"timezone":   {rule: dropped("samples give each session a zone that contradicts its times")},
	}},
}

// inside are the tables of the objects that stand inside of a record.
var inside = map[string]map[string]field{
	"event/copyright": {
		"holder":      {attribute: "copyright-holder", rule: text},
		"holder_url":  {attribute: "copyright-holder-url", rule: address},
		"licence":     {attribute: "copyright-licence", rule: text},
		"licence_url": {attribute: "copyright-licence-url", rule: address},
		"logo":        {attribute: "copyright-logo-url", rule: address},
		"year":        {attribute: "copyright-year", rule: number},
	},
	"event/call_for_papers": {
		"announcement": {attribute: "call-announcement", rule: markup},
		"start_date":   {attribute: "call-starts-at", rule: callInstant},
		"end_date":     {attribute: "call-ends-at", rule: callInstant},
		"timezone":     {attribute: "call-timezone", rule: zone("")},
		"privacy":      {attribute: "call-privacy", rule: oneOf("public", "private")},
	},
	"event/version": {
		"event_ver":          {attribute: "event-version", rule: number},
		"sessions_ver":       {attribute: "sessions-version", rule: number},
		"speakers_ver":       {attribute: "speakers-version", rule: number},
		"tracks_ver":         {attribute: "tracks-version", rule: number},
		"sponsors_ver":       {attribute: "sponsors-version", rule: number},
		"microlocations_ver": {attribute: "microlocations-version", rule: number},
	},
	"social_links": {
		"id":   {rule: dropped("nothing refers to it")},
		"name": {attribute: "name", rule: text},
		"link": {attribute: "link", rule: address},
	},
}

// minutes reads the one spelling of a length that nobody doubts. The others are
// the parser's own to test.
func minutes(r record) any {
	length := textOf(r.keys["length"])
	if len(length) == len("00:30") && length[2] == ':' {
		hours, errHours := strconv.Atoi(length[:2])
		minutes, errMinutes := strconv.Atoi(length[3:])
		if errHours == nil && errMinutes == nil {
			return float64(hours*60 + minutes)
		}
	}
	return r.shown.Attributes["length-minutes"]
}
