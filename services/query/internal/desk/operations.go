package desk

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/filesize"
	"github.com/usher-events/usher/pkg/paging"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/stages"
)

// deadShown is how many messages that nobody could read are listed; discarding them
// brings the others up.
const deadShown = 20

// operationsView is how Usher is doing.
type operationsView struct {
	Top topView
	// Away tells that the broker, which knows of stages and dead messages, does not answer.
	Away   bool
	Stages []stageGroup
	Failed failedView
	Dead   []deadLine
	// DeadTotal is how many there are, listed or not.
	DeadTotal int
}

// stageGroup is a stage with what it does for each kind of import. A pause is of all of it.
type stageGroup struct {
	Stage contracts.Stage
	Name  string
	// PausedUntil has no words where the stage is not paused.
	PausedUntil instant
	Kinds       []standingLine
}

// standingLine is how a stage is doing for one kind of import.
type standingLine struct {
	Key, Kind                string
	Processes                int
	Waiting, InFlight, Tried int
	// Oldest is for how long the oldest message waits, Hour what was done in the last hour.
	Oldest, Hour string
}

// failedView is the list of the imports that have failed, and the form that narrows it.
type failedView struct {
	Stages, Codes, Kinds, Since []option
	Search                      string
	Lines                       []failedLine
	Pager                       pagerView
	// List is where programs get the whole of it.
	List string
}

// failedLine is one import that has failed.
type failedLine struct {
	ID, Name, Who, Kind, Code, Reason string
	// Stage is the one that has failed, From its name.
	Stage   contracts.Stage
	From    string
	Attempt int
	When    instant
}

// deadLine is a message that nobody could read.
type deadLine struct {
	Sequence                  uint64
	Reason, Consumer, Subject string
	Size                      string
	Buried                    instant
}

// Operations shows administrators how Usher is doing.
func (d Desk) Operations() service.AuthenticatedFunc {
	return administrators(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		q, page, err := asked(r)
		if err != nil {
			return err
		}
		var view operationsView
		if view.Top, err = d.top(r.Context(), who, "/operations"); err != nil {
			return err
		}
		if view.Failed, err = d.failed(r, q, page, who); err != nil {
			return err
		}
		done, err := stages.LastHour(r.Context(), d.DB)
		if err != nil {
			return err
		}
		// Without the broker there is still the list of what has failed.
		entries, err := d.Stages.Look(r.Context())
		view.Away = err != nil
		view.Stages = grouped(entries, done)
		if !view.Away {
			buried, total, err := d.Dead.Broker.ListBuried(r.Context(), 0, deadShown)
			view.Away, view.DeadTotal = err != nil, total
			for _, b := range buried {
				view.Dead = append(view.Dead, deadLineOf(b))
			}
		}
		return write(w, http.StatusOK, "operations.html", view)
	})
}

