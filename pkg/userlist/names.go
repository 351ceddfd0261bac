package userlist

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// names are what columns are called in lists of several languages, beside the names
// of the fields themselves. They are written as people write them; nameKey says what
// makes no difference.
var names = map[Field][]string{
	Nick: {
		"nick", "nick name", "user", "user name", "login", "login name", "account", "handle",
		"Benutzer", "Benutzername", "Nutzername", "Spitzname", "Anmeldename", // German
		"pseudo", "pseudonyme", "surnom", "identifiant", "nom d'utilisateur", "utilisateur", // French
		"usuario", "nombre de usuario", "apodo", "alias", // Spanish
		"utente", "nome utente", "soprannome", // Italian
		"gebruiker", "gebruikersnaam", "bijnaam", // Dutch
		"usuário", "nome de usuário", "nome de utilizador", "utilizador", // Portuguese
	},
	Email: {
		"email", "e-mail", "mail", "email address", "mail address",
		"E-Mail-Adresse", "Mailadresse",
		"courriel", "mél", "adresse e-mail", "adresse mail", "adresse courriel", "adresse électronique",
		"correo", "correo electrónico", "dirección de correo", "dirección de correo electrónico",
		"posta elettronica", "indirizzo e-mail", "indirizzo di posta elettronica",
		"e-mailadres", "mailadres",
		"correio eletrónico", "correio eletrônico", "endereço de e-mail",
	},
	Password: {
		"password", "pass word", "passwd", "pwd", "pass phrase",
		"Passwort", "Kennwort",
		"mot de passe",
		"contraseña", "clave",
		"parola d'ordine", "parola chiave",
		"wachtwoord",
		"senha", "palavra-passe",
	},
	FirstName: {
		"first name", "given name", "given names", "prename", "forename", "fore name",
		"Vorname", "Rufname",
		"prénom", "prénoms",
		"nombre", "nombre de pila",
		"nome", "nome di battesimo",
		"voornaam",
		"primeiro nome", "nome próprio",
	},
	LastName: {
		"last name", "family name", "surname", "sur name",
		"Nachname", "Familienname", "Zuname",
		"nom", "nom de famille",
		"apellido", "apellidos",
		"cognome",
		"achternaam", "familienaam",
		"sobrenome", "último nome", "nome de família",
	},
	Age: {"age", "Alter", "âge", "edad", "età", "leeftijd", "idade"},
	City: {
		"city", "current city", "town", "place of residence",
		"Stadt", "Wohnort", "Ort",
		"ville", "ville de résidence", "domicile",
		"ciudad", "localidad", "ciudad de residencia",
		"città", "località", "città di residenza",
		"stad", "woonplaats", "plaats",
		"cidade", "localidade", "cidade de residência",
	},
	Mobile: {
		"mobile", "mobile number", "mobile phone", "mobile phone number", "cell", "cell phone", "cell phone number",
		"Handy", "Handynummer", "Mobilnummer", "Mobiltelefon", "Telefon mobil", "Mobil",
		"portable", "téléphone portable", "numéro de portable", "téléphone mobile",
		"móvil", "teléfono móvil", "celular", "número de móvil",
		"cellulare", "telefono cellulare", "numero di cellulare",
		"mobiel", "mobiele telefoon", "mobiel nummer", "gsm",
		"telemóvel", "telefone celular", "número de telemóvel",
	},
	Pronoun: {"pronoun", "pronouns", "Pronomen", "pronom", "pronoms", "pronombre", "pronombres", "pronome", "pronomi", "voornaamwoord", "voornaamwoorden", "pronomes"},
	DECT:    {"DECT", "DECT number", "DECT-Nummer", "numéro DECT", "número DECT", "numero DECT"},
	TShirtSize: {
		"T-shirt", "T-shirt size", "shirt", "shirt size",
		"T-Shirt-Größe", "T-Shirt-Groesse", "Shirtgröße", "Hemdgröße",
		"taille de t-shirt", "taille t-shirt", "taille du t-shirt",
		"talla de camiseta", "talla",
		"taglia", "taglia maglietta", "taglia della maglietta", "taglia t-shirt",
		"T-shirtmaat", "shirtmaat",
		"tamanho da camiseta", "tamanho da t-shirt", "tamanho de t-shirt",
	},
	PlannedArrival: {
		"planned arrival", "planned arrival date", "arrival", "arrival date", "date of arrival", "day of arrival",
		"Anreise", "Ankunft", "Anreisetag", "Anreisedatum", "Ankunftsdatum", "geplante Anreise", "geplante Ankunft",
		"arrivée", "date d'arrivée", "arrivée prévue", "jour d'arrivée",
		"llegada", "fecha de llegada", "llegada prevista",
		"arrivo", "data di arrivo", "data d'arrivo", "arrivo previsto",
		"aankomst", "aankomstdatum", "geplande aankomst",
		"chegada", "data de chegada", "chegada prevista",
	},
	TimeZone: {
		"time zone", "tz",
		"Zeitzone",
		"fuseau horaire",
		"zona horaria", "huso horario",
		"fuso orario",
		"tijdzone",
		"fuso horário",
	},
	Organization: {
		"organization", "organisation", "company", "affiliation", "employer",
		"Firma", "Unternehmen", "Verein", "Einrichtung",
		"organisme", "société", "entreprise",
		"organización", "empresa", "entidad",
		"organizzazione", "azienda",
		"organisatie", "bedrijf",
		"organização", "instituição",
	},
	Web: {
		"web", "web site", "web page", "home page", "url", "organization web", "organisation web", "organization website", "organisation website",
		"Webseite", "Internetseite",
		"site web", "site internet",
		"sitio web", "página web",
		"sito", "sito web",
		"webpagina",
		"site", "página da web", "sítio web",
	},
	Roles: {"role", "roles", "Rolle", "Rollen", "rôle", "rôles", "rol", "ruolo", "ruoli", "rollen", "função", "funções", "papel"},
}

// lesserNames are of fields that a column may be for where no other one is: a
// telephone that is not said to be mobile, the town that somebody comes from.
var lesserNames = map[Field][]string{
	Mobile: {"phone", "phone number", "telephone", "tel", "Telefon", "Telefonnummer", "téléphone", "teléfono", "telefono", "telefoon", "telefoonnummer", "telefone"},
	City:   {"home town", "Heimatort", "Heimatstadt", "ville natale", "ciudad natal", "città natale", "cidade natal"},
}

var fieldsByName, fieldsByLesserName = byKey(names, Fields()), byKey(lesserNames, nil)

// byKey turns the names of fields round, with those of the fields themselves.
func byKey(names map[Field][]string, fields []Field) map[string]Field {
	keys := make(map[string]Field)
	for field, all := range names {
		for _, name := range all {
			keys[nameKey(name)] = field
		}
	}
	for _, field := range fields {
		keys[nameKey(string(field))] = field
	}
	return keys
}

// nameKey is the form in which the titles of columns are compared: letters and digits
// only, without case and accents.
func nameKey(title string) string {
	var key strings.Builder
	for _, r := range norm.NFD.String(cases.Fold().String(norm.NFKC.String(title))) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			key.WriteRune(r)
		}
	}
	return key.String()
}
