package hostile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Request is a hostile way to upload an archive.
type Request struct {
	Name string
	// Send writes what follows the first lines of a request: the rest of its head
	// and its body. An error of the connection ends it, for the server may have
	// heard enough.
	Send func(w io.Writer) error
	// Then is what the client does when all is sent.
	Then Then
	// Status and Problem are the answer's. Without a status there is none, without
	// a problem it is answered before Usher hears of it.
	Status  int
	Problem string
}

// Then is what a client does after it has sent something.
type Then int

const (
	// Listens waits for the answer.
	Listens Then = iota
	// Ends says that nothing more comes, and waits for the answer.
	Ends
	// Leaves closes the connection.
	Leaves
)

const (
	boundary = "x-----x"
	formType = "Content-Type: multipart/form-data; boundary=" + boundary + "\r\n"
	fileHead = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\n"
	formEnd  = "\r\n--" + boundary + "--\r\n"
)

// form is a form with an archive of 2 MiB, larger than what is kept on the way.
func form() []byte {
	file := archive(entry{name: "a.png", content: bytes.Repeat([]byte("picture "), 2<<17), stored: true})
	return []byte(fileHead + string(file) + formEnd)
}

func length(n int) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n", n) }

// Requests are hostile uploads, none of which takes long.
func Requests() []Request {
	send := func(name string, then Then, status int, problem string, parts ...string) Request {
		return Request{Name: "upload: " + name, Then: then, Status: status, Problem: problem, Send: func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Join(parts, ""))
			return err
		}}
	}
	body := string(form())
	part := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n"
	return []Request{
		send("more is announced than comes", Ends, 400, "upload_incomplete", formType, length(len(body)+1000), body[:len(body)-60]),
		send("less is announced than comes", Ends, 400, "upload_incomplete", formType, length(len(body)-1000), body),
		send("a negative length", Listens, 400, "", formType, length(-1), body),
		send("two lengths", Listens, 400, "", formType, "Content-Length: 5\r\n", length(7), body),
		send("exabytes are announced", Listens, 413, "too_large", formType, length(1<<62), body[:1000]),
		send("broken off half-way", Leaves, 0, "", formType, length(len(body)), body[:len(body)/2]),
		send("broken off at its last byte", Leaves, 0, "", formType, length(len(body)), body[:len(body)-1]),
		send("ended half-way", Ends, 400, "upload_incomplete", formType, length(len(body)), body[:len(body)/2]),
		send("chunks that are none", Listens, 400, "malformed_upload", formType, "Transfer-Encoding: chunked\r\n\r\n10000\r\n", body[:0x10000], "\r\nnonsense\r\n"),
		send("a chunk of exabytes", Ends, 400, "upload_incomplete", formType, "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", body[:1000]),
		send("thousands of parts", Ends, 400, "malformed_upload", formType, length(len(part)*5000), strings.Repeat(part, 5000)),
		send("a part with thousands of headers", Ends, 400, "malformed_upload", formType, length(1<<20), "--"+boundary+"\r\n"+strings.Repeat("X: y\r\n", 100_000)),
		send("a part with a header of 10 MiB", Ends, 400, "malformed_upload", formType, length(11<<20), "--"+boundary+"\r\nX: "+strings.Repeat("y", 10<<20)),
		send("a field of 10 MiB before the file", Ends, 400, "malformed_upload", formType, length(11<<20), part[:len(part)-2]+strings.Repeat("y", 10<<20)),
		send("no boundary is named", Ends, 415, "not_multipart", "Content-Type: multipart/form-data\r\n", length(len(body)), body),
		send("a boundary that never comes", Ends, 400, "malformed_upload", "Content-Type: multipart/form-data; boundary=another\r\n", length(len(body)), body),
		send("no form", Ends, 415, "not_multipart", "Content-Type: application/zip\r\n", length(4), "PK\x03\x04"),
		send("no type", Ends, 415, "not_multipart", length(len(body)), body),
		send("no file", Ends, 400, "file_missing", formType, length(len(part+formEnd)), part+formEnd),
		send("an empty file", Ends, 400, "file_empty", formType, length(len(fileHead+formEnd)), fileHead+formEnd),
		send("a head of 2 MiB", Listens, 431, "", strings.Repeat("X-Y: "+strings.Repeat("z", 1000)+"\r\n", 2000), formType, length(len(body)), body),
		send("a head that breaks off", Ends, 400, "", formType[:20]),
		{Name: "upload: byte by byte", Then: Listens, Status: 202, Send: func(w io.Writer) error {
			small := fileHead + string(archive()) + formEnd
			for _, b := range []byte(formType + length(len(small)) + small) {
				if _, err := w.Write([]byte{b}); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

// Silent are uploads that begin well and then stop for ever without closing their
// connection. They are answered when nothing has come for a minute.
func Silent() []Request {
	body := string(form())
	stopped := func(name string, parts ...string) Request {
		return Request{
			Name: "silent: " + name, Status: 408, Problem: "upload_stalled",
			Send: func(w io.Writer) error { _, err := io.WriteString(w, strings.Join(parts, "")); return err },
		}
	}
	head := stopped("in the head", formType)
	head.Status, head.Problem = 0, "" // Usher has not heard of it yet
	return []Request{
		head,
		stopped("before the body", formType, length(len(body))),
		stopped("in the head of the file", formType, length(len(body)), body[:40]),
		stopped("in the file", formType, length(len(body)), body[:len(body)/2]),
		stopped("in a chunk", formType, "Transfer-Encoding: chunked\r\n\r\n100000\r\n", body[:1000]),
	}
}
