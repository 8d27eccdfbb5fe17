package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a demo being measured.
type server struct {
	people  int
	address string
	pid     int
	file    string
	ready   time.Duration // from the start of the program to its first word
	stop    func()
}

// start runs the demo and waits until it says that it is ready.
func (b *bench) start(people int, file string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	args := []string{"demo", "--addr", addr, "--people", strconv.Itoa(people)}
	if file != "" {
		args = append(args, "--database", "sqlite:"+file)
	}
	cmd := exec.Command(b.binary, args...)
	cmd.Stderr = os.Stderr
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{people: people, address: "http://" + addr, pid: cmd.Process.Pid, file: file}
	s.stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil || !strings.Contains(line, "ready") {
		s.stop()
		return nil, fmt.Errorf("the demo said %q, %v", line, err)
	}
	s.ready = time.Since(began)
	go func() { _, _ = io.Copy(io.Discard, said) }() // so that it never waits for a reader
	return s, nil
}

// ready is how long a newcomer waits.
func (b *bench) ready() error {
	var all []time.Duration
	for range 3 {
		s, err := b.start(2640, "")
		if err != nil {
			return err
		}
		s.stop()
		all = append(all, s.ready)
	}
	v := sorted(all)
	b.add("demo ready after start", "2,640 doctors", seconds(v[1]), seconds(v[0])+" to "+seconds(v[2]))
	return nil
}

// pages measures a demo of a size in a file of its own.
func (b *bench) pages(people int) error {
	fmt.Printf("making %d doctors\n", people)
	s, err := b.start(people, filepath.Join(b.dir, strconv.Itoa(people)+".db"))
	if err != nil {
		return err
	}
	defer s.stop()
	b.add("made through the services and stored", doctors(people), seconds(s.ready), "")
	return b.measure(s)
}

// running measures a demo somebody started.
func (b *bench) running(at string) error {
	part := strings.Split(at, ",")
	if len(part) != 4 {
		return fmt.Errorf("-at %s is not DOCTORS,ADDRESS,PID,FILE", at)
	}
	people, err := strconv.Atoi(part[0])
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(part[2])
	if err != nil {
		return err
	}
	return b.measure(&server{people: people, address: part[1], pid: pid, file: part[3]})
}

// forgetPeak makes the kernel count the most memory from now on.
func (s *server) forgetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.pid), []byte("5"), 0)
}

// peak is the most memory since then, in MB.
func (s *server) peak() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kb / 1000, err
		}
	}
	return 0, fmt.Errorf("no peak memory in /proc/%d/status", s.pid)
}
