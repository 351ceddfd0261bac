package sample

import "image/color"

// The lists that an archive is made up from. All of it is invented: names of
// persons, firms and the event itself. Only cities, countries and time zones are real.

type venue struct {
	name, city, timezone string
	latitude, longitude  float64
}

var venues = []venue{
	{"Quayside Hall, 12 Lantern Street, Singapore", "Singapore", "Asia/Singapore", 1.2903, 103.8519},
	{"Altes Umspannwerk, Kupferweg 3, Berlin", "Berlin", "Europe/Berlin", 52.5163, 13.3777},
	{"Casa das Marés, Rua do Farol 40, São Paulo", "São Paulo", "America/Sao_Paulo", -23.5505, -46.6333},
	{"Heron Hall, 7 Boathouse Road, Nairobi", "Nairobi", "Africa/Nairobi", -1.2864, 36.8172},
	{"The Old Tramshed, 90 Millrace Avenue, Toronto", "Toronto", "America/Toronto", 43.6532, -79.3832},
	{"Monsoon House, 5 Banyan Lane, Bengaluru", "Bengaluru", "Asia/Kolkata", 12.9716, 77.5946},
}

var themes = []string{
	"Lanternfish", "Copperleaf", "Paper Kite", "Tidewater", "Northern Lathe", "Open Loom", "Blue Heron", "Saltmarsh",
}

var socialNetworks = []string{"Twitter", "Github", "Facebook", "Flickr", "YouTube", "Linkedin"}

var wingNames = []string{
	"Heron", "Juniper", "Granite", "Lantern", "Marigold", "Otter", "Saffron", "Tamarind", "Willow", "Åland", "Тайга", "竹林", "نخلة",
}

var roomKinds = [roomsPerWing]string{"Hall", "Seminar Room", "Studio", "Workshop"}

var trackNames = []string{
	"Open Hardware", "Maps and Open Data", "Radio and Networks", "Typography", "Repair", "Citizen Science",
	"Databases", "Security and Privacy", "Free Software in Schools", "Accessibility", "Energy", "Music and Sound",
	"Translation", "Archives and Libraries", "Robots", "Games", "Gardens and Food", "Community",
}

var trackColors = []color.RGBA{
	{0x3d, 0xc8, 0xc3, 0xff}, {0x8e, 0x44, 0xad, 0xff}, {0xe6, 0x7e, 0x22, 0xff}, {0x2c, 0x3e, 0x50, 0xff},
	{0xc0, 0x39, 0x2b, 0xff}, {0x27, 0xae, 0x60, 0xff}, {0x29, 0x80, 0xb9, 0xff}, {0x7f, 0x1d, 0x4e, 0xff},
	{0xd3, 0x54, 0x00, 0xff}, {0x16, 0xa0, 0x85, 0xff}, {0xb7, 0x95, 0x0b, 0xff}, {0x5b, 0x2c, 0x6f, 0xff},
	{0x1f, 0x61, 0x8d, 0xff}, {0x78, 0x42, 0x12, 0xff}, {0x51, 0x5a, 0x5a, 0xff}, {0xa9, 0x32, 0x26, 0xff},
	{0x1d, 0x83, 0x48, 0xff}, {0xcb, 0x43, 0x7b, 0xff},
}

// The names hold a few characters that a file name may not.
var sponsorNames = []string{
	"Tin Whistle & Sons", "Copper/Kettle", "Paper: Boats", "Halfmoon Instruments", "Brightwater Cable", "Ostrich Press",
	"Nine Bolts", "Loomwright", "Pebble Radio", "Quince Foundry", "Sundial Systems", "Marrow & Vine", "Fernhill Paper",
	"Lighthouse Batteries", "Cobble Street Bank", "Violet Freight", "Anvil and Reed", "Harbour Optics",
}

var sponsorLevels = []string{"Diamond", "Platinum", "Gold", "Silver", "Partner"}

var organisations = []string{
	"Halfmoon Instruments", "Brightwater Cable", "Nine Bolts", "Tidewater Polytechnic", "Heron Street School",
	"Society of Patient Menders", "Bureau of Small Rivers", "Loomwright", "Municipal Library of Fernhill", "Independent",
	"Pebble Radio", "Institute for Slow Computing",
}

