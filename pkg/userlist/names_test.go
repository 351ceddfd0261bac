package userlist

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoNameOfAColumnIsThatOfTwoFields(t *testing.T) {
	t.Parallel()
	fields := map[string]Field{}
	for _, all := range []map[Field][]string{names, lesserNames} {
		for field, titles := range all {
			for _, title := range titles {
				key := nameKey(title)
				require.NotEmpty(t, key, title)
				if other, known := fields[key]; known {
					require.Equal(t, field, other, title)
				}
				fields[key] = field
			}
		}
	}
	for _, field := range Fields() {
		require.Equal(t, field, fieldsByName[nameKey(string(field))])
		require.NotEmpty(t, names[field], field)
	}
}

func TestTitlesAreKnownHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for title, field := range map[string]Field{
		"Nick Name": Nick, "NICK_NAME": Nick, "nick-name": Nick, " nick.name: ": Nick, "username": Nick, "Benutzername": Nick, "login": Nick,
		"mail": Email, "E-Mail": Email, "E‑Mail": Email, "E-Mail-Adresse": Email, "courriel": Email, "Correo electrónico": Email, "e-mailadres": Email,
		"Passwort": Password, "mot de passe": Password, "contraseña": Password, "senha": Password, "wachtwoord": Password,
		"prename": FirstName, "Vorname": FirstName, "prénom": FirstName, "Prenom": FirstName, "pre\u0301nom": FirstName,
		"Nachname": LastName, "cognome": LastName, "achternaam": LastName, "Handy": Mobile, "Telefon mobil": Mobile, "Alter": Age, "âge": Age,
		"Stadt": City, "Wohnort": City, "current_city": City, "T-Shirt": TShirtSize, "T-Shirt-Größe": TShirtSize, "T-SHIRT-GRÖSSE": TShirtSize,
		"tshirt_size": TShirtSize, "Anreise": PlannedArrival, "planned_arrival_date": PlannedArrival, "date d’arrivée": PlannedArrival,
		"Zeitzone": TimeZone, "timezone": TimeZone, "Organisation": Organization, "Firma": Organization, "Webseite": Web, "organization_web": Web,
		"Rollen": Roles, "Pronomen": Pronoun, "DECT": DECT,
	} {
		require.Equal(t, field, match([]string{title}, nil, ByTitle)[0].Field, title)
	}
	for _, title := range []string{"", "#", "__expect", "email_shiftinfo", "angel_types", "Geburtstag", "Kommentar", "github", "jabber"} {
		require.Empty(t, match([]string{title}, nil, ByTitle)[0].Field, title)
	}
}

func TestTitleThatMayMeanAFieldGivesWayToABetterOne(t *testing.T) {
	t.Parallel()
	require.Equal(t, Mobile, match([]string{"nick", "Telefon"}, nil, ByTitle)[1].Field)
	columns := match([]string{"Telefon", "Handy", "hometown", "city"}, nil, ByTitle)
	require.Equal(t, []Field{"", Mobile, "", City}, []Field{columns[0].Field, columns[1].Field, columns[2].Field, columns[3].Field})
}
