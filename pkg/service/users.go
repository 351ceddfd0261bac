package service

import (
	"errors"
	"fmt"
	"slices"

	"github.com/usher-events/usher/pkg/userlist"
)

// UserRules are what the settings want of users.
func (c Config) UserRules() userlist.Rules {
	return userlist.Rules{
		MinPassword: c.PasswordMin,
		Buildup:     c.BuildupStart.Time,
		Teardown:    c.TeardownEnd.Time,
		Required:    c.RequiredUserFields,
	}
}

func (c Config) validateUsers() error {
	var errs []error
	if c.PasswordMin < userlist.MinPassword || c.PasswordMin > userlist.MaxPassword {
		errs = append(errs, fmt.Errorf("USHER_PASSWORD_MIN is %d, it must be from %d to %d", c.PasswordMin, userlist.MinPassword, userlist.MaxPassword))
	}
	if !c.TeardownEnd.IsZero() && c.TeardownEnd.Before(c.BuildupStart.Time) {
		errs = append(errs, errors.New("USHER_TEARDOWN_END is before USHER_BUILDUP_START"))
	}
	for _, field := range c.RequiredUserFields {
		if !slices.Contains(userlist.Fields(), field) {
			errs = append(errs, fmt.Errorf("USHER_REQUIRED_USER_FIELDS names %q, the fields are %v", field, userlist.Fields()))
		}
	}
	return errors.Join(errs...)
}
