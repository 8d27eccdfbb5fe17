package inspect

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
)

// A PDF is accepted only when every object in it was read and none of them can
// do more than be shown. Whatever cannot be read for certain is refused: a
// doctor can always print it anew or take a photo of it.
const (
	streamMost = 160 << 20 // what one stream may unpack to
	unpackMost = 600 << 20 // and all of them
	packedMost = 24 << 20  // and one that holds objects
	pagesMost  = 300
	pointsMost = 150_000_000 // of one picture
)

const saveAnew = "Open it, choose Print, then Save as PDF, and add that. Or take a photo of each page."

// Why a PDF is refused, each with what to do.
var pdfReasons = map[string]string{
	"encrypted": "The PDF is locked with a password. Save it without one, or take a photo of each page.",
	"script":    "The PDF holds a program (JavaScript). " + saveAnew,
	"launch":    "The PDF can start programs or send data away. " + saveAnew,
	"embedded":  "The PDF holds other files inside. " + saveAnew,
	"form":      "The PDF is an interactive form (XFA). " + saveAnew,
	"media":     "The PDF holds sound, film or a model. " + saveAnew,
	"outside":   "The PDF fetches something from elsewhere when it is opened. " + saveAnew,
	"hidden":    "The PDF hides something that not every program shows. " + saveAnew,
	"bomb":      "The PDF unpacks to far more than a document needs. Take a photo of each page.",
	"broken":    "The PDF is damaged, did not arrive whole, or is written in a way that we cannot check. " + saveAnew,
	"long":      "The PDF has too many pages. Split it, or add only the pages that matter.",
	"located":   "The PDF says where a photo in it was taken. Take a photo of each page and add those: we remove the place from photos.",
}

// forbidden are the names by which a PDF does more than be shown.
var forbidden = map[string]string{
	"Encrypt": "encrypted", "JavaScript": "script", "JS": "script", "Launch": "launch", "SubmitForm": "launch", "ImportData": "launch",
	"GoToR": "launch", "GoToE": "launch", "EmbeddedFile": "embedded", "EmbeddedFiles": "embedded", "EF": "embedded", "Collection": "embedded",
	"FileAttachment": "embedded", "XFA": "form", "RichMedia": "media", "Rendition": "media", "Movie": "media", "Sound": "media", "Screen": "media",
	"3D": "media", "AA": "outside", "Crypt": "hidden",
}

type pdfCheck struct {
	ctx     context.Context
	data    []byte
	words   int
	why     string
	pages   int
	root    bool
	opens   int          // the object an OpenAction points to
	visits  map[int]bool // objects that go to an address on the web
	cut     []string
	unpack  int64
	objects int
}

func checkPDF(ctx context.Context, data []byte) Result {
	const media = "application/pdf"
	c := &pdfCheck{ctx: ctx, words: mostWords, visits: map[int]bool{}}
	end := bytes.LastIndex(data, []byte("%%EOF"))
	if end < 0 {
		return refuse(media, pdfReasons["broken"])
	}
	end += len("%%EOF")
	if rest := data[end:]; len(bytes.TrimRight(rest, "\r\n \t\x00")) > 0 {
		c.cut = append(c.cut, CutAfterEnd)
	}
	data = data[:end]
	c.data = data
	if bytes.Contains(data[max(0, len(data)-66_000):], []byte("PK\x05\x06")) {
		return refuse(media, pdfReasons["hidden"])
	}
	if err := c.run(); err != nil && c.why == "" {
		c.why = "broken"
		if errors.Is(err, errHuge) {
			c.why = "bomb"
		}
	}
	if c.why != "" && c.why != "encrypted" && bytes.Contains(data, []byte("/Encrypt")) {
		c.why = "encrypted" // what could not be read was locked
	}
	switch {
	case c.why != "":
	case c.opens != 0 && c.visits[c.opens]:
		c.why = "outside"
	case !c.root || c.pages == 0:
		c.why = "broken"
	case c.pages > pagesMost:
		c.why = "long"
	}
	if c.why != "" {
		return refuse(media, pdfReasons[c.why])
	}
	slices.Sort(c.cut)
	return Result{Type: media, Format: "pdf", Data: append(data, '\n'), Cut: slices.Compact(c.cut), Pages: c.pages}
}

