package standalone_test

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestMailOfAnImportArrivesInBothForms(t *testing.T) {
	t.Parallel()
	folder, smtp := dataFolder(t), newCatcher(t)
	p := up(t, folder, "USHER_SMTP_URL=smtp://"+smtp.address, "USHER_MAIL_FROM=Usher <mail@usher.example>",
		"USHER_EVENT_URL=https://front.example/{identifier}/{id}")
	olga := as(t, p, folder, "olga@organizers.example", false)
	id := olga.upload(t, made(t, 12, 6, 8))
	result := olga.succeeded(t, id)
	require.Equal(t, "https://front.example/"+result.Identifier+"/"+result.ID, result.URL)
	kept := as(t, p, folder, "ada@admins.example", true).awaitMailSent(t)

	caught := smtp.caught(t)
	require.Len(t, caught, 1)
	header := caught[0].Header
	require.Equal(t, fmt.Sprintf("<import.%s.1@usher.example>", id), header.Get("Message-ID"))
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Event "+result.EventName+" has been imported", subject)
	from, err := header.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Name: "Usher", Address: "mail@usher.example"}}, from)
	to, err := header.AddressList("To")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Address: "olga@organizers.example"}}, to)
	_, err = header.Date()
	require.NoError(t, err)
	require.Equal(t, "auto-generated", header.Get("Auto-Submitted"))

	text, html := parts(t, caught[0])
	require.Equal(t, kept.Text, text)
	require.Equal(t, kept.HTML, html)
	for _, form := range []string{text, html} {
		require.Contains(t, form, result.ID)
		require.Contains(t, form, result.URL)
		require.Contains(t, form, "Sessions")
		require.Contains(t, form, id)
	}
	require.Contains(t, text, "- Sessions: 12\n")
	require.Contains(t, text, "- Speakers: 6\n")
	require.Contains(t, html, `<a href="`+result.URL+`">`)
}

// parts reads the text and the HTML of a mail.
func parts(t *testing.T, m *mail.Message) (text, html string) {
	t.Helper()
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", media)
	reader := multipart.NewReader(m.Body, params["boundary"])
	var all []string
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := reader.NextRawPart()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(part.Header.Get("Content-Type"), want+";"), part.Header)
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		all = append(all, strings.ReplaceAll(string(content), "\r\n", "\n"))
	}
	_, err = reader.NextRawPart()
	require.ErrorIs(t, err, io.EOF)
	return all[0], all[1]
}

func TestSuccessDoesNotWaitForAMailServerThatRefuses(t *testing.T) {
	t.Parallel()
	folder, catcher := dataFolder(t), newCatcher(t)
	refusing := &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "not now"}
	catcher.answers(func() error { return refusing })
	p := up(t, folder, "USHER_SMTP_URL=smtp://"+catcher.address)
	olga := as(t, p, folder, "olga@organizers.example", false)
	olga.succeeded(t, olga.upload(t, made(t, 5, 3, 8)))

	admin := as(t, p, folder, "ada@admins.example", true)
	waiting := admin.awaitMail(t, func(m mailState) bool { return m.LastError != "" })
	require.Equal(t, "pending", waiting.State)
	require.Contains(t, waiting.LastError, "not now")

	var taken atomic.Int64
	catcher.answers(func() error {
		taken.Add(1)
		return nil
	})
	admin.awaitMailSent(t)
	require.EqualValues(t, 1, taken.Load())
	require.Len(t, catcher.distinctIDs(t), 1)
}

func TestSuccessDoesNotWaitForAMailServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	folder, catcher := dataFolder(t), &catcher{address: freeAddress()}
	p := up(t, folder, "USHER_SMTP_URL=smtp://"+catcher.address)
	olga := as(t, p, folder, "olga@organizers.example", false)
	olga.succeeded(t, olga.upload(t, made(t, 5, 3, 8)))

	admin := as(t, p, folder, "ada@admins.example", true)
	waiting := admin.awaitMail(t, func(m mailState) bool { return m.LastError != "" })
	require.Equal(t, "pending", waiting.State)

	catcher.serve(t)
	admin.awaitMailSent(t)
	require.Len(t, catcher.caught(t), 1)
}

func TestKillInTheMiddleOfSendingRepeatsTheMailUnderItsID(t *testing.T) {
	t.Parallel()
	folder, catcher := dataFolder(t), newCatcher(t)
	database := postgrestest.URL(t)
	settings := []string{"USHER_SMTP_URL=smtp://" + catcher.address, "USHER_DATABASE_URL=" + database}
	sending, release := make(chan struct{}, 1), make(chan struct{})
	catcher.answers(func() error {
		sending <- struct{}{}
		<-release
		return nil
	})
	p := up(t, folder, settings...)
	olga := as(t, p, folder, "olga@organizers.example", false)
	id := olga.upload(t, made(t, 5, 3, 8))
	<-sending
	olga.succeeded(t, id)
	p.kill(t)
	close(release)
	catcher.answers(nil)

	p = up(t, folder, settings...)
	// The lease of the process that was killed ends, as it would by itself.
	db, err := postgres.Open(t.Context(), database)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.NewRaw("UPDATE notify.mails SET next_try = now() WHERE state = 'pending'").Exec(t.Context())
	require.NoError(t, err)
	as(t, p, folder, "ada@admins.example", true).awaitMailSent(t)
	require.Len(t, catcher.caught(t), 2, "the one before the kill and the one after")
	require.Equal(t, []string{fmt.Sprintf("<import.%s.1@localhost>", id)}, catcher.distinctIDs(t))
}
