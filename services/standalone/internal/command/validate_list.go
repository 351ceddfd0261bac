package command

import (
	"io"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/userlist"
)

// accountsUnseen is what the check of a list does not tell.
const accountsUnseen = "Accounts that there are already were not looked at; `usher import --check` asks a server."

// checkList reads a list of users, by the rules that the settings name. Its error is
// that of the file, or of the settings.
func (v *validation) checkList(r io.ReaderAt, o userlist.Options) error {
	config, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	v.Note = accountsUnseen
	o.Name, o.Rules = v.Name, config.UserRules()
	o.Rules.Invite = true // an account without a password is one, invited or not
	list, err := userlist.Open(r, v.Size, o)
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }() // it was only read
	users := 0
	for row, err := range list.Rows(v.add) {
		if err != nil {
			return err
		}
		if !row.Bad() {
			users++
		}
		for _, i := range row.Issues {
			if v.Mode == contracts.Lenient && i.Severity == contracts.Error { // the row is left out
				i.Severity = contracts.Warning
			}
			v.add(i)
		}
	}
	v.Summary.Totals = map[contracts.EntityType]int{contracts.Users: users}
	return nil
}