// stop notes the first reason for a no.
func (c *pdfCheck) stop(why string) {
	if c.why == "" {
		c.why = why
	}
}

func (c *pdfCheck) name(name string) {
	if why := forbidden[name]; why != "" {
		c.stop(why)
	}
}

// hides finds the head of an object in what is not read as one.
var hides = regexp.MustCompile(`[0-9](?:[\s\x00]|%[^\r\n]*[\r\n])*obj$`)

// text looks at what a reader skips: a text, a remark, packed data. A head of an
// object in it could be meant for a program that reads the file another way.
func (c *pdfCheck) text(b []byte) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("obj"))
		if i < 0 {
			break
		}
		at += i + 3
		if at >= 4 && (b[at-4] >= '0' && b[at-4] <= '9' || isSpace(b[at-4])) && hides.Match(b[max(0, at-300):at]) {
			c.stop("hidden")
		}
	}
	if len(b) > 0 && b[0] == '%' && len(b) < 4096 {
		if low := bytes.ToLower(b); bytes.Contains(low, []byte("<script")) || bytes.Contains(low, []byte("<html")) || bytes.Contains(low, []byte("<?php")) {
			c.stop("hidden")
		}
	}
}

func (c *pdfCheck) reader(data []byte) *reader {
	return &reader{data: data, words: &c.words, name: c.name, text: c.text}
}

// run reads the whole file: objects, tables of objects, trailers.
func (c *pdfCheck) run() error {
	r := c.reader(c.data)
	for !r.end() && c.why == "" {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if *r.words--; *r.words < 0 {
			return errHuge
		}
		switch word := r.word(); word {
		case "xref":
			if err := c.table(r); err != nil {
				return err
			}
		case "trailer":
			if _, err := r.value(0); err != nil {
				return err
			}
		case "startxref":
			r.skip()
			if _, err := strconv.Atoi(r.word()); err != nil {
				return errBroken
			}
		default:
			number, err := strconv.Atoi(word)
			if err != nil {
				return errBroken
			}
			r.skip()
			if _, err := strconv.Atoi(r.word()); err != nil {
				return errBroken
			}
			r.skip()
			if r.word() != "obj" {
				return errBroken
			}
			if err := c.object(r, number); err != nil {
				return err
			}
		}
	}
	return nil
}

// table reads past a table of objects: numbers, and n or f.
func (c *pdfCheck) table(r *reader) error {
	for {
		if *r.words--; *r.words < 0 {
			return errHuge
		}
		if r.end() {
			return errBroken
		}
		before := r.at
		word := r.word()
		if word == "trailer" {
			r.at = before
			return nil
		}
		if _, err := strconv.Atoi(word); err != nil && word != "n" && word != "f" {
			return errBroken
		}
	}
}

func (c *pdfCheck) object(r *reader, number int) error {
	c.objects++
	v, err := r.value(0)
	if err != nil {
		return err
	}
	c.look(number, v)
	r.skip()
	word := r.word()
	if word == "stream" {
		if v.kind != dictValue {
			return errBroken
		}
		if err := c.stream(r, v); err != nil {
			return err
		}
		r.skip()
		word = r.word()
	}
	if word != "endobj" {
		return errBroken
	}
	return nil
}

