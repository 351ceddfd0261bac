package projection

import "errors"

// errOvertaken tells that the checkpoint is not where this projector left it:
// another one folds.
var errOvertaken = errors.New("another projector has moved the checkpoint")

// errReset tells that a stream is not the one that was followed so far, or has
// lost messages.
var errReset = errors.New("the stream was reset")
