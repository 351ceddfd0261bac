package userlist

import (
	"fmt"
	"strconv"
)

func (u *User) takeAge(text string) *Fault {
	if text == "" {
		return nil
	}
	age, err := strconv.Atoi(text)
	if err != nil {
		return noAge()
	}
	u.Age = &age
	return nil
}

func noAge() *Fault {
	return &Fault{Age, CodeAgeInvalid, fmt.Sprintf("The age is not a whole number from 0 to %d", MaxAge), "Give it in years, or leave it empty."}
}

func ageFault(age *int) *Fault {
	if age == nil || *age >= 0 && *age <= MaxAge {
		return nil
	}
	return noAge()
}

// isAge tells whether a text is somebody's age.
func isAge(s string) bool {
	age, err := strconv.Atoi(s)
	return err == nil && ageFault(&age) == nil
}
