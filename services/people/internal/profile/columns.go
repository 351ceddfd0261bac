package profile

// Columns names the columns of people.users that say what is known of a person, in the
// order of Values.
func Columns() []string {
	return []string{
		"nick", "email", "nick_key", "email_key", "first_name", "last_name", "age", "city", "mobile", "pronoun",
		"dect", "tshirt_size", "planned_arrival", "time_zone", "organization", "web", "is_admin",
	}
}

// Values are what a row has in Columns; nil where nothing is known.
func (p Profile) Values() []any {
	values := []any{
		p.Nick, p.Email, p.NickKey, p.EmailKey, OrNull(p.FirstName), OrNull(p.LastName), nil, OrNull(p.City), OrNull(p.Mobile), OrNull(p.Pronoun),
		OrNull(p.DECT), OrNull(p.TShirtSize), nil, OrNull(p.TimeZone), OrNull(p.Organization), OrNull(p.Web), p.Admin,
	}
	if p.Age != nil {
		values[6] = *p.Age
	}
	if !p.PlannedArrival.IsZero() {
		values[12] = p.PlannedArrival
	}
	return values
}

// OrNull is nil for an empty text.
func OrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
