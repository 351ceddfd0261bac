package query_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// heaviest is how much the first load of any page may be, without its pictures.
const heaviest = 100_000

// weigh is how many bytes of an answer go over the wire.
func (b *bench) weigh(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+address, nil)
	require.NoError(t, err)
	request.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd") // as a browser does; so nothing unpacks the answer
	response, err := b.http.Transport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, address)
	require.Equal(t, "gzip", response.Header.Get("Content-Encoding"), address)
	require.Contains(t, response.Header.Values("Vary"), "Accept-Encoding")
	return len(body)
}

// crowd makes an event of so many sessions, each with an abstract, in so many
// days, rooms and tracks, and of so many speakers. Its texts are of words that are
// drawn, so that they pack no better than what people write.
func (c *conference) crowd(sessions, speakers, days, rooms, tracks int) *conference {
	c.t.Helper()
	random := rand.New(rand.NewPCG(3, 14)) //nolint:gosec // the same event each time
	words := make([]string, 3000)
	for i := range words {
		letters := make([]byte, 3+random.IntN(8))
		for n := range letters {
			letters[n] = "eeeeaaaiiooutnnrrsslldcmpgbvhkfyw"[random.IntN(33)]
		}
		words[i] = string(letters)
	}
	text := func(n int) string {
		some := make([]string, n)
		for i := range some {
			some[i] = words[int(random.ExpFloat64()*500)%len(words)]
		}
		return strings.ToUpper(some[0][:1]) + strings.Join(some, " ")[1:]
	}
	many := func(table string, n int, make func(i int) map[string]any) []int64 {
		rows := []map[string]any{}
		for i := range n {
			row := make(i)
			row["import_id"], row["attempt"], row["origin"] = c.id, c.attempt, itoa(int64(i))
			rows = append(rows, row)
		}
		columns := strings.Join(slices.Sorted(maps.Keys(rows[0])), ", ")
		content, err := json.Marshal(rows)
		require.NoError(c.t, err)
		var ids []int64
		require.NoError(c.t, c.res.DB.NewRaw(fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM json_populate_recordset(NULL::%[1]s, ?::json) RETURNING id`, table, columns),
			string(content)).Scan(c.t.Context(), &ids))
		return ids
	}
	colors := []string{"#1f5fbf", "#bf1f5f", "#5fbf1f", "#ffd400", "#00b3a4", "#7a3db8"}
	inRooms := many("schedule.microlocations", rooms, func(int) map[string]any { return map[string]any{"name": text(2)} })
	ofTracks := many("schedule.tracks", tracks, func(i int) map[string]any {
		return map[string]any{"name": text(2), "color": colors[i%len(colors)]}
	})
	people := many("people.speakers", speakers, func(i int) map[string]any {
		return map[string]any{"name": text(1) + " " + text(1), "position": text(2), "organisation": text(2), "long_biography": text(120), "photo_url": fmt.Sprintf("/images/%d.jpg", i)}
	})
	many("media.files", speakers, func(i int) map[string]any {
		return map[string]any{"owner_type": "speakers", "owner_id": people[i], "field": "photo", "kind": "image", "path": fmt.Sprintf("/images/%d.jpg", i),
			"blob": uuid.NewString(), "state": "stored", "content_type": "image/jpeg", "size": 1000, "sha256": strings.Repeat("ab", 32)}
	})
	opens := time.Date(2031, time.May, 2, 7, 0, 0, 0, time.UTC)
	perDay := (sessions + days - 1) / days
	talks := many("schedule.sessions", sessions, func(i int) map[string]any {
		n := i % perDay
		begin := opens.AddDate(0, 0, i/perDay).Add(time.Duration(n/rooms) * 20 * time.Minute).Add(time.Duration(random.IntN(3)*5) * time.Minute)
		return map[string]any{"title": text(4 + random.IntN(6)), "long_abstract": "<p>" + text(200) + "</p><p>" + text(150) + "</p>", "state": "accepted",
			"starts_at": begin, "ends_at": begin.Add(time.Duration(15+5*random.IntN(7)) * time.Minute), "microlocation_id": inRooms[n%rooms], "track_id": ofTracks[random.IntN(tracks)]}
	})
	for position := range 2 {
		speakers := make([]int64, len(talks))
		for i := range talks {
			speakers[i] = people[(i+7*position)%len(people)]
		}
		_, err := c.res.DB.ExecContext(c.t.Context(), `INSERT INTO schedule.session_speakers
			SELECT ?, ?, gen_random_uuid()::text, s, p, ? FROM unnest(ARRAY[?]::bigint[], ARRAY[?]::bigint[]) AS t (s, p)`,
			c.id, c.attempt, position, bun.List(talks), bun.List(speakers))
		require.NoError(c.t, err)
	}
	c.made("c4f1a9e2").publish()
	return c
}

func TestEveryPageOfALargeEventIsLight(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).crowd(2000, 1000, 4, 40, 16)
	var talk, ada int64
	require.NoError(t, b.res.DB.NewSelect().Table("schedule.sessions").ColumnExpr("min(id)").Where("import_id = ?", c.id).Scan(t.Context(), &talk))
	require.NoError(t, b.res.DB.NewSelect().Table("people.speakers").ColumnExpr("min(id)").Where("import_id = ?", c.id).Scan(t.Context(), &ada))
	script := b.weigh(t, "/static/zone.js")
	for _, address := range []string{
		"", "?view=list", "?view=tracks", "?view=rooms&day=2031-05-05", "/speakers", "/speakers?page=2", "/sessions/" + itoa(talk), "/speakers/" + itoa(ada),
	} {
		weight := script + b.weigh(t, "/e/c4f1a9e2"+address)
		t.Logf("%6d bytes %s", weight, address)
		require.Less(t, weight, heaviest, address)
	}
}

// As many sessions in one day as fit on a page, without a break between them.
func TestLongestDayThatOnePageHasIsLight(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.conference(t, olga).crowd(2000, 1000, 1, 80, 16)
	script := b.weigh(t, "/static/zone.js")
	for _, view := range []string{"rooms", "list", "tracks"} {
		weight := script + b.weigh(t, "/e/c4f1a9e2?view="+view)
		t.Logf("%6d bytes %s", weight, view)
		require.Less(t, weight, heaviest, view)
	}
}
