package command

import (
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// The columns of a bar: together with the spaces around the bar they fit into
// a line of 80.
const (
	nameColumn    = 16
	barColumn     = 32
	countColumn   = 21
	percentColumn = 6
)

// bars is the view of a terminal: a bar for each entity type, in the order in
// which they are made, and below them the message.
type bars struct {
	progress *mpb.Progress
	byType   map[contracts.EntityType]*mpb.Bar
	bottom   *mpb.Bar
	message  atomic.Pointer[string]
}

func newBars(t *Terminal) *bars {
	b := &bars{progress: newProgress(t), byType: make(map[contracts.EntityType]*mpb.Bar)}
	b.say("")
	begun := time.Now()
	b.bottom = b.progress.New(0, mpb.NopStyle(),
		mpb.BarPriority(len(contracts.EntityTypes())+1),
		mpb.BarFillerTrim(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
			return fmt.Sprintf("%s  %s", *b.message.Load(), time.Since(begun).Truncate(time.Second))
		})))
	return b
}

func newProgress(t *Terminal) *mpb.Progress {
	// Whether this is a terminal was decided already; mpb must not wait for
	// another opinion to draw.
	return mpb.New(mpb.WithOutput(t.Out), mpb.WithAutoRefresh())
}

// Changed implements client.Observer.
func (b *bars) Changed(task client.Task) {
	if !task.State.Final() {
		b.say(client.Line(task.Message))
	}
	order := contracts.EntityTypes()
	for entity, p := range task.Progress {
		if p.Done == 0 && p.Total == 0 {
			continue
		}
		bar, ok := b.byType[entity]
		if !ok {
			place := slices.Index(order, entity)
			if place < 0 {
				place = len(order) // a type of a later version
			}
			bar = newBar(b.progress, client.Line(string(entity)), place, func(n int64) string { return fmt.Sprint(n) })
			b.byType[entity] = bar
		}
		bar.SetTotal(int64(p.Total), false)
		bar.SetCurrent(int64(p.Done))
	}
}

// Trouble implements client.Observer.
func (b *bars) Trouble(err error) { b.say("Trying again: " + err.Error()) }

// Close leaves the bars as they stand and takes the message away.
func (b *bars) Close() error {
	b.bottom.Abort(true)
	for _, bar := range b.byType {
		bar.Abort(false)
	}
	b.progress.Wait()
	return b.progress.Error
}

func (b *bars) say(message string) { b.message.Store(&message) }

// newBar adds a bar. It stays open whatever it is set to, for a stage that runs
// again counts from the beginning; Abort closes it.
func newBar(p *mpb.Progress, name string, place int, count func(int64) string) *mpb.Bar {
	return p.New(0,
		mpb.BarStyle().Lbound("").Filler("█").Tip("").Padding("░").Rbound(""),
		mpb.BarPriority(place),
		mpb.BarWidth(barColumn),
		mpb.PrependDecorators(decor.Name(name, decor.WC{W: nameColumn, C: decor.DindentRight})),
		mpb.AppendDecorators(
			decor.Any(func(s decor.Statistics) string {
				if s.Total == 0 {
					return count(s.Current)
				}
				return count(s.Current) + "/" + count(s.Total)
			}, decor.WC{W: countColumn}),
			decor.Any(func(s decor.Statistics) string {
				if s.Total == 0 {
					return ""
				}
				return fmt.Sprintf("%d %%", min(s.Current, s.Total)*100/s.Total)
			}, decor.WC{W: percentColumn})))
}

// uploadBar shows how much of a file is read. done closes the bar; it stays
// where the upload was a success.
func uploadBar(t *Terminal, file io.Reader, size int64) (content io.Reader, done func(success bool), err error) {
	progress := newProgress(t)
	bar := newBar(progress, "upload", 0, byteText)
	bar.SetTotal(size, false)
	content, err = bar.ProxyReader(file)
	return content, func(success bool) {
		bar.Abort(!success)
		progress.Wait()
	}, err
}

// downloadBar shows how much of a file has come. done closes the bar; it stays
// where the download was a success.
func downloadBar(t *Terminal, file io.Writer, size int64) (content io.Writer, done func(success bool), err error) {
	progress := newProgress(t)
	bar := newBar(progress, "download", 0, byteText)
	bar.SetTotal(size, false)
	content, err = bar.ProxyWriter(file)
	return content, func(success bool) {
		bar.Abort(!success)
		progress.Wait()
	}, err
}