var trades = []string{
	"Software developer", "Librarian", "Instrument maker", "Teacher", "Cartographer", "Network engineer",
	"Translator", "Type designer", "Biologist", "Electrician", "Archivist", "Researcher",
}

var levels = []string{"Beginner", "Intermediate", "Advanced"}

var notes = []string{"start-here", "reading-list", "exercises", "source", "pictures"}

// nameInScript is a name as its bearer writes it, and in ASCII.
type nameInScript struct{ text, latin string }

// people are those who share a script and the order of names.
type people struct {
	given, family []nameInScript
	// familyFirst also leaves out the blank between both names.
	familyFirst bool
	countries   []string
}

// peoples begins with the one that most speakers come from.
var peoples = []people{
	{
		given: []nameInScript{
			{"Éloïse", "Eloise"}, {"Jürg", "Juerg"}, {"Åsa", "Asa"}, {"Zoë", "Zoe"}, {"Łucja", "Lucja"}, {"Iñaki", "Inaki"},
			{"Bjørn", "Bjorn"}, {"Çağla", "Cagla"}, {"Žofie", "Zofie"}, {"Ngọc", "Ngoc"}, {"Siân", "Sian"}, {"Amara", "Amara"},
			{"Tomás", "Tomas"}, {"Wren", "Wren"}, {"Ștefan", "Stefan"}, {"Hālona", "Halona"}, {"Ayọ̀", "Ayo"}, {"Marit", "Marit"},
		},
		family: []nameInScript{
			{"Ästerholt", "Aesterholt"}, {"Quaybrook", "Quaybrook"}, {"Fenwarden", "Fenwarden"}, {"Marchebois", "Marchebois"},
			{"Öhrvale", "Oehrvale"}, {"Sørvang-Lund", "Sorvang-Lund"}, {"Castañar", "Castanar"}, {"Źrebień", "Zrebien"},
			{"Dubráček", "Dubracek"}, {"O'Brannagh", "O'Brannagh"}, {"van der Plash", "van der Plash"}, {"Brînzaru", "Brinzaru"},
			{"Kestrelmoor", "Kestrelmoor"}, {"Weißdorn", "Weissdorn"}, {"Thistlewane", "Thistlewane"}, {"Yıldızlı", "Yildizli"},
		},
		countries: []string{"France", "Switzerland", "Sweden", "Poland", "Spain", "Norway", "Vietnam", "Ireland", "Nigeria", "Canada"},
	},
	{
		given: []nameInScript{
			{"Мирослава", "Miroslava"}, {"Тимофей", "Timofey"}, {"Злата", "Zlata"}, {"Ярослав", "Yaroslav"}, {"Вера", "Vera"}, {"Демьян", "Demyan"},
		},
		family: []nameInScript{
			{"Ветренко", "Vetrenko"}, {"Листвяк", "Listvyak"}, {"Озерных", "Ozernykh"}, {"Солнечко", "Solnechko"}, {"Берегуля", "Beregulya"}, {"Заречнюк", "Zarechnyuk"},
		},
		countries: []string{"Ukraine", "Kazakhstan", "Bulgaria", "Serbia"},
	},
	{
		given: []nameInScript{
			{"晓舟", "Xiaozhou"}, {"望舒", "Wangshu"}, {"知夏", "Zhixia"}, {"云帆", "Yunfan"}, {"听雨", "Tingyu"}, {"明川", "Mingchuan"},
		},
		family: []nameInScript{
			{"林", "Lin"}, {"苏", "Su"}, {"叶", "Ye"}, {"江", "Jiang"}, {"温", "Wen"}, {"沈", "Shen"},
		},
		familyFirst: true,
		countries:   []string{"China", "Singapore", "Malaysia"},
	},
	{
		given: []nameInScript{
			{"ليلى", "Layla"}, {"سامي", "Sami"}, {"نور", "Nour"}, {"ياسين", "Yasin"}, {"هدى", "Huda"}, {"زياد", "Ziyad"},
		},
		family: []nameInScript{
			{"الوادي", "Alwadi"}, {"المرجان", "Almarjan"}, {"القمري", "Alqamari"}, {"السحاب", "Alsahab"}, {"النخيل", "Alnakhil"}, {"البحيرة", "Albuhayra"},
		},
		countries: []string{"Jordan", "Morocco", "Egypt", "Oman"},
	},
}
