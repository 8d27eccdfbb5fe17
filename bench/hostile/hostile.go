// Package hostile makes files that somebody could send to do harm: polyglots,
// bombs, programs in disguise, PDFs that act, pictures that tell where they were
// taken. Every file is made here from nothing, the same each time; none of them
// does anything to this machine. It is for tests and for `msw documents check`.
package hostile

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
)

// What must become of a file.
const (
	Refused     = "refused"
	Neutralised = "neutralised"
	Harmless    = "harmless" // it may be accepted: what would be harmful in it is for the scanner, or was only its name
)

// File is one of them.
type File struct {
	Kind, Name, Want string
	Data             []byte
}

// EICAR is the string every scanner knows as a test. It is put together here so
// that this source is not taken for it.
func EICAR() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR-STANDARD-" + `ANTIVIRUS-TEST-FILE!$H+H*`)
}

type maker struct {
	kind, name, want string
	make             func(r *rand.Rand, i int) []byte
}

// Each gives count files, one after another, so that they are never all held.
func Each(count int) func(yield func(File) bool) {
	return func(yield func(File) bool) {
		all := makers()
		for i := range count {
			m := all[i%len(all)]
			r := rand.New(rand.NewPCG(uint64(i), 7))
			f := File{Kind: m.kind, Want: m.want, Name: fmt.Sprintf("%04d-%s", i, m.name), Data: m.make(r, i/len(all))}
			if m.kind == "name" {
				f.Name = names[i/len(all)%len(names)]
			}
			if !yield(f) {
				return
			}
		}
	}
}

// names are those by which files are sent to escape a folder or to look like
// something else.
var names = []string{"../../../etc/passwd.jpg", `..\..\windows\system32\a.jpg`, "certificate\u202egpj.exe", "a\x00.jpg", "<script>alert(1)</script>.jpg", "\"; filename=\"x.html",
	"con.jpg", strings.Repeat("a", 3000) + ".jpg", "\u2066\u2069.pdf", "x\r\nContent-Type: text/html.jpg", "....//....//x", "$(id).jpg", "'; DROP TABLE.jpg", ".htaccess"}

