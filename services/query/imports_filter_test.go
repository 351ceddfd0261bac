package query_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

func TestImportsAreNarrowedByStateStageCodeKindTimeAndName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	made := b.conference(t, olga).made("c4f1a9e2")
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET name = 'Abende 100% ÖL' WHERE id = ?`, made.event)
	require.NoError(t, err)
	waiting := b.conference(t, olga)
	waiting.request()
	waiting.complete(contracts.Event, nil)
	waiting.waits(contracts.Started, "Waiting for people")
	failed := func(who auth.Identity, kind contracts.Kind, s contracts.Stage, code string) *conference {
		c := b.conference(t, who)
		c.kind = kind
		c.request()
		// Notify fails behind it: the reason stays the first one.
		for stage, code := range map[contracts.Stage]string{s: code, contracts.Notify: "tries_exhausted"} {
			c.outcome(stage, contracts.OutcomeFailed, &contracts.StageFailed{
				Carried: c.carried, Stage: stage, Code: code, Reason: code, StartedAt: time.Now().UTC(),
			})
		}
		c.waits(contracts.Failure, code)
		return c
	}
	early := failed(olga, contracts.EventArchive, contracts.Event, "invalid_archive")
	checked := failed(olga, contracts.EventCheck, contracts.Event, "invalid_archive")
	late := failed(olga, contracts.EventArchive, contracts.Media, "archive_gone")
	others := failed(paul, contracts.EventArchive, contracts.Media, "archive_gone")
	_, err = b.res.DB.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = now() - interval '3 hours' WHERE id IN (?, ?)`, early.id, made.id)
	require.NoError(t, err)
	twoHours := time.Now().Add(-2 * time.Hour).In(time.FixedZone("", 3600)).Format(time.RFC3339)

	for _, test := range []struct {
		filter string
		want   []*conference
	}{
		{"", []*conference{late, checked, early, waiting, made}},
		{"filter[state]=FAILURE", []*conference{late, checked, early}},
		{"filter[state]=STARTED", []*conference{waiting}},
		{"filter[stage]=people", []*conference{waiting}},
		{"filter[stage]=event", []*conference{checked, early}},
		{"filter[stage]=notify", []*conference{made}},
		{"filter[kind]=event-check", []*conference{checked}},
		{"filter[code]=archive_gone", []*conference{late}},
		{"filter[code]=tries_exhausted", nil},
		{"filter[since]=" + url.QueryEscape(twoHours), []*conference{late, checked, waiting}},
		{"filter[search]=abende+100%25+%C3%96l", []*conference{made}}, // as the event is called by now
		{"filter[search]=LAKESIDE.zip", []*conference{late, checked, early, waiting, made}},
		{"filter[search]=%25", []*conference{made}},
		{"filter[search]=_", nil},
		{"filter[state]=FAILURE&filter[search]=abende", nil},
		{"filter[state]=FAILURE&filter[code]=invalid_archive&filter[since]=" + url.QueryEscape(twoHours), []*conference{checked}},
	} {
		for _, list := range []string{"/v1/imports?", "/v1/import-jobs?"} {
			var have []string
			page := b.ok(t, olga, list+test.filter)
			for _, entry := range page.data(t) {
				have = append(have, at(entry, "id").(string))
			}
			var want []string
			for _, c := range test.want {
				want = append(want, c.id)
			}
			require.Equal(t, want, have, test.filter)
			require.Equal(t, number(itoa(int64(len(want)))), at(page.body, "meta", "total"), test.filter)
		}
	}
	all := b.ok(t, admin, "/v1/imports?filter[code]=archive_gone").data(t)
	require.Equal(t, []any{others.id, late.id}, []any{at(all, 0, "id"), at(all, 1, "id")}, "administrators see those of everybody")

	for _, filter := range []string{
		"filter[state]=", "filter[state]=failed", "filter[stage]=cakes", "filter[kind]=x", "filter[code]=", "filter[code]=%00",
		"filter[search]=", "filter[search]=%00", "filter[since]=2h", "filter[since]=0000-01-01T00:00:00Z", "filter[owner]=me", "filter[state", "filter",
		"filter[state]=FAILURE&filter[state]=SUCCESS",
	} {
		b.refused(t, olga, "/v1/imports?"+filter, http.StatusBadRequest, "bad_filter")
	}
}
