package doctor

import (
	"context"

	"github.com/usher-events/usher/pkg/broker"
)

// How full, in hundredths, is worth a look, and how full is red.
const fullWarning, fullRed = 80, 95

// room looks how much the broker still takes: the stream of the imports refuses what
// comes when it is full, and so does an account.
func room(ctx context.Context, b *broker.Broker) []Finding {
	const check = "broker storage"
	account, err := b.JetStream().AccountInfo(ctx)
	if err != nil {
		return []Finding{red(check, startBroker, "%s", err)}
	}
	var found []Finding
	if limit := account.Limits.MaxStore; limit > 0 {
		found = append(found, fullness(check, "the account", "raise its limit", int64(min(account.Store, 1<<62)), limit))
	}
	for _, want := range b.Names().Streams() {
		s, err := b.JetStream().Stream(ctx, want.Name)
		if err != nil || !want.RefuseWhenFull {
			continue // told with the streams; or it drops the oldest
		}
		found = append(found, fullness(check, "stream "+want.Name, "usher sweep; then look what imports so much", int64(min(s.CachedInfo().State.Bytes, 1<<62)), s.CachedInfo().Config.MaxBytes))
	}
	return found
}

func fullness(check, what, todo string, used, limit int64) Finding {
	hundredths := used / max(1, limit/100)
	const says = "%s is full to %d %%"
	switch {
	case hundredths >= fullRed:
		return red(check, todo, says, what, hundredths)
	case hundredths >= fullWarning:
		return warning(check, todo, says, what, hundredths)
	}
	return green(check, says, what, hundredths)
}
