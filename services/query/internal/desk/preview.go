package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/usher-events/usher/pkg/userlist"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// preview is what the people service has stored of a check: the document of
// GET /v1/imports/{id}/preview.
type preview struct {
	Columns []struct {
		Title    string
		Position int
		Field    userlist.Field
		By       userlist.Match
		Samples  []string
	}
	Rows []struct {
		Line             int
		Action, Password string
		Fields           map[userlist.Field]string
	}
	Changes []struct {
		Nick, Field string
		Old, New    any
	}
}

// previewView is what the page of a check shows of it. Unused tells that there are
// columns that are not used.
type previewView struct {
	Columns []columnView
	Unused  bool
	// Choosable tells that for each column it can be chosen what it holds.
	Choosable bool
	// Titles are those of the cells of each of Rows.
	Titles  []string
	Rows    []rowView
	Changes []changeView
}

// columnView is a column of the list. Holds is empty where it is not used, Fields is what
// there is to choose from.
type columnView struct {
	Title, Holds string
	Position     int
	Samples      []string
	Fields       []choice
	// Own tells that Usher has added it.
	Own   bool
	field userlist.Field
}

type rowView struct {
	Line                      int
	Action, Becomes, Password string
	Cells                     []string
}

type changeView struct{ Nick, Field, Old, New string }

// preview returns the preview of a check, nil where there is none.
func (d Desk) preview(ctx context.Context, i projection.Import) (*previewView, error) {
	document, found, err := d.Tasks.FindPreview(ctx, i)
	if err != nil || !found {
		return nil, err
	}
	var p preview
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return nil, fmt.Errorf("preview of %s: %w", i.ID, err)
	}
	return p.view(), nil
}

func (p preview) view() *previewView {
	v := new(previewView)
	for _, c := range p.Columns {
		column := columnView{Title: c.Title, Position: c.Position, Samples: c.Samples, Own: c.By == userlist.ByUsher, field: c.Field}
		if c.Title == "" {
			column.Title = fmt.Sprintf("Column %d", c.Position)
		}
		if c.Field == "" {
			v.Unused = true
		} else {
			column.Holds = fieldWord(string(c.Field))
		}
		v.Columns = append(v.Columns, column)
	}
	fields := p.fields()
	for _, field := range fields {
		v.Titles = append(v.Titles, fieldWord(string(field)))
	}
	for _, r := range p.Rows {
		row := rowView{Line: r.Line, Action: r.Action, Becomes: actionWords[r.Action]}
		if r.Action == "create" { // an account that is there keeps its password
			row.Password = passwordWords[r.Password]
		}
		for _, field := range fields {
			row.Cells = append(row.Cells, r.Fields[field])
		}
		v.Rows = append(v.Rows, row)
	}
	for _, c := range p.Changes {
		v.Changes = append(v.Changes, changeView{Nick: c.Nick, Field: fieldWord(c.Field), Old: valueWord(c.Old), New: valueWord(c.New)})
	}
	return v
}

// choose lets people choose what the columns hold, as long as the list is there to be
// checked again.
func (v *previewView) choose(i projection.Import) {
	if v == nil || i.State.TakenBack() || !i.KeepsUpload() {
		return
	}
	v.Choosable = true
	for n := range v.Columns {
		c := &v.Columns[n]
		if c.Own {
			continue
		}
		c.Fields = []choice{{Label: "not used", Chosen: c.field == ""}}
		for _, field := range userlist.Fields() {
			c.Fields = append(c.Fields, choice{Value: string(field), Label: fieldWord(string(field)), Chosen: field == c.field})
		}
	}
}

// fields are those that any of the rows has.
func (p preview) fields() []userlist.Field {
	return slices.DeleteFunc(userlist.Fields(), func(field userlist.Field) bool {
		for _, row := range p.Rows {
			if row.Fields[field] != "" {
				return false
			}
		}
		return true
	})
}
