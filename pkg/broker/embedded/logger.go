package embedded

import (
	"fmt"
	"log/slog"
)

// logger writes what the server warns of to slog and drops the rest.
type logger struct {
	log *slog.Logger
	// fatal gets the first reason for which the server cannot go on.
	fatal chan string
}

func (l *logger) Noticef(string, ...any) {}
func (l *logger) Debugf(string, ...any)  {}
func (l *logger) Tracef(string, ...any)  {}

func (l *logger) Warnf(format string, v ...any) {
	l.log.Warn("embedded broker", "says", fmt.Sprintf(format, v...))
}

func (l *logger) Errorf(format string, v ...any) {
	l.log.Error("embedded broker", "says", fmt.Sprintf(format, v...))
}

// Fatalf does not end the process: that is for main to decide.
func (l *logger) Fatalf(format string, v ...any) {
	select {
	case l.fatal <- fmt.Sprintf(format, v...):
	default:
		l.Errorf(format, v...)
	}
}
