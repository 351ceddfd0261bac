package sample

import (
	"encoding/json"
	"fmt"
	"time"
)

func (p *plan) event() event {
	r := p.random(forEvent, 1)
	site := "https://" + slug(p.theme) + ".example"
	last := p.start.AddDate(0, 0, p.days-1)
	e := event{
		ID:                     1 + r.IntN(900),
		Name:                   fmt.Sprintf("%s Summit %d", p.theme, p.start.Year()),
		Latitude:               p.venue.latitude,
		Longitude:              p.venue.longitude,
		LocationName:           p.venue.name,
		StartTime:              local(p.start.Add(9 * time.Hour)),
		EndTime:                local(last.Add(18 * time.Hour)),
		Timezone:               p.venue.timezone,
		Description:            "<p>Talks and workshops by people who make, mend and share. <strong>Everybody is welcome</strong>: добро пожаловать, 欢迎, أهلا وسهلا.</p>",
		BackgroundImage:        p.picture(backgroundFile),
		Logo:                   p.picture(logoFile),
		OrganizerName:          p.theme + " Collective",
		OrganizerDescription:   "<p>A made-up society of makers. Write to us at our <a href=\"" + site + "/contact\">contact page</a>.</p>",
		EventURL:               site + "/",
		TicketURL:              "https://tickets.example/" + slug(p.theme),
		Privacy:                "public",
		Type:                   "Conference",
		Topic:                  "Science & Technology",
		SubTopic:               "Science",
		CodeOfConduct:          "<ul><li>Be kind.</li><li>Ask before you take a picture.</li></ul>",
		Creator:                creator{Email: "organizer@" + slug(p.theme) + ".example"},
		Email:                  "hello@" + slug(p.theme) + ".example",
		HasSessionSpeakers:     true,
		Identifier:             fmt.Sprintf("%08x", r.Uint32()),
		SchedulePublishedOn:    local(p.start.AddDate(0, 0, -14).Add(12 * time.Hour)),
		SearchableLocationName: p.venue.city,
		State:                  "Published",
		Copyright: copyright{
			Holder:     p.theme + " Collective",
			HolderURL:  site + "/contact",
			Licence:    "Creative Commons Attribution License",
			LicenceURL: "https://licences.example/by/4.0/",
			Logo:       "https://licences.example/by/4.0/80x15.png",
			Year:       p.start.Year(),
		},
		CallForPapers: callForPapers{
			Announcement: "<p>Tell us what you made, what broke, and what you learned.</p>",
			StartDate:    local(p.start.AddDate(0, 0, -120)),
			EndDate:      local(p.start.AddDate(0, 0, -45).Add(23*time.Hour + 59*time.Minute)),
			Timezone:     p.venue.timezone,
			Privacy:      "public",
		},
		Version: version{
			Event:          1 + r.IntN(20),
			Microlocations: 1 + r.IntN(20),
			Sessions:       1 + r.IntN(20),
			Speakers:       1 + r.IntN(20),
			Sponsors:       1 + r.IntN(20),
			Tracks:         1 + r.IntN(20),
		},
	}
	for i, name := range socialNetworks {
		e.SocialLinks = append(e.SocialLinks, socialLink{
			ID: i + 1, Name: name, Link: "https://" + slug(name) + ".example/" + slug(p.theme),
		})
	}
	return e
}

// field says of one field of a form whether it is shown and whether it must be filled in.
type field struct {
	Require int `json:"require"`
	Include int `json:"include"`
}

func (p *plan) form(int) form {
	hidden, shown, required := field{0, 0}, field{0, 1}, field{1, 1}
	return form{
		ID: 1,
		SessionForm: formText(map[string]field{
			"title": required, "subtitle": shown, "short_abstract": shown, "long_abstract": shown,
			"comments": hidden, "track": shown, "session_type": shown, "language": shown,
			"slides": shown, "video": shown, "audio": shown,
		}),
		SpeakerForm: formText(map[string]field{
			"name": required, "email": required, "organisation": required, "country": required,
			"photo": shown, "position": shown, "short_biography": shown, "long_biography": shown,
			"mobile": hidden, "website": shown, "facebook": hidden, "twitter": shown,
			"github": shown, "linkedin": hidden,
		}),
	}
}

// formText encodes a form's fields as the text that the format keeps them in.
// Such a map cannot but encode, and maps encode in the order of their keys.
func formText(fields map[string]field) string {
	b, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (p *plan) sponsor(i int) sponsor {
	name := sponsorNames[i]
	level := i * len(sponsorLevels) / p.sponsors
	return sponsor{
		ID:          i + 1,
		Name:        name,
		Logo:        p.picture(sponsorLogo(i)),
		Level:       fmt.Sprint(level + 1),
		SponsorType: sponsorLevels[level],
		URL:         "https://" + slug(name) + ".example/",
		Description: "<p><strong>" + name + "</strong> has been with us since the first year.</p>",
	}
}
