package postgres

import (
	"context"
	"fmt"
	"reflect"
)

// DeleteOlder deletes from the model's table what earlier attempts of an
// import left behind: the rows that the current attempt did not store again.
// It returns how many there were. The model is as in [Upsert].
func DeleteOlder(ctx context.Context, tx *Tx, model any, importID string, attempt int) (int64, error) {
	res, err := tx.NewDelete().Model(model).
		Where("import_id = ?", importID).Where("attempt < ?", attempt).
		Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("older rows of %s: %w", tx.Dialect().Tables().Get(reflect.TypeOf(model)).Name, err)
	}
	return res.RowsAffected()
}
