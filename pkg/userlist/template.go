package userlist

// Template is a list to begin with: the titles of all fields, and two users who are made
// up. Neither has a password, since somebody might upload the list as it is; who has
// none is invited to choose one.
func Template() [][]string {
	titles := make([]string, 0, len(Fields()))
	for _, field := range Fields() {
		titles = append(titles, string(field))
	}
	rows := [][]string{titles}
	for _, example := range []map[Field]string{
		{
			Nick: "ada", Email: "ada@crew.example", FirstName: "Ada", LastName: "Example", Pronoun: "she", Age: "41", City: "Lisbon",
			Mobile: "+41 79 123 45 67", DECT: "4711", TShirtSize: "M-F", PlannedArrival: "2031-05-01", TimeZone: "Europe/Lisbon",
			Organization: "Fair of Lanterns", Web: "https://lanterns.example", Roles: "organizer",
		},
		{Nick: "bob.example", Email: "bob@crew.example", FirstName: "Bob", LastName: "Example", TShirtSize: "XL"},
	} {
		row := make([]string, len(titles))
		for n, field := range Fields() {
			row[n] = example[field]
		}
		rows = append(rows, row)
	}
	return rows
}
