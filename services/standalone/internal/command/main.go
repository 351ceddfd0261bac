// Package command is the command line of Usher: one file per command.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// cli is what `usher --help` shows.
type cli struct {
	Up        Up               `cmd:"" help:"Run everything in this process, with broker and database embedded."`
	Run       Run              `cmd:"" help:"Run single services against a broker, a database and a bucket of your own."`
	Provision Provision        `cmd:"" help:"Make the streams, consumers and buckets of the broker as this version needs them."`
	Migrate   Migrate          `cmd:"" help:"Bring the database to this version."`
	Accounts  Accounts         `cmd:"" help:"Print what each service needs to be allowed, for the broker and the database to allow no more."`
	Token     Token            `cmd:"" help:"Print a token for the HTTP interface."`
	Signin    SignIn           `cmd:"" help:"Print a link that signs in once, with a browser."`
	Validate  Validate         `cmd:"" help:"Check an archive, or a list of users, without any server: what an import would make of it, and every problem."`
	Import    Import           `cmd:"" help:"Upload an archive, or a list of users, and follow its import."`
	Start     Start            `cmd:"" help:"Import what was checked: those very bytes, with the options of the check."`
	Export    Export           `cmd:"" help:"Make an archive of an event, and download it."`
	Status    Status           `cmd:"" help:"Show where an import or an export stands."`
	Replay    Replay           `cmd:"" help:"Run an import that has failed again, or all that have, from the stage that failed or an earlier one."`
	Cancel    Cancel           `cmd:"" help:"Take back an import that has not ended."`
	Discard   Discard          `cmd:"" help:"Take back an import that has ended, with all that was made of it."`
	List      List             `cmd:"" help:"List your imports and exports."`
	Stage     Stage            `cmd:"" help:"For administrators: how the stages are doing; pause and resume them."`
	Dead      DeadMessages     `cmd:"" name:"dead" help:"Messages that nobody could read."`
	Sweep     Sweep            `cmd:"" help:"Remove what ended imports have left behind and nobody needs any more."`
	Doctor    Doctor           `cmd:"" help:"Look at broker, database, bucket, mail server and clocks: what is wrong, and what to do."`
	Backup    Backup           `cmd:"" help:"Save a data folder, or the streams of a broker."`
	Restore   Restore          `cmd:"" help:"Make a data folder, or the streams of a broker, of what was saved."`
	User      User             `cmd:"" help:"Accounts of people who sign in with a password."`
	Sample    Sample           `cmd:"" help:"Write a made-up archive."`
	Version   kong.VersionFlag `help:"Print the version."`
}

// The statuses that a process ends with where it has not done what it was asked:
// it was tried and failed, or it was not asked in a way that makes sense.
const (
	failed = 1
	usage  = 2
)

// Exit is an error that ends the process with a status of its own. Without Err
// nothing is said any more.
type Exit struct {
	Code int
	Err  error
}

func (e *Exit) Error() string {
	if e.Err == nil {
		return "failed"
	}
	return e.Err.Error()
}

func (e *Exit) Unwrap() error { return e.Err }

// Main runs the command that args name and returns the status to exit with: 0
// only for success. Results go to out, all else to errOut.
func Main(ctx context.Context, version string, args []string, out, errOut io.Writer) int {
	var c cli
	code := -1
	parser, err := kong.New(&c,
		kong.Name("usher"),
		kong.Description("Usher brings events in: an archive becomes an event, with live progress and every problem named."),
		kong.Vars{"version": version},
		kong.Writers(out, errOut),
		kong.Exit(func(status int) { code = status }),
		kong.UsageOnError(),
	)
	if err != nil {
		return fail(errOut, err)
	}
	parsed, err := parser.Parse(args)
	if code >= 0 {
		return code // --help or --version has answered
	}
	if err != nil {
		return fail(errOut, &Exit{Code: usage, Err: err})
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(NewTerminal(out, errOut)); err != nil {
		return fail(errOut, err)
	}
	return 0
}

func fail(errOut io.Writer, err error) int {
	exit, ok := errors.AsType[*Exit](err)
	if !ok {
		exit = &Exit{Code: failed, Err: err}
	}
	if exit.Err != nil {
		_, _ = fmt.Fprintf(errOut, "usher: %v\n", err) // nobody to tell where even this fails
	}
	return exit.Code
}
