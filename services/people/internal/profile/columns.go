package profile

// Columns names the columns of people.users that say what is known of a person, in the
// order of AppendValues.
func Columns() []string {
	return []string{
		"nick", "email", "nick_key", "email_key", "first_name", "last_name", "age", "city", "mobile", "pronoun",
		"dect", "tshirt_size", "planned_arrival", "time_zone", "organization", "web", "is_admin",
	}
}

// AppendValues appends what a row has in Columns; nil where nothing is known.
func (p Profile) AppendValues(values []any) []any {
	var age, arrival any
	if p.Age != nil {
		age = *p.Age
	}
	if !p.PlannedArrival.IsZero() {
		arrival = p.PlannedArrival
	}
	return append(values,
		p.Nick, p.Email, p.NickKey, p.EmailKey, OrNull(p.FirstName), OrNull(p.LastName), age, OrNull(p.City), OrNull(p.Mobile), OrNull(p.Pronoun),
		OrNull(p.DECT), OrNull(p.TShirtSize), arrival, OrNull(p.TimeZone), OrNull(p.Organization), OrNull(p.Web), p.Admin,
	)
}

// OrNull is nil for an empty text.
func OrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
