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
		p.Nick, p.Email, p.NickKey, p.EmailKey, text(p.FirstName), text(p.LastName), nil, text(p.City), text(p.Mobile), text(p.Pronoun),
		text(p.DECT), text(p.TShirtSize), nil, text(p.TimeZone), text(p.Organization), text(p.Web), p.Admin,
	}
	if p.Age != nil {
		values[6] = *p.Age
	}
	if !p.PlannedArrival.IsZero() {
		values[12] = p.PlannedArrival
	}
	return values
}

// text is nil for an empty one.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
