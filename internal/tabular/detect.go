package tabular

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"msw/internal/problem"
)

// sniff is how much of a file is looked at before it is read.
const sniff = 64 << 10

const sendTable = "Send a CSV file or an Excel workbook (.xlsx)."

// counted counts bytes and stops at a limit, with the reason.
type counted struct {
	r        io.Reader
	n, limit int64
	total    int64 // 0 when not known
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.n > c.limit {
		return 0, tooLarge(c.limit)
	}
	return n, err
}

func tooLarge(limit int64) error {
	return invalid(fmt.Sprintf("This file is larger than %s, the most that is read at once. Split it into several files, each with the row of column names.", size(limit)))
}

// detect tells what r holds and sets the source.
func (t *Table) detect(r io.Reader) error {
	if d := t.opts.Delimiter; d != 0 && !canDelimit(d) {
		return fmt.Errorf("tabular: %q cannot be a delimiter", d)
	}
	if e := t.opts.Encoding; e != "" && wideEncoding(e) == nil && byteEncoding(e) == nil && e != "UTF-8" {
		return fmt.Errorf("tabular: encoding %q is not known", e)
	}
	whole, total := section(r)
	if total > t.opts.MaxBytes {
		return tooLarge(t.opts.MaxBytes)
	}
	in := &counted{r: r, limit: t.opts.MaxBytes, total: total}
	head, err := readHead(in)
	if err != nil {
		return err
	}
	switch {
	case len(head) == 0:
		return invalid("This file is empty.")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return t.detectXLSX(head, in, whole)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return oldOffice(head, whole)
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return t.detectGzip(head, in)
	}
	return t.openCSV(head, in, in)
}

// section gives r as something to be read anywhere, from where it stands, and its size.
func section(r io.Reader) (*io.SectionReader, int64) {
	at, ok := r.(io.ReaderAt)
	seeker, ok2 := r.(io.Seeker)
	if !ok || !ok2 {
		return nil, 0
	}
	from, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, 0
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0
	}
	if _, err := seeker.Seek(from, io.SeekStart); err != nil {
		return nil, 0
	}
	return io.NewSectionReader(at, from, end-from), end - from
}

func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, sniff)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

