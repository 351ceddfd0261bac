package list

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/userlist"
)

// Hashing bounds how many passwords are hashed at once, over all the lists that
// a process imports: each takes 19 MiB and one core. Its capacity is how many.
type Hashing chan struct{}

// all hashes the passwords of a list and tells now and then how many are done.
func (h Hashing) all(ctx context.Context, users []userlist.Row, tell func(n int)) ([]string, error) {
	hashes := make([]string, len(users))
	var (
		wg   sync.WaitGroup
		next atomic.Int64 // the first user that nobody has taken
		done atomic.Int64
	)
	for range cap(h) {
		wg.Go(func() {
			for {
				select {
				case h <- struct{}{}:
				case <-ctx.Done():
					return
				}
				n := int(next.Add(1)) - 1
				if n < len(users) && ctx.Err() == nil {
					if hashes[n] = users[n].User.PasswordHash; hashes[n] == "" {
						hashes[n] = auth.HashPassword(users[n].User.Password)
					}
					tell(int(done.Add(1)))
				}
				<-h
				if n >= len(users) || ctx.Err() != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return hashes, ctx.Err()
}
