package document

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Blobs keeps sealed bytes by name. What lies in it is unreadable by itself;
// names are random and tell nothing.
type Blobs interface {
	// Put stores all of r under a name, whole or not at all.
	Put(ctx context.Context, name string, r io.Reader) error
	// Open reads what lies under a name; fs.ErrNotExist when nothing does.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete takes a name away; one that is not there is no error.
	Delete(ctx context.Context, name string) error
}

// Folder keeps blobs as files below a folder.
type Folder struct {
	root string
	fast bool
}

// NewFolder keeps blobs below root, which is made when the first one comes. With
// fast it does not wait for the disk: demo and tests only.
func NewFolder(root string, fast bool) *Folder { return &Folder{root, fast} }

// path spreads names over subfolders; a name that is not one of ours has none.
func (f *Folder) path(name string) (string, error) {
	if len(name) < 8 || strings.ContainsFunc(name, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return "", fs.ErrInvalid
	}
	return filepath.Join(f.root, name[:2], name[2:]), nil
}

// Put writes beside the place, waits for the disk, then moves it there.
func (f *Folder) Put(_ context.Context, name string, r io.Reader) (err error) {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	t, err := os.CreateTemp(folder, ".writing-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(t.Name()))
		}
	}()
	_, err = io.Copy(t, r)
	if err == nil && !f.fast {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err != nil {
		return err
	}
	if err = os.Rename(t.Name(), path); err != nil || f.fast {
		return err
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open opens the file of a name.
func (f *Folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	path, err := f.path(name)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// Delete removes the file of a name.
func (f *Folder) Delete(_ context.Context, name string) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Memory keeps blobs until the program ends: for a demo whose database does too.
type Memory struct {
	mu    sync.RWMutex
	blobs map[string][]byte
}

// NewMemory makes an empty one.
func NewMemory() *Memory { return &Memory{blobs: map[string][]byte{}} }

// Put keeps what r gives.
func (m *Memory) Put(_ context.Context, name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[name] = data
	return nil
}

// Open reads what was kept.
func (m *Memory) Open(_ context.Context, name string) (io.ReadCloser, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	data, ok := m.blobs[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// Delete forgets a name.
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, name)
	return nil
}
