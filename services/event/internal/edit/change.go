package edit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// maxBody is how many bytes a change may have.
const maxBody = 4 << 20

// change is the body of a PATCH, a JSON:API document.
type change struct {
	Data struct {
		Type          string                     `json:"type"`
		ID            string                     `json:"id"`
		Attributes    map[string]json.RawMessage `json:"attributes"`
		Relationships json.RawMessage            `json:"relationships"`
	} `json:"data"`
}

// wrong is what is the matter with one attribute of a change.
type wrong struct {
	Attribute string `json:"attribute"`
	Detail    string `json:"detail"`
}

// Change answers PATCH /v1/events/{event}: all of the change is made, or none.
func (s Events) Change(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	c, err := readChange(w, r)
	if err != nil {
		return err
	}
	values, err := c.values()
	if err != nil {
		return err
	}
	err = s.DB.RunInTx(r.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		e, err := find(ctx, tx, who, r.PathValue("event"))
		if err != nil {
			return err
		}
		if c.Data.ID != "" && c.Data.ID != strconv.FormatInt(e.ID, 10) {
			return problem.New(http.StatusConflict, "id_differs", "The id in the document is not that of the event.")
		}
		if err := e.expected(r); err != nil {
			return err
		}
		if len(values) == 0 {
			return nil
		}
		if err := e.set(ctx, tx, values); err != nil {
			return err
		}
		return s.tellEdited(ctx, tx, w, e, who, slices.Collect(maps.Keys(c.Data.Attributes)))
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func readChange(w http.ResponseWriter, r *http.Request) (change, error) {
	var c change
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/vnd.api+json" && media != "application/json" {
		return c, problem.New(http.StatusUnsupportedMediaType, "not_jsonapi", "The body must be a JSON:API document, application/vnd.api+json.")
	}
	err = json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&c)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return c, problem.New(http.StatusRequestEntityTooLarge, "too_large", "The document is larger than a change may be.")
	}
	switch {
	case err != nil:
		return c, problem.New(http.StatusBadRequest, "malformed_document", "The body is not a JSON:API document.").Because(err)
	case c.Data.Type != "event":
		return c, problem.New(http.StatusConflict, "type_differs", `The type in the document must be "event".`)
	case len(c.Data.Relationships) > 0:
		return c, problem.New(http.StatusUnprocessableEntity, "unknown_attribute", "Relationships of an event cannot be changed.").With("known", names())
	}
	return c, nil
}

// values reads the attributes of a change by their columns. All that is wrong
// is told at once.
func (c change) values() (map[string]any, error) {
	values := make(map[string]any, len(c.Data.Attributes))
	var unknown []string
	var bad []wrong
	for name, raw := range c.Data.Attributes {
		i := slices.IndexFunc(attributes, func(a attribute) bool { return a.name() == name })
		if i < 0 {
			unknown = append(unknown, name)
			continue
		}
		v, err := attributes[i].value(raw)
		if err != nil {
			bad = append(bad, wrong{name, err.Error()})
		}
		values[attributes[i].column] = v
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return nil, problem.New(http.StatusUnprocessableEntity, "unknown_attribute", fmt.Sprintf("There is no attribute %q that can be changed.", unknown[0])).
			With("unknown", unknown).With("known", names())
	}
	if len(bad) > 0 {
		return nil, refused(bad)
	}
	return values, nil
}

func refused(bad []wrong) error {
	slices.SortFunc(bad, func(a, b wrong) int {
		if a.Attribute < b.Attribute {
			return -1
		}
		return 1
	})
	detail := fmt.Sprintf("The attribute %s is not valid: %s.", bad[0].Attribute, bad[0].Detail)
	return problem.New(http.StatusUnprocessableEntity, "bad_attribute", detail).With("errors", bad)
}

// set writes the new values. Each change is a new revision of the event.
func (e event) set(ctx context.Context, tx bun.Tx, values map[string]any) error {
	if t, ok := values["starts_at"].(time.Time); ok {
		e.StartsAt = t
	}
	if t, ok := values["ends_at"].(time.Time); ok {
		e.EndsAt = t
	}
	if e.EndsAt.Before(e.StartsAt) {
		return refused([]wrong{{"ends-at", "the event would end before it starts"}})
	}
	query := tx.NewUpdate().TableExpr("event.events").Set("revision = revision + 1").Where("id = ?", e.ID)
	for column, value := range values {
		query.Set("? = ?", bun.Ident(column), value)
		if column == stateColumn {
			query.Set("state_set = true")
		}
	}
	if _, err := query.Exec(ctx); err != nil {
		return fmt.Errorf("change event %d: %w", e.ID, err)
	}
	return nil
}