func makers() []maker {
	text := func(s string) func(*rand.Rand, int) []byte {
		return func(r *rand.Rand, i int) []byte { return []byte(s + fmt.Sprintf("\n<!-- %d -->\n", i)) }
	}
	pdf := func(objects ...string) func(*rand.Rand, int) []byte {
		return func(r *rand.Rand, i int) []byte { return PDF(r, objects...) }
	}
	catalog := func(more string) []string { return []string{"<</Type/Catalog/Pages 2 0 R" + more + ">>"} }
	script := "<script>alert(document.cookie)</script>"
	list := []maker{
		{"html", "page.jpg", Refused, text("<!DOCTYPE html><html><body>" + script)},
		{"xhtml", "page.png", Refused, text(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">` + script + "</html>")},
		{"svg", "drawing.svg", Refused, text(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">` + script + "</svg>")},
		{"svg with a name of a picture", "drawing.png", Refused, text(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>`)},
		{"javascript", "a.pdf", Refused, text("alert(1);")},
		{"php", "a.jpg", Refused, text("<?php system($_GET['c']); ?>")},
		{"shell", "a.pdf", Refused, text("#!/bin/sh\nrm -rf /\n")},
		{"rtf", "letter.pdf", Refused, text(`{\rtf1{\object\objemb x}}`)},
		{"mail", "letter.pdf", Refused, text("From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + script)},
		{"shortcut", "letter.url", Refused, text("[InternetShortcut]\nURL=file://x/y\n")},
		{"postscript", "letter.pdf", Refused, text("%!PS-Adobe-3.0\n(x) run\n")},
		{"GIF and JavaScript", "a.gif", Refused, text("GIF89a/*\x01\x00\x01\x00*/=1;alert(1);//")},
		{"empty", "empty.jpg", Refused, func(*rand.Rand, int) []byte { return nil }},
		{"noise", "photo.jpg", Refused, func(r *rand.Rand, _ int) []byte { return noise(r, 1+r.IntN(5000)) }},
		{"noise behind a JPEG's first bytes", "photo.jpg", Refused, func(r *rand.Rand, _ int) []byte { return append([]byte("\xff\xd8\xff\xe0"), noise(r, 3000)...) }},
		{"noise behind a PNG's first bytes", "photo.png", Refused, func(r *rand.Rand, _ int) []byte { return append([]byte("\x89PNG\r\n\x1a\n"), noise(r, 3000)...) }},
		{"noise behind a PDF's first bytes", "a.pdf", Refused, func(r *rand.Rand, _ int) []byte { return append([]byte("%PDF-1.7\n"), noise(r, 3000)...) }},
		{"WebP, broken", "a.webp", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("RIFF\x00\x10\x00\x00WEBPVP8 "), noise(r, 300)...)
		}},
		{"WebP that moves", "a.webp", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\xff\xff\x00\xff\xff\x00ANIM"), noise(r, 60)...)
		}},
		{"HEIC", "IMG_0001.HEIC", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), noise(r, 200)...)
		}},
		{"film", "a.mp4", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), noise(r, 200)...)
		}},
		{"TIFF", "a.tif", Refused, func(r *rand.Rand, _ int) []byte { return append([]byte("II*\x00\x08\x00\x00\x00"), noise(r, 200)...) }},
		{"BMP", "a.bmp", Refused, func(r *rand.Rand, _ int) []byte { return append([]byte("BM"), noise(r, 200)...) }},
		{"Windows program", "certificate.pdf.exe", Refused, func(r *rand.Rand, _ int) []byte { return append([]byte("MZ\x90\x00"), noise(r, 600)...) }},
		{"Linux program", "certificate.jpg", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("\x7fELF\x02\x01\x01\x00"), noise(r, 600)...)
		}},
		{"Java", "a.jpg", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34"), noise(r, 200)...)
		}},
		{"WebAssembly", "a.jpg", Refused, func(r *rand.Rand, _ int) []byte { return append([]byte("\x00asm\x01\x00\x00\x00"), noise(r, 200)...) }},
		{"Word with macros", "cv.docm", Refused, func(r *rand.Rand, _ int) []byte {
			return packed(r, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
		}},
		{"Excel with macros", "results.xlsm", Refused, func(r *rand.Rand, _ int) []byte {
			return packed(r, "[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")
		}},
		{"old Word", "cv.doc", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), noise(r, 1500)...)
		}},
		{"zip bomb", "papers.zip", Refused, func(r *rand.Rand, _ int) []byte { return zipBomb() }},
		{"gzip bomb", "papers.pdf.gz", Refused, func(r *rand.Rand, _ int) []byte { return gzipBomb() }},
		{"EICAR", "invoice.pdf", Refused, func(*rand.Rand, int) []byte { return EICAR() }},
		{"EICAR behind a photo", "photo.jpg", Neutralised, func(r *rand.Rand, _ int) []byte { return append(JPEG(r), EICAR()...) }},
		{"JPEG and PHAR", "photo.jpg", Neutralised, func(r *rand.Rand, _ int) []byte {
			return append(JPEG(r), []byte("<?php __HALT_COMPILER(); ?>\x00\x00")...)
		}},
		{"JPEG and a page", "photo.jpg", Neutralised, func(r *rand.Rand, _ int) []byte {
			return withSegment(JPEG(r), 0xfe, []byte("<html>"+script))
		}},
		{"JPEG and zip", "photo.jpg", Neutralised, func(r *rand.Rand, _ int) []byte { return append(JPEG(r), packed(r, "x.html")...) }},
		{"JPEG that tells where", "photo.jpg", Neutralised, func(r *rand.Rand, i int) []byte { return Located(JPEG(r), 1+i%8) }},
		{"JPEG that tells where in XMP", "photo.jpg", Neutralised, func(r *rand.Rand, _ int) []byte {
			return withSegment(JPEG(r), 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='36,12N'/>"))
		}},
		{"JPEG bomb", "photo.jpg", Refused, func(r *rand.Rand, _ int) []byte { return sized(JPEG(r), 65000, 65000) }},
		{"JPEG that lies about its size", "photo.jpg", Refused, func(r *rand.Rand, i int) []byte { return sized(JPEG(r), 15000, 15000+i) }},
		{"JPEG cut short", "photo.jpg", Refused, func(r *rand.Rand, i int) []byte { b := JPEG(r); return b[:len(b)/2-i%20] }},
		{"PNG bomb", "photo.png", Refused, func(r *rand.Rand, i int) []byte { return pngSized(30000+uint32(i), 30000) }},
		{"PNG with a packed text bomb", "photo.png", Neutralised, func(r *rand.Rand, _ int) []byte {
			return withChunk(PNG(r), "zTXt", append([]byte("a\x00\x00"), deflated(8<<20)...))
		}},
		{"PNG with a page in it", "photo.png", Neutralised, func(r *rand.Rand, _ int) []byte { return withChunk(PNG(r), "tEXt", []byte("Comment\x00"+script)) }},
		{"PNG and zip", "photo.png", Neutralised, func(r *rand.Rand, _ int) []byte { return append(PNG(r), packed(r, "x.html")...) }},
		{"PNG cut short", "photo.png", Refused, func(r *rand.Rand, _ int) []byte { b := PNG(r); return b[:len(b)*2/3] }},
		{"name", "", Harmless, func(r *rand.Rand, _ int) []byte { return JPEG(r) }},
		{"photo called a program", "photo.exe", Harmless, func(r *rand.Rand, _ int) []byte { return JPEG(r) }},
		{"PDF called a photo", "photo.jpg", Harmless, pdf(catalog("")...)},
		{"PDF behind a page", "a.pdf", Refused, func(r *rand.Rand, _ int) []byte {
			return append([]byte("<html>"+script+"\n"), PDF(r, catalog("")...)...)
		}},
		{"PDF with a page in a remark", "a.pdf", Refused, func(r *rand.Rand, _ int) []byte {
			return bytes.Replace(PDF(r, catalog("")...), []byte("1 0 obj"), []byte("%<html>"+script+"\n1 0 obj"), 1)
		}},
		{"PDF and zip", "a.pdf", Neutralised, func(r *rand.Rand, _ int) []byte { return append(PDF(r, catalog("")...), packed(r, "x.html")...) }},
		{"PDF in a zip", "a.pdf", Refused, func(r *rand.Rand, _ int) []byte {
			b := PDF(r, catalog("")...)
			return append(b, append(packed(r, "x.html"), "\n%%EOF"...)...)
		}},
		{"PDF with a program", "a.pdf", Refused, pdf(catalog("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")...)},
		{"PDF with a program, spelt otherwise", "a.pdf", Refused, pdf(catalog("/OpenAction<</S/J#61vaScript/#4aS(app.alert\\(1\\))>>")...)},
		{"PDF with a program in a list of names", "a.pdf", Refused, pdf(catalog("/Names<</JavaScript<</Names[(a) 5 0 R]>>>>")...)},
		{"PDF that starts programs", "a.pdf", Refused, pdf(catalog("/OpenAction<</S/Launch/F(cmd.exe)>>")...)},
		{"PDF with a file inside", "a.pdf", Refused, pdf(append(catalog("/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>"), stream("/Type/EmbeddedFile", "x"))...)},
		{"PDF with a form", "a.pdf", Refused, pdf(catalog("/AcroForm<</XFA[(a) 5 0 R]/Fields[]>>")...)},
		{"PDF that sends", "a.pdf", Refused, pdf(catalog("/OpenAction<</S/SubmitForm/F(http://x.example)>>")...)},
		{"PDF that opens a web address", "a.pdf", Refused, pdf(catalog("/OpenAction 5 0 R")[0], "<</S/URI/URI(http://x.example/seen)>>")},
		{"PDF that goes to another file", "a.pdf", Refused, pdf(catalog("/OpenAction<</S/GoToR/F(\\\\\\\\x.example\\\\a)>>")...)},
		{"PDF that acts on closing", "a.pdf", Refused, pdf(catalog("/AA<</WC 5 0 R>>")...)},
		{"PDF with film", "a.pdf", Refused, pdf(append(catalog(""), "<</Type/Annot/Subtype/RichMedia>>")...)},
		{"PDF under a password", "a.pdf", Refused, func(r *rand.Rand, _ int) []byte {
			return bytes.Replace(PDF(r, catalog("")...), []byte("/Root"), []byte("/Encrypt 9 0 R/Root"), 1)
		}},
		{"PDF with objects in a packed stream", "a.pdf", Refused, pdf(append(catalog(""), objectStream("/Type/ObjStm", "<</S/JavaScript/JS(x)>>"))...)},
		{"PDF with objects in a stream that does not say so", "a.pdf", Refused, pdf(append(catalog(""), objectStream("", "<</S/JavaScript/JS(x)>>"))...)},
		{"PDF with an object inside a text of a packed stream", "a.pdf", Refused, pdf(append(catalog(""), objectStreamAt("(<</S/JavaScript/JS(x)>>)", 1))...)},
		{"PDF with an object hidden in a stream", "a.pdf", Refused, pdf(append(catalog(""), stream("", "9 0 obj<</S/JavaScript/JS(x)>>endobj"))...)},
		{"PDF with an object hidden behind a remark", "a.pdf", Refused, pdf(append(catalog(""), stream("", "9 0 %x\nobj<</S/JavaScript/JS(x)>>endobj"))...)},
		{"PDF with an object hidden in a text", "a.pdf", Refused, pdf(append(catalog(""), "(x 9 0 obj <</S/JavaScript/JS 1 0 R>> endobj)")...)},
		{"PDF with a wrong length", "a.pdf", Refused, pdf(append(catalog(""), "<</Length 3>>\nstream\nabc endstream endobj 9 0 obj<</S/JavaScript/JS(x)>>\nendstream")...)},
		{"PDF with a secret filter", "a.pdf", Refused, pdf(append(catalog(""), stream("/Filter/Crypt", "x"))...)},
		{"PDF that fetches a stream", "a.pdf", Refused, pdf(append(catalog(""), stream("/F(http://x.example/a)", ""))...)},
		{"PDF bomb", "a.pdf", Refused, func(r *rand.Rand, i int) []byte {
			if i > 2 {
				return PDF(r, append(catalog(""), "<</Type/XObject/Subtype/Image/Width 90000/Height 90000>>")...)
			}
			return PDF(r, append(catalog(""), stream("/Filter/FlateDecode", string(deflated(200<<20))))...)
		}},
		{"PDF bomb in a bomb", "a.pdf", Refused, pdf(append(catalog(""), stream("/Filter[/FlateDecode/FlateDecode]", "x"))...)},
		{"PDF of endless depth", "a.pdf", Refused, pdf(append(catalog(""), strings.Repeat("[", 5000)+strings.Repeat("]", 5000))...)},
		{"PDF cut short", "a.pdf", Refused, func(r *rand.Rand, _ int) []byte { b := PDF(r, catalog("")...); return b[:len(b)-20] }},
		{"PDF without pages", "a.pdf", Refused, func(r *rand.Rand, _ int) []byte {
			return bytes.ReplaceAll(PDF(r, catalog("")...), []byte("/Type/Page/"), []byte("/Type/Xage/"))
		}},
		{"PDF with two types", "a.pdf", Refused, pdf(append(catalog(""), "<</Type/X/Type/ObjStm/N 1/First 4>>")...)},
		{"PDF with a photo that tells where", "a.pdf", Neutralised, func(r *rand.Rand, _ int) []byte {
			return PDF(r, append(catalog(""), stream("/Type/XObject/Subtype/Image/Width 8/Height 8/Filter/DCTDecode", string(Located(JPEG(r), 1))))...)
		}},
		{"PDF with a photo that tells where, packed", "a.pdf", Refused, located("[/FlateDecode/DCTDecode]", func(b []byte) []byte { return zipped(string(b)) })},
		{"PDF with a photo that tells where, as text", "a.pdf", Refused, located("[/ASCII85Decode/DCTDecode]", func(b []byte) []byte {
			text := make([]byte, ascii85.MaxEncodedLen(len(b)))
			return append(text[:ascii85.Encode(text, b)], "~>"...)
		})},
		{"PDF with a photo that tells where, as figures", "a.pdf", Refused, located("[/AHx/DCT]", func(b []byte) []byte { return []byte(hex.EncodeToString(b) + ">") })},
		{"PDF with a photo that tells where, packed otherwise", "a.pdf", Refused, located("[/LZWDecode/DCTDecode]", func(b []byte) []byte { return b })},
		{"PDF with a photo that tells where, drawn in its text", "a.pdf", Refused, located("/FlateDecode", func(b []byte) []byte { return zipped("BI /W 8 /H 8 /F /DCT ID " + string(b) + " EI") })},
		{"PDF with a photo behind a photo", "a.pdf", Neutralised, located("/DCTDecode", func(b []byte) []byte { return append(JPEG(rand.New(rand.NewPCG(1, 1))), b...) })},
		{"PDF with a JPEG 2000 that tells where", "a.pdf", Neutralised, located("/JPXDecode", func(b []byte) []byte {
			box := func(name, body string) string {
				return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + name + body
			}
			return []byte(box("jP  ", "\r\n\x87\n") + box("uuid", "JpgTiffExif->JP2"+string(b)) + box("xml ", "<x exif:GPSLatitude='36'/>") + box("jp2c", "\xff\x4f"))
		})},
		{"PDF with words about it that tell where", "a.pdf", Neutralised, pdf(append(catalog(""), stream("/Type/Metadata/Subtype/XML/Filter/FlateDecode", string(zipped("<x exif:GPSLatitude='36,12N'/>"))))...)},
		{"PDF with EICAR in it", "a.pdf", Harmless, func(r *rand.Rand, _ int) []byte { return PDF(r, append(catalog(""), stream("", string(EICAR())))...) }},
		{"too large", "scan.pdf", Refused, func(r *rand.Rand, i int) []byte {
			if i > 1 {
				return noise(r, 100)
			}
			return append([]byte("%PDF-1.4\n"), make([]byte, 50<<20)...)
		}},
	}
	return list
}

// located makes PDFs with a picture that tells where it was taken, under filters
// and written as they say.
func located(filter string, write func([]byte) []byte) func(*rand.Rand, int) []byte {
	return func(r *rand.Rand, _ int) []byte {
		return PDF(r, "<</Type/Catalog/Pages 2 0 R>>", stream("/Type/XObject/Subtype/Image/Width 8/Height 8/Filter"+filter, string(write(Located(JPEG(r), 1)))))
	}
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// JPEG makes a small photo.
func JPEG(r *rand.Rand) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, picture(r), nil) // a buffer does not fail
	return b.Bytes()
}

// PNG makes a small picture.
func PNG(r *rand.Rand) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, picture(r))
	return b.Bytes()
}

func picture(r *rand.Rand) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 40+r.IntN(20), 30+r.IntN(20)))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	img.Set(0, 0, color.White)
	return img
}

func withSegment(jpg []byte, marker byte, body []byte) []byte {
	head := []byte{0xff, 0xd8, 0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}
	return append(append(head, body...), jpg[2:]...)
}

// Located gives a JPEG EXIF data with an orientation and a place in Aleppo.
func Located(jpg []byte, orientation int) []byte {
	var t bytes.Buffer
	t.WriteString("Exif\x00\x00II*\x00\x08\x00\x00\x00")
	le := binary.LittleEndian
	entry := func(tag, kind uint16, count, value uint32) {
		_ = binary.Write(&t, le, struct {
			Tag, Kind    uint16
			Count, Value uint32
		}{tag, kind, count, value})
	}
	_ = binary.Write(&t, le, uint16(2))
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x8825, 4, 1, 38)
	_ = binary.Write(&t, le, uint32(0))
	_ = binary.Write(&t, le, uint16(1))
	entry(2, 5, 3, 56)
	_ = binary.Write(&t, le, uint32(0))
	for _, v := range []uint32{36, 1, 12, 1, 7, 1} {
		_ = binary.Write(&t, le, v)
	}
	t.WriteString("GPS CANARY ALEPPO")
	return withSegment(jpg, 0xe1, t.Bytes())
}

// sized writes another size into the head of a JPEG.
func sized(jpg []byte, w, h int) []byte {
	i := bytes.Index(jpg, []byte("\xff\xc0"))
	binary.BigEndian.PutUint16(jpg[i+5:], uint16(h))
	binary.BigEndian.PutUint16(jpg[i+7:], uint16(w))
	return jpg
}

func chunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func withChunk(p []byte, name string, body []byte) []byte {
	return append(append(append([]byte(nil), p[:33]...), chunk(name, body)...), p[33:]...)
}

func pngSized(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
	b = append(b, chunk("IDAT", deflated(1<<20))...)
	return append(b, chunk("IEND", nil)...)
}

func deflated(n int64) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.CopyN(z, zeros{}, n)
	_ = z.Close()
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func gzipBomb() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.CopyN(z, zeros{}, 16<<20)
	_ = z.Close()
	return b.Bytes()
}

func zipBomb() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("a")
	_, _ = io.CopyN(w, zeros{}, 16<<20)
	_ = z.Close()
	return b.Bytes()
}

func packed(r *rand.Rand, files ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range files {
		w, _ := z.Create(name)
		_, _ = fmt.Fprintf(w, "<x>%d</x>", r.IntN(1e9))
	}
	_ = z.Close()
	return b.Bytes()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(data), dict, data)
}

func objectStream(dict, object string) string {
	data := "7 0 " + object
	return stream(fmt.Sprintf("%s/N 1/First 4/Filter/FlateDecode", dict), string(zipped(data)))
}

func objectStreamAt(text string, at int) string {
	head := fmt.Sprintf("7 %d ", at)
	return stream(fmt.Sprintf("/Type/ObjStm/N 1/First %d/Filter/FlateDecode", len(head)), string(zipped(head+text)))
}

func zipped(s string) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.Bytes()
}

// PDF writes a PDF of one page whose first object is the first given; the rest
// follow as objects 5, 6 and so on.
func PDF(r *rand.Rand, objects ...string) []byte {
	all := append([]string{objects[0], "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
		stream("", fmt.Sprintf("BT /F1 12 Tf 50 700 Td (Paper %d) Tj ET", r.IntN(1e9)))}, objects[1:]...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, body := range all {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}
