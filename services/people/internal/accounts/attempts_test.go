package accounts

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/userlist"
)

func TestAttemptsAreBoundedAndForgottenOneByOne(t *testing.T) {
	t.Parallel()
	a := newAttempts(3, time.Minute)
	now := time.Date(2031, 5, 2, 9, 0, 0, 0, time.UTC)
	for range 3 {
		require.Zero(t, a.take("olga", now))
	}
	require.Equal(t, time.Minute, a.take("olga", now))
	require.Equal(t, time.Minute, a.take("olga", now), "what is refused is not counted")
	require.Zero(t, a.take("paul", now))
	require.Equal(t, 20*time.Second, a.take("olga", now.Add(40*time.Second)))
	require.Zero(t, a.take("olga", now.Add(time.Minute)))
	require.NotZero(t, a.take("olga", now.Add(time.Minute)))

	a.giveBack("olga")
	require.Zero(t, a.take("olga", now.Add(time.Minute)), "a success does not count")
	a.giveBack("nobody")
	require.NotContains(t, a.spent, "nobody")

	later := now.Add(time.Hour)
	for range 3 {
		require.Zero(t, a.take("olga", later), "all is forgotten")
	}
	require.NotZero(t, a.take("olga", later), "and no more than all")
}

func TestAttemptsOfManyKeysTakeBoundedMemory(t *testing.T) {
	t.Parallel()
	a := newAttempts(3, time.Minute)
	now := time.Date(2031, 5, 2, 9, 0, 0, 0, time.UTC)
	for n := range attemptsKept {
		require.Zero(t, a.take(strconv.Itoa(n), now))
	}
	later := now.Add(30 * time.Second)
	for n := range attemptsKept / 2 {
		require.Zero(t, a.take(strconv.Itoa(n), later))
	}
	require.Len(t, a.spent, attemptsKept)
	require.Zero(t, a.take("one more", now.Add(61*time.Second)))
	require.Len(t, a.spent, attemptsKept/2+1, "those who have recovered are forgotten first")
	for n := range attemptsKept {
		require.Zero(t, a.take("x"+strconv.Itoa(n), now.Add(62*time.Second)))
		require.LessOrEqual(t, len(a.spent), attemptsKept)
	}
}

// What is remembered of an attempt is its login: one that no account can have
// would only take memory.
func TestLoginThatNoAccountCanHaveIsRefusedAndNotRemembered(t *testing.T) {
	t.Parallel()
	a := alone(t)
	_, err := a.known(t.Context(), httptest.NewRecorder(), "198.51.100.7", credentials{
		Login: strings.Repeat("x", userlist.MaxEmail+1), Password: "a guess",
	})
	require.ErrorIs(t, err, errRefused)
	require.Empty(t, a.byLogin.spent)
}
