package live

import (
	"slices"
	"time"
)

// waiting are changes that are to be shown: to the streams of each import, at most one of
// an import in each pause, and to the streams of many imports, which need all of them
// in their order, at most once in each pause. Nobody watches most imports, but a change
// waits for a moment only.
type waiting struct {
	// each is the newest change of each import, and shown when one was shown last.
	each  map[string]Change
	shown map[string]time.Time
	// all has the newest change of each import in their order.
	all      []Change
	allShown time.Time
}

func newWaiting() waiting {
	return waiting{each: make(map[string]Change), shown: make(map[string]time.Time)}
}

// add takes in a change, which is newer than those before.
func (w *waiting) add(c Change) {
	w.each[c.Task.ID] = c
	w.all = append(w.all, c)
}

func (w *waiting) any() bool { return len(w.each)+len(w.all) > 0 }

// take returns the changes that are to be shown now.
func (w *waiting) take(now time.Time, pause time.Duration) (each, all []Change) {
	for id, at := range w.shown {
		if now.Sub(at) >= pause {
			delete(w.shown, id)
		}
	}
	for id, c := range w.each {
		if _, lately := w.shown[id]; !lately {
			each = append(each, c)
			delete(w.each, id)
			w.shown[id] = now
		}
	}
	if len(w.all) == 0 || now.Sub(w.allShown) < pause {
		return each, nil
	}
	newest := make(map[string]int64)
	for _, c := range w.all {
		newest[c.Task.ID] = c.Number
	}
	all = slices.DeleteFunc(w.all, func(c Change) bool { return newest[c.Task.ID] != c.Number })
	w.all, w.allShown = nil, now
	return each, all
}