// grouped puts together what is of one stage, in the order of the pipelines.
func grouped(entries []stages.Entry, done []stages.Throughput) []stageGroup {
	var groups []stageGroup
	for _, stage := range contracts.Stages() {
		group := stageGroup{Stage: stage, Name: stageName(stage)}
		for _, e := range entries {
			if e.Stage != stage {
				continue
			}
			line := standingLine{
				Key: string(e.Stage) + "-" + string(e.Kind), Kind: kindWord(e.Kind), Processes: len(e.Instances),
				Waiting: e.Waiting, InFlight: e.InFlight, Tried: e.Tried, Hour: "0",
			}
			if e.OldestSince != nil {
				line.Oldest = lasting(time.Since(*e.OldestSince))
			}
			if e.PausedUntil != nil {
				group.PausedUntil = instantOf(*e.PausedUntil)
			}
			if at := slices.IndexFunc(done, func(t stages.Throughput) bool { return t.Kind == e.Kind && t.Stage == e.Stage }); at >= 0 {
				line.Hour = strconv.Itoa(done[at].Done)
				if n := done[at].Failed; n > 0 {
					line.Hour += fmt.Sprintf(", %d failed", n)
				}
			}
			group.Kinds = append(group.Kinds, line)
		}
		if len(group.Kinds) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// stageName is what a stage is called for all kinds of imports.
func stageName(s contracts.Stage) string { return wordsOf(contracts.EventArchive, s).name }

// lasting is a time that goes by, as coarse as people ask for it.
func lasting(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// ages are how long ago an import may have failed to be listed. What failed long ago was
// mostly given up, so the first is what is meant where nothing is said.
var ages = []struct {
	value, word string
	age         time.Duration
}{
	{"day", "The last 24 hours", 24 * time.Hour},
	{"hour", "The last hour", time.Hour},
	{"week", "The last 7 days", 7 * 24 * time.Hour},
	{"month", "The last 30 days", 30 * 24 * time.Hour},
	{"ever", "Any time", 0},
}

// failed lists the imports that have failed and that a form asks for.
func (d Desk) failed(r *http.Request, q url.Values, page paging.Page, who auth.Identity) (failedView, error) {
	within := ages[0]
	for _, a := range ages {
		if a.value == q.Get("since") {
			within = a
		}
	}
	var since time.Time
	if within.age > 0 {
		since = time.Now().Add(-within.age).UTC().Truncate(time.Second)
	}
	narrowed := url.Values{"filter[state]": {string(contracts.Failure)}}
	for _, filter := range []string{"filter[stage]", "filter[code]", "filter[kind]", "filter[search]"} {
		if q.Has(filter) {
			narrowed[filter] = q[filter]
		}
	}
	if !since.IsZero() {
		narrowed.Set("filter[since]", since.Format(time.RFC3339))
	}
	rows, total, err := d.Tasks.List(r.Context(), narrowed, page, who)
	if err != nil {
		return failedView{}, err
	}
	codes, err := d.Tasks.FailureCodes(r.Context(), since)
	if err != nil {
		return failedView{}, err
	}
	view := failedView{
		Search: q.Get("filter[search]"), Pager: pagerOf(r, page, len(rows), total),
		Kinds:  options(q, "filter[kind]", "Everything", kinds(), kindWord),
		Stages: options(q, "filter[stage]", "Any step", contracts.Stages(), stageName),
		Codes:  []option{{"", "Any reason", !q.Has("filter[code]")}},
	}
	for _, a := range ages {
		view.Since = append(view.Since, option{a.value, a.word, a == within})
	}
	for _, c := range codes {
		view.Codes = append(view.Codes, option{c.Code, fmt.Sprintf("%s (%d)", c.Code, c.N), q.Get("filter[code]") == c.Code})
	}
	// One that is chosen stays there to be seen, also once nothing has failed with it any more.
	if chosen := q.Get("filter[code]"); chosen != "" && !slices.ContainsFunc(view.Codes, func(o option) bool { return o.Chosen }) {
		view.Codes = append(view.Codes, option{chosen, chosen, true})
	}
	narrowed.Set("page[size]", strconv.Itoa(paging.MaxSize))
	view.List = "/v1/imports?" + narrowed.Encode()
	for _, i := range rows {
		view.Lines = append(view.Lines, failedLineOf(i))
	}
	return view, nil
}

func failedLineOf(i projection.Import) failedLine {
	line := failedLine{
		ID: i.ID, Name: nameOf(i), Who: cmp.Or(i.OwnerEmail, i.OwnerSub), Kind: kindWord(i.Kind), Reason: i.Failure,
		Stage: i.Stage, From: stageName(i.Stage), Attempt: i.Attempt,
	}
	if i.Error != nil {
		line.Code = i.Error.Code
	}
	if i.FinishedAt != nil {
		line.When = instantOf(*i.FinishedAt)
	}
	return line
}

func deadLineOf(b broker.Buried) deadLine {
	return deadLine{
		Sequence: b.Sequence, Reason: b.Reason, Consumer: b.Consumer, Subject: b.Subject,
		Size: filesize.Word(b.Size), Buried: instantOf(b.Time),
	}
}