// look takes from an object what the end of the check asks about.
func (c *pdfCheck) look(number int, v value) {
	if v.kind != dictValue {
		return
	}
	switch v.dict["Type"].name {
	case "Page":
		c.pages++
	case "Catalog":
		c.root = true
		open := v.dict["OpenAction"]
		if open.kind == referenceValue {
			c.opens = open.number
		}
		if open.kind == dictValue && open.dict["S"].name == "URI" {
			c.stop("outside")
		}
	}
	if v.dict["S"].name == "URI" {
		c.visits[number] = true
	}
	if w, h := v.dict["Width"].number, v.dict["Height"].number; w > 0 && h > 0 && (w > pointsMost || h > pointsMost || w*h > pointsMost) {
		c.stop("bomb")
	}
}

// stream reads the data of an object that has some.
func (c *pdfCheck) stream(r *reader, v value) error {
	if bytes.HasPrefix(r.data[r.at:], []byte("\r\n")) {
		r.at += 2
	} else if r.at < len(r.data) && (r.data[r.at] == '\n' || r.data[r.at] == '\r') {
		r.at++
	}
	start := r.at
	end := -1
	if n := v.dict["Length"]; n.kind == numberValue && n.number >= 0 && start+n.number <= len(r.data) {
		rest := bytes.TrimLeft(r.data[start+n.number:min(len(r.data), start+n.number+16)], "\r\n ")
		if bytes.HasPrefix(rest, []byte("endstream")) {
			end = start + n.number
		}
	}
	if end < 0 {
		i := bytes.Index(r.data[start:], []byte("endstream"))
		if i < 0 {
			return errBroken
		}
		end = start + i
	}
	data := r.data[start:end]
	i := bytes.Index(r.data[end:], []byte("endstream"))
	r.at = end + i + len("endstream")
	c.text(data)
	if _, outside := v.dict["F"]; outside {
		c.stop("outside")
	}
	return c.contents(v, data)
}

func filters(v value) []string {
	f := v.dict["Filter"]
	if f.kind == nameValue {
		return []string{f.name}
	}
	var out []string
	for _, item := range f.list {
		out = append(out, item.name)
	}
	return out
}

// contents looks into a stream: objects in it are read like all others, packed
// data is unpacked to see how much it is, photos lose what the camera wrote.
func (c *pdfCheck) contents(v value, data []byte) error {
	f := filters(v)
	_, packed := v.dict["First"]
	packed = packed || v.dict["Type"].name == "ObjStm"
	if v.dict["Filter"].kind == referenceValue || v.dict["Type"].kind == referenceValue {
		return errBroken
	}
	about := v.dict["Type"].name == "Metadata"
	switch {
	case packed:
		return c.packed(v, f, data)
	case about && len(f) == 0:
		if bytes.Contains(data, []byte("GPSL")) {
			c.cut = append(c.cut, CutLocation)
		}
		if len(bytes.TrimSpace(data)) > 0 {
			c.cut = append(c.cut, CutMetadata)
		}
		for i := range data {
			data[i] = ' '
		}
		return nil
	case about && len(f) == 1 && isFlate(f[0]): // a packed blank in its place: what follows its end is not read
		clear(data)
		copy(data, "x\x9cS\x00\x00\x00!\x00!")
		c.cut = append(c.cut, CutMetadata)
		return nil
	case about:
		return errBroken
	case len(f) == 1 && isJPEG(f[0]):
		c.cut = append(c.cut, blank(data)...)
		if h := readJPEG(data); h.width*h.height > pointsMost {
			c.stop("bomb")
		}
	case len(f) == 1 && f[0] == "JPXDecode":
		c.cut = append(c.cut, blankBoxes(data)...)
	}
	return c.measure(f, data)
}

func isFlate(filter string) bool { return filter == "FlateDecode" || filter == "Fl" }

func isJPEG(filter string) bool { return filter == "DCTDecode" || filter == "DCT" }

func isPhoto(filter string) bool { return isJPEG(filter) || filter == "JPXDecode" }

