package remap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// Map leads from the id a record had in the input to the id of the entity made
// of it.
type Map map[string]int64

// ErrMissing is returned where a map is not there, or not whole.
var ErrMissing = errors.New("remap is missing")

// One value holds so many pairs, or as many as are sure to fit below the broker's
// default limit of 1 MiB for a message: ids come from strangers, and JSON may write
// one byte of them as six.
const (
	chunkPairs = 4000
	chunkBytes = 1 << 20 * 3 / 4
	byteAsJSON = 6
	besideID   = 24 // quotation marks, colon, comma and the new id
)

// Store reads and writes maps. It is safe for concurrent use.
type Store struct{ kv jetstream.KeyValue }

// NewStore returns a Store over the given bucket.
func NewStore(kv jetstream.KeyValue) *Store { return &Store{kv: kv} }

// Key is where the map of one import, attempt and entity type lies.
func Key(importID string, attempt int, t contracts.EntityType) string {
	return fmt.Sprintf("%s.%d.%s", importID, attempt, t)
}

// head is the value at the key itself. It is written after the chunks, so that
// whoever finds it finds all of them.
type head struct {
	Count    int              `json:"count"`
	Checksum uint32           `json:"crc32c"`
	Chunks   int              `json:"chunks,omitempty"`
	Pairs    map[string]int64 `json:"pairs,omitempty"`
}

// Put writes the map. Writing the same map again changes nothing, so a
// redelivery may repeat it.
func (s *Store) Put(ctx context.Context, key string, m Map) error {
	h := head{Count: len(m), Checksum: checksum(m)}
	parts := m.chunks()
	if len(parts) == 1 {
		h.Pairs = m
		return s.put(ctx, key, h)
	}
	for i, part := range parts {
		if err := s.put(ctx, chunkKey(key, i), part); err != nil {
			return err
		}
	}
	h.Chunks = len(parts)
	return s.put(ctx, key, h)
}

// chunks cuts a map into parts that each fit into one value, in an order that
// follows from the map.
func (m Map) chunks() []Map {
	part, size := make(Map), 0
	parts := []Map{part}
	for _, id := range slices.Sorted(maps.Keys(m)) {
		most := byteAsJSON*len(id) + besideID
		if len(part) == chunkPairs || size+most > chunkBytes {
			part, size = make(Map), 0
			parts = append(parts, part)
		}
		part[id] = m[id]
		size += most
	}
	return parts
}

func (s *Store) put(ctx context.Context, key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("remap %s: %w", key, err)
	}
	if _, err := s.kv.Put(ctx, key, b); err != nil {
		return fmt.Errorf("remap %s: %w", key, err)
	}
	return nil
}

// Get reads the map at key. ErrMissing means that it has to be made anew from
// the rows; any other error that the broker did not answer.
func (s *Store) Get(ctx context.Context, key string) (Map, error) {
	var h head
	if err := s.get(ctx, key, &h); err != nil {
		return nil, err
	}
	m := Map(h.Pairs)
	if m == nil {
		m = make(Map, h.Count)
	}
	for i := range h.Chunks {
		var part Map
		if err := s.get(ctx, chunkKey(key, i), &part); err != nil {
			return nil, err
		}
		maps.Copy(m, part)
	}
	if len(m) != h.Count || checksum(m) != h.Checksum {
		return nil, fmt.Errorf("remap %s: %w: its chunks do not belong together", key, ErrMissing)
	}
	return m, nil
}

func (s *Store) get(ctx context.Context, key string, v any) error {
	entry, err := s.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return fmt.Errorf("remap %s: %w", key, ErrMissing)
	}
	if err != nil {
		return fmt.Errorf("remap %s: %w", key, err)
	}
	if err := json.Unmarshal(entry.Value(), v); err != nil {
		return fmt.Errorf("remap %s: %w: %v", key, ErrMissing, err) //nolint:errorlint // a broken value is as good as none; the cause is for people only
	}
	return nil
}

// Delete removes the maps of one entity type of an import, of all its attempts.
// That there are none is no error.
func (s *Store) Delete(ctx context.Context, importID string, t contracts.EntityType) error {
	of := fmt.Sprintf("%s.*.%s", importID, t)
	keys, err := s.kv.ListKeysFiltered(ctx, of, of+".*")
	if err != nil {
		return fmt.Errorf("remaps %s: %w", of, err)
	}
	defer keys.Stop() //nolint:errcheck // the listing has ended by then
	for key := range keys.Keys() {
		if err := s.kv.Purge(ctx, key); err != nil {
			return fmt.Errorf("remap %s: %w", key, err)
		}
	}
	return nil
}

func chunkKey(key string, i int) string { return key + "." + strconv.Itoa(i) }

// checksum is over the pairs in the order of their source ids.
func checksum(m Map) uint32 {
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	var b []byte
	for _, id := range slices.Sorted(maps.Keys(m)) {
		b = append(b[:0], id...)
		b = append(b, 0)
		b = strconv.AppendInt(b, m[id], 10)
		b = append(b, '\n')
		_, _ = h.Write(b) // a hash never fails
	}
	return h.Sum32()
}
