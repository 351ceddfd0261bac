package doctor

import (
	"context"
	"strings"

	"github.com/uptrace/bun"
)

// durable looks whether the database confirms a transaction before it is on the disk.
func durable(ctx context.Context, db *bun.DB) []Finding {
	const check = "database sync"
	var off []string
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		var value string
		if err := db.NewRaw(`SELECT current_setting(?)`, setting).Scan(ctx, &value); err != nil {
			return []Finding{red(check, startDatabase, "%s", err)}
		}
		if value == "off" {
			off = append(off, setting)
		}
	}
	if len(off) > 0 {
		return []Finding{red(check, "turn on: "+strings.Join(off, ", "), "%s is off: a power failure loses what was confirmed, or the database itself", strings.Join(off, ", "))}
	}
	return []Finding{green(check, "every transaction is on the disk before it is confirmed")}
}