// nameIs refuses a file whose name promises the other format.
func (t *Table) nameIs(kind string) error {
	ending := strings.ToLower(path.Ext(strings.ReplaceAll(t.opts.Name, `\`, "/")))
	switch ending {
	case ".xlsx", ".xlsm", ".xls":
		if kind == ".csv" {
			return invalid(fmt.Sprintf("This file is named %s but it holds plain text. If it is a CSV file, change the ending of its name to .csv. Otherwise open it and save it as an Excel workbook (.xlsx).", ending))
		}
	case ".csv", ".tsv", ".txt", ".tab":
		if kind == ".xlsx" {
			return invalid(fmt.Sprintf("This file is named %s but it is an Excel workbook. Change the ending of its name to .xlsx.", ending))
		}
	}
	return nil
}

func (t *Table) detectGzip(head []byte, in *counted) error {
	zr, err := gzip.NewReader(io.MultiReader(bytes.NewReader(head), in))
	if err != nil {
		return broken("This compressed (gzip) file is damaged. Make it again.", err)
	}
	out := &counted{r: gunzip{zr}, limit: t.opts.MaxBytes}
	inner, err := readHead(out)
	if err != nil {
		return err
	}
	t.desc.Compressed = true
	switch {
	case len(inner) == 0:
		return invalid("This file is empty.")
	case bytes.HasPrefix(inner, []byte("PK")), bytes.HasPrefix(inner, []byte("\x1f\x8b")), bytes.HasPrefix(inner, []byte("\xd0\xcf\x11\xe0")):
		return invalid("This compressed file holds another packed file, not a CSV. Unpack it first. " + sendTable)
	}
	return t.openCSV(inner, out, in)
}

// gunzip says in words what is wrong with compressed data.
type gunzip struct{ r io.Reader }

func (g gunzip) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && problem.KindOf(err) == problem.Unknown {
		err = broken("This compressed (gzip) file is damaged or cut short. Make it again.", err)
	}
	return n, err
}

func (t *Table) detectXLSX(head []byte, in *counted, whole *io.SectionReader) error {
	if whole != nil {
		return t.openXLSX(whole, nil)
	}
	rest := io.MultiReader(bytes.NewReader(head), in)
	if t.opts.TempDir == "" {
		all, err := io.ReadAll(io.LimitReader(rest, t.opts.MaxMemory+1))
		if err != nil {
			return err
		}
		if int64(len(all)) > t.opts.MaxMemory {
			return tooLarge(t.opts.MaxMemory)
		}
		return t.openXLSX(io.NewSectionReader(bytes.NewReader(all), 0, int64(len(all))), nil)
	}
	f, err := os.CreateTemp(t.opts.TempDir, "table-*.xlsx")
	if err != nil {
		return fmt.Errorf("tabular: keep workbook: %w", err)
	}
	n, err := io.Copy(f, rest)
	if err == nil {
		err = t.openXLSX(io.NewSectionReader(f, 0, n), f)
	}
	if err != nil {
		t.src = nil
		return errors.Join(err, tempFile{f}.Close())
	}
	return nil
}

// tempFile is gone once closed.
type tempFile struct{ f *os.File }

func (t tempFile) Close() error {
	return errors.Join(t.f.Close(), os.Remove(t.f.Name()))
}

// oldOffice refuses an OLE file: a workbook with a password, or one of before 2007.
// The name of the encrypted part stands in the directory, mostly near the start.
func oldOffice(head []byte, whole *io.SectionReader) error {
	look := head
	if whole != nil {
		look = make([]byte, min(whole.Size(), 4<<20))
		n, err := whole.ReadAt(look, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("tabular: read: %w", err)
		}
		look = look[:n]
	}
	has := func(name string) bool {
		var wide []byte
		for i := range len(name) {
			wide = append(wide, name[i], 0)
		}
		return bytes.Contains(look, wide)
	}
	switch {
	case has("EncryptedPackage"), has("EncryptionInfo"):
		return invalid("This is an Excel file protected by a password. Save it without one and send it again.")
	case has("Workbook"), has("Book"):
		return invalid("This is an Excel file of the old kind (.xls). Open it and save it as an Excel workbook (.xlsx).")
	case has("WordDocument"):
		return invalid("This is a Word document, not a table. " + sendTable)
	}
	return invalid("This is an Office file of the old kind, or one protected by a password. Open it and save it, without a password, as an Excel workbook (.xlsx).")
}

type textKind struct{ prefix, message string }

func textKinds() []textKind {
	const page = "This file is a web page, not a table, whatever its name says. Open it in a spreadsheet program and save it as an Excel workbook (.xlsx)."
	const xml = "This file is XML, not a table. Open it in the program that made it and save it as CSV or as an Excel workbook (.xlsx)."
	return []textKind{
		{"%pdf-", "This file is a PDF, not a table. " + sendTable},
		{"%!ps", "This file is a PostScript document, not a table. " + sendTable},
		{"{\\rtf", "This file is a text document (RTF), not a table. " + sendTable},
		{"<!doctype html", page}, {"<html", page}, {"<head", page}, {"<body", page}, {"<table", page}, {"<!--", page}, {"<div", page},
		{"<?xml", xml}, {"<svg", "This file is a picture (SVG), not a table. " + sendTable}, {"<?php", xml}, {"<!doctype", xml},
		{"#!/", "This file is a program, not a table. " + sendTable},
		{"begin:vc", "This file holds contacts or calendar entries, not a table. " + sendTable},
		{"id;p", "This is a SYLK file. Open it in a spreadsheet program and save it as an Excel workbook (.xlsx)."},
	}
}

func looksJSON(sample []byte) bool {
	m := mimetype.Detect(sample)
	for ; m != nil; m = m.Parent() {
		if m.Is("application/json") || m.Is("application/x-ndjson") {
			return true
		}
	}
	return false
}

// notText refuses bytes that are not text, by what they are where that can be told.
func notText(sample []byte, line int) error {
	m := mimetype.Detect(sample)
	kind := m.String()
	name := ""
	switch {
	case strings.HasPrefix(kind, "image/"):
		name = "a picture"
	case strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"):
		name = "a recording"
	case m.Is("application/pdf"):
		name = "a PDF"
	case strings.Contains(kind, "executable"), m.Is("application/x-elf"), strings.Contains(kind, "portable-executable"), m.Is("application/x-mach-binary"), m.Is("application/x-object"), m.Is("application/x-sharedlib"):
		name = "a program"
	case m.Is("application/x-7z-compressed"), strings.Contains(kind, "rar"), m.Is("application/x-tar"), m.Is("application/x-bzip2"), m.Is("application/x-xz"), m.Is("application/zstd"):
		name = "a packed file"
	}
	if name == "" {
		return invalid(fmt.Sprintf("This file is not plain text: line %d has characters that a table does not have. %s", line, sendTable))
	}
	return invalid(fmt.Sprintf("This file is %s, not a table, whatever its name says. %s", name, sendTable))
}
