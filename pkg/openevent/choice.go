package openevent

import "strings"

// What the fields may say that have a list of words. Anything else is kept.
var (
	eventStates   = []string{"draft", "published", "completed"}
	sessionStates = []string{"pending", "accepted", "rejected", "draft", "confirmed", "canceled", "withdrawn"}
	privacies     = []string{"public", "private"}
)

// listed are the words that a field is usually filled with, by its name. Other
// words are as good.
var listed = map[string][]string{
	"type": {
		"Appearance or Signing", "Attraction", "Camp, Trip, or Retreat", "Class, Training, or Workshop", "Concert or Performance",
		"Conference", "Convention", "Dinner or Gala", "Festival or Fair", "Game or Competition", "Meeting or Networking Event", "Other",
		"Party or Social Gathering", "Race or Endurance Event", "Rally", "Screening", "Seminar or Talk", "Tour", "Tournament",
		"Tradeshow, Consumer Show, or Expo",
	},
	"topic": {
		"Auto, Boat & Air", "Business & Professional", "Charity & Causes", "Community & Culture", "Family & Education", "Fashion & Beauty",
		"Film, Media & Entertainment", "Food & Drink", "Government & Politics", "Health & Wellness", "Hobbies & Special Interest",
		"Home & Lifestyle", "Music", "Other", "Performing & Visual Arts", "Religion & Spirituality", "Science & Technology",
		"Seasonal & Holiday", "Sports & Fitness", "Travel & Outdoor",
	},
	"sub_topic": {"Biotech", "High Tech", "Medicine", "Mobile", "Other", "Robotics", "Science", "Social Media"},
}

// choose returns the word of a list that a text is but for the case of its letters.
func choose(words []string, text string) (string, bool) {
	if strings.EqualFold(text, "cancelled") {
		text = "canceled"
	}
	for _, word := range words {
		if strings.EqualFold(word, text) {
			return word, true
		}
	}
	return "", false
}
