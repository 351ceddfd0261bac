package page

import (
	"cmp"
	"html/template"
)

// sessionView is the page of one session.
type sessionView struct {
	frame
	Session  session
	Subtitle template.HTML
	ZoneName string
	Type     string
	Language string
	Level    template.HTML
	Abstract template.HTML
	Speakers []speaker
}

func newSessionView(r sessionRows, f frame) *sessionView {
	row := r.sessions[0]
	v := &sessionView{frame: f}
	p := newProgramme(&v.frame, r.about, r.plan)
	abstract := cmp.Or(row.LongAbstract, row.ShortAbstract)
	v.Session = p.dated(row)
	if v.Session.Times != nil {
		begin := row.StartsAt.In(p.zone)
		v.Session.Day, v.ZoneName = begin.Format("Monday 2 January 2006"), zoneName(begin)
	}
	v.Subtitle, v.Level, v.Language = markup(row.Subtitle), markup(row.Level), row.Language
	v.Type, v.Abstract = p.types[row.SessionTypeID], markup(abstract)
	v.Speakers = v.frame.speakers(p.of[row.ID])
	v.below(v.Session.Path, row.Title, plain(cmp.Or(row.ShortAbstract, row.LongAbstract), summary))
	v.Sheet = p.sheet()
	return v
}
