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

// chunkPairs is how many pairs one value holds. With source ids of usual length
// that is well below the broker's default limit of 1 MiB for a message.
const chunkPairs = 4000

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
	if len(m) <= chunkPairs {
		h.Pairs = m
	} else {
		ids := slices.Sorted(maps.Keys(m))
		for chunk := range slices.Chunk(ids, chunkPairs) {
			part := make(Map, len(chunk))
			for _, id := range chunk {
				part[id] = m[id]
			}
			if err := s.put(ctx, chunkKey(key, h.Chunks), part); err != nil {
				return err
			}
			h.Chunks++
		}
	}
	return s.put(ctx, key, h)
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
