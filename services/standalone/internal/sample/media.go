package sample

import (
	"fmt"
	"strings"
	"unicode"
)

// What bounds the media of a large archive. An importer may refuse more than
// 100,000 entries, and a million portraits show nothing that these do not.
const (
	maxPhotos    = 2_000
	maxDocuments = 2_000
)

const (
	logoFile       = "/images/logo.png"
	backgroundFile = "/images/background.jpg"
)

func (p *plan) hasPhoto(speaker int) bool {
	return p.Media != NoMedia && speaker < maxPhotos && speaker%12 != 11
}

func photoFile(speaker int, name string) string {
	return fmt.Sprintf("/images/speakers/%s_%d.jpg", camel(name), speaker+1)
}

func sponsorLogo(i int) string {
	return fmt.Sprintf("/images/sponsors/%s_%d.png", camel(sponsorNames[i]), i+1)
}

func trackImage(i int) string { return fmt.Sprintf("/images/tracks/image_%d.png", i+1) }

func (p *plan) hasSlides(session int) bool { return p.hasDocuments(session) && session%10 == 4 }
func (p *plan) hasAudio(session int) bool  { return p.hasDocuments(session) && session%25 == 9 }

func (p *plan) hasDocuments(session int) bool { return p.Media == EveryKind && session < maxDocuments }

// picture is the path of a picture that every event has; empty where there are none.
func (p *plan) picture(path string) string {
	if p.Media == NoMedia {
		return ""
	}
	return path
}

func hasVideo(session int) bool { return session%12 == 5 }

func slidesFile(session int) string { return fmt.Sprintf("/slides/session_%d.pdf", session+1) }
func audioFile(session int) string  { return fmt.Sprintf("/audios/session_%d.wav", session+1) }

// writeMedia writes every file that the records name, and no other.
func (p *plan) writeMedia(a *archive) {
	if p.Media == NoMedia {
		return
	}
	picture := func(n int) canvas { return canvas{p.random(forPicture, n)} }
	a.file(logoFile, picture(0).logo(400, 160, p.theme))
	a.file(backgroundFile, picture(1).background(1280, 480))
	for i := range p.sponsors {
		a.file(sponsorLogo(i), picture(100+i).logo(320, 120, sponsorNames[i]))
	}
	for i := range p.tracks {
		a.file(trackImage(i), picture(200+i).tile(160, trackColors[i], trackNames[i][:1]))
	}
	for i := 0; i < p.Speakers && a.err == nil; i++ {
		if p.hasPhoto(i) {
			who := p.person(i)
			a.file(photoFile(i, who.name), p.portrait(picture(1000+i), who.initials))
		}
	}
	for i := 0; i < min(p.Sessions, maxDocuments) && a.err == nil; i++ {
		if p.hasSlides(i) {
			a.file(slidesFile(i), slides(fmt.Sprintf("Slides of session %d", i+1)))
		}
		if p.hasAudio(i) {
			a.file(audioFile(i), tone(220+i%440))
		}
	}
}

// portrait is a speaker's picture. A photograph is larger, and it has grain,
// which is what takes up its space.
func (p *plan) portrait(c canvas, initials string) []byte {
	if p.Media == Photographs {
		return c.portrait(400, 30, initials)
	}
	return c.portrait(240, 0, initials)
}

// camel names a file for a person or sponsor as the format's exporters do:
// what a file name may not hold becomes a blank, then the words begin with a
// capital, go on in small letters and are joined.
func camel(name string) string {
	var b strings.Builder
	inWord := false
	for _, r := range name {
		switch {
		case unicode.IsSpace(r) || strings.ContainsRune(`<>:"/\|?*;`, r):
			inWord = false
		case !unicode.IsLetter(r):
			b.WriteRune(r)
			inWord = false
		case inWord:
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(unicode.ToTitle(r))
			inWord = true
		}
	}
	return b.String()
}