// measure unpacks a stream to nowhere, and looks whether what could not be taken
// away in its place tells where a photo was taken.
func (c *pdfCheck) measure(f []string, data []byte) error {
	packs := 0
	for _, name := range f {
		if isFlate(name) || name == "LZWDecode" || name == "LZW" {
			packs++
		}
	}
	if packs > 1 {
		c.stop("bomb") // packed twice: nobody needs that
		return nil
	}
	r, left := plain(f, data)
	if r == nil {
		return nil // shows nothing
	}
	if len(left) > 1 && slices.ContainsFunc(left[1:], isPhoto) {
		return errBroken // packed in a way that is not read here
	}
	watch := &counter{ctx: c.ctx}
	_, _ = io.Copy(watch, io.LimitReader(r, streamMost+1)) // a broken end shows less, not more
	if len(left) < len(f) {
		c.unpack += watch.n
	}
	if watch.n > streamMost || c.unpack > unpackMost {
		c.stop("bomb")
	}
	if watch.located {
		c.stop("located")
	}
	return c.ctx.Err()
}

// plain undoes the filters of a stream that are read here, and gives those that
// are left; nil when what the first of them says is not so.
func plain(f []string, data []byte) (r io.Reader, left []string) {
	r = bytes.NewReader(data)
	for i, name := range f {
		switch {
		case isFlate(name):
			z, err := zlib.NewReader(r)
			if err != nil {
				return nil, nil
			}
			r = z
		case i == 0 && (name == "ASCII85Decode" || name == "A85"):
			text, _, _ := bytes.Cut(bytes.TrimPrefix(data, []byte("<~")), []byte("~"))
			r = ascii85.NewDecoder(bytes.NewReader(text))
		case i == 0 && (name == "ASCIIHexDecode" || name == "AHx"):
			text, _, _ := bytes.Cut(data, []byte(">"))
			r = hex.NewDecoder(bytes.NewReader(bytes.Join(bytes.Fields(text), nil)))
		default:
			return r, f[i:]
		}
	}
	return r, nil
}

// tells are the signs that a camera wrote about a photo where it was taken, or
// may have.
var tells = [...][]byte{[]byte("Exif\x00\x00"), []byte("JpgTiffExif"), []byte("exif:GPSL")}

// counter counts what passes, and looks for a place in it.
type counter struct {
	ctx     context.Context
	n       int64
	tail    []byte
	located bool
}

func (w *counter) Write(b []byte) (int, error) {
	both := append(w.tail, b...)
	for _, sign := range tells {
		w.located = w.located || bytes.Contains(both, sign)
	}
	w.tail = append(w.tail[:0], both[max(0, len(both)-16):]...)
	w.n += int64(len(b))
	return len(b), w.ctx.Err()
}

// packed reads the objects in a stream that holds some.
func (c *pdfCheck) packed(v value, f []string, data []byte) error {
	if _, parms := v.dict["DecodeParms"]; parms {
		return errBroken
	}
	switch {
	case len(f) == 0:
	case len(f) == 1 && f[0] == "FlateDecode":
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return errBroken
		}
		if data, err = io.ReadAll(io.LimitReader(z, packedMost+1)); err != nil && !errors.Is(err, zlib.ErrChecksum) {
			return errBroken
		}
		if c.unpack += int64(len(data)); len(data) > packedMost || c.unpack > unpackMost {
			c.stop("bomb")
			return nil
		}
	default:
		return errBroken
	}
	count, first := v.dict["N"].number, v.dict["First"].number
	if v.dict["N"].kind != numberValue || v.dict["First"].kind != numberValue || count < 0 || first < 0 || first > len(data) {
		return errBroken
	}
	head := c.reader(data[:first])
	for range count {
		number, err := head.value(0)
		if err != nil {
			return err
		}
		at, err := head.value(0)
		if err != nil || number.kind != numberValue || at.kind != numberValue || at.number < 0 || at.number > len(data)-first {
			return errBroken
		}
		r := c.reader(data)
		r.at = first + at.number
		if r.end() {
			continue
		}
		item, err := r.value(0)
		if err != nil {
			return err
		}
		c.look(number.number, item)
	}
	return nil
}
