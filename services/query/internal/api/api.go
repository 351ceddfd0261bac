package api

import (
	"fmt"
	"net/http"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// API reads events and what belongs to them from the views of their owners.
type API struct {
	DB *bun.DB
	// PublicURL is what the addresses of files begin with.
	PublicURL string
}

// Handlers returns the handler of each route by its pattern. All of them may be
// asked without a token: the identity is then zero.
func (a API) Handlers() map[string]service.AuthenticatedFunc {
	const event = "GET /v1/events/{event}"
	handlers := map[string]service.AuthenticatedFunc{
		"GET /v1/events": a.Events,
		event:            a.Event,
	}
	for _, res := range lists {
		handlers[event+"/"+res.path] = a.all(res)
		handlers[event+"/"+res.path+"/{id}"] = a.single(res)
		for _, relationship := range res.many {
			handlers[event+"/"+res.path+"/{id}/"+relationship.name] = a.relatedList(res, relationship)
		}
		for _, relationship := range res.one {
			handlers[event+"/"+res.path+"/{id}/"+relationship.name] = a.relatedOne(res, relationship)
		}
	}
	return handlers
}

// Events lists the events that who asks may see.
func (a API) Events(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	return a.page(w, r, who, list{res: events, query: a.visible(who), whole: who.Admin, scopeOf: scopeFor(who)})
}

// Event answers with one event.
func (a API) Event(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	event, err := a.find(r.Context(), who, r.PathValue("event"))
	if err != nil {
		return err
	}
	document, err := a.one(r, events, &event, who, event.scope)
	if err != nil {
		return err
	}
	return jsonapi.WriteRevision(w, r, jsonapi.ContentType, document, event.scope.revision)
}

// all answers with the resources of one kind that belong to an event.
func (a API) all(res resource) service.AuthenticatedFunc {
	return func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		event, err := a.find(r.Context(), who, r.PathValue("event"))
		if err != nil {
			return err
		}
		s := event.scope
		return a.page(w, r, who, list{res: res, query: a.within(s, res), whole: s.whole, scopeOf: s.ofAll})
	}
}

// single answers with one resource that belongs to an event.
func (a API) single(res resource) service.AuthenticatedFunc {
	return func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		found, err := a.owner(r, res, who)
		if err != nil {
			return err
		}
		return a.write(w, r, res, &found, who, found.scope)
	}
}

// relatedList answers with the resources that a relationship to many leads to.
func (a API) relatedList(res resource, relationship toMany) service.AuthenticatedFunc {
	return func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		own, err := a.owner(r, res, who)
		if err != nil {
			return err
		}
		s, other := own.scope, ofType(relationship.leads)
		query := relationship.narrow(a.within(s, other), own.id)
		return a.page(w, r, who, list{res: other, query: query, whole: s.whole, scopeOf: s.ofAll, order: relationship.order})
	}
}

// relatedOne answers with the resource that a relationship to one leads to, and
// with null where it leads to none.
func (a API) relatedOne(res resource, relationship toOne) service.AuthenticatedFunc {
	return func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		own, err := a.owner(r, res, who)
		if err != nil {
			return err
		}
		s, other := own.scope, ofType(relationship.name)
		id, ok := res.value(own, relationship.column).(int64)
		if !ok {
			return a.write(w, r, other, nil, who, s)
		}
		found, err := other.first(r.Context(), a.within(s, other).Where("r.id = ?", id), s.ofAll)
		if err != nil {
			return err
		}
		return a.write(w, r, other, &found, who, s)
	}
}

// owner finds the resource of a path that belongs to the event of the path.
func (a API) owner(r *http.Request, res resource, who auth.Identity) (row, error) {
	event, err := a.find(r.Context(), who, r.PathValue("event"))
	if err != nil {
		return row{}, err
	}
	return a.findWithin(r.Context(), event.scope, res, r.PathValue("id"))
}

// list is what a list consists of, before what the request has to say of it.
type list struct {
	res     resource
	query   *bun.SelectQuery
	scopeOf func(row) scope
	whole   bool
	// order is the column, of the pairs of a relationship, that the list is
	// sorted by where the request does not decide. Empty is the archive's order.
	order string
}

// page answers with one page of a list.
func (a API) page(w http.ResponseWriter, r *http.Request, who auth.Identity, l list) error {
	page, err := jsonapi.ReadPage(r)
	if err != nil {
		return err
	}
	want, err := readAsk(r, l.res, true, who, l.whole)
	if err != nil {
		return err
	}
	total, err := want.narrow(l.query).Count(r.Context())
	if err != nil {
		return fmt.Errorf("%s: %w", l.res.path, err)
	}
	query := want.arrange(l.query, l.order).Limit(int64(page.Size)).Offset(int64(page.Offset()))
	rows, err := l.res.fetch(r.Context(), query, l.scopeOf)
	if err != nil {
		return err
	}
	data, included, err := a.document(r.Context(), l.res, rows, want)
	if err != nil {
		return err
	}
	document := jsonapi.List(data, page, r.URL, int(total))
	document.Included = included
	return jsonapi.Write(w, r, jsonapi.ContentType, document)
}

// write answers with one resource; nil is none.
func (a API) write(w http.ResponseWriter, r *http.Request, res resource, found *row, who auth.Identity, s scope) error {
	document, err := a.one(r, res, found, who, s)
	if err != nil {
		return err
	}
	return jsonapi.Write(w, r, jsonapi.ContentType, document)
}

// one makes the document of one resource; nil is none.
func (a API) one(r *http.Request, res resource, found *row, who auth.Identity, s scope) (jsonapi.Document, error) {
	want, err := readAsk(r, res, false, who, s.whole)
	if err != nil {
		return jsonapi.Document{}, err
	}
	var rows []row
	if found != nil {
		rows = []row{*found}
	}
	data, included, err := a.document(r.Context(), res, rows, want)
	if err != nil {
		return jsonapi.Document{}, err
	}
	document := jsonapi.Document{Included: included}
	if found != nil {
		document.Data = data[0]
	}
	return document, nil
}
