package document

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// ClamAV asks a clamd, by its INSTREAM command, whether it knows something bad
// in a file. Address is a path to a unix socket or HOST:PORT.
type ClamAV struct{ Address string }

const scanTime = 90 * time.Second // for one page

// Scan sends what it reads and gives the name of what was found, "" for nothing.
// Every other answer is an error, also that a file was too long to be scanned.
func (a ClamAV) Scan(ctx context.Context, r io.Reader) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	network := "tcp"
	if strings.HasPrefix(a.Address, "/") {
		network = "unix"
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, a.Address)
	if err != nil {
		return "", fmt.Errorf("clamd does not answer: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // wakes what waits for it
	defer stop()
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return "", fmt.Errorf("clamd does not listen: %w", err)
	}
	buffer := make([]byte, 4+chunkBytes)
	for {
		n, err := io.ReadFull(r, buffer[4:])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return "", err
		}
		binary.BigEndian.PutUint32(buffer, uint32(n)) // 0 says that this was all
		if _, err := conn.Write(buffer[:4+n]); err != nil {
			break // it may have answered already: too long
		}
		if n == 0 {
			break
		}
	}
	reply, err := io.ReadAll(io.LimitReader(conn, 4096))
	if err != nil {
		return "", fmt.Errorf("clamd does not answer: %w", err)
	}
	switch text := strings.TrimPrefix(strings.TrimRight(string(reply), "\x00\n"), "stream: "); {
	case text == "OK":
		return "", nil
	case strings.HasSuffix(text, " FOUND"):
		return strings.TrimSuffix(text, " FOUND"), nil
	case text == "":
		return "", errors.New("clamd hung up without an answer")
	default:
		return "", errors.New("clamd could not scan: " + text)
	}
}
