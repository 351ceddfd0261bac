package desk

import (
	"context"

	"github.com/usher-events/usher/services/query/internal/projection"
)

// leftOutView is of the rows that were left out of a list.
type leftOutView struct {
	// N is how many there are, InTable how many of them can be had and mended. There are
	// none in the table once their time is over.
	N, InTable int
}

// leftOut returns nil where there are none.
func (d Desk) leftOut(ctx context.Context, i projection.Import) (*leftOutView, error) {
	kept, err := d.Tasks.CountFailedRows(ctx, i)
	if err != nil {
		return nil, err
	}
	v := &leftOutView{N: max(i.LeftOut(), kept), InTable: kept}
	if v.N == 0 {
		return nil, nil
	}
	if !i.KeepsUpload() { // they would not be taken any more
		v.InTable = 0
	}
	return v, nil
}
