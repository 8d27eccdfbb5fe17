package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"msw/internal/access"
	"msw/internal/document"
)

// ScannerNote is said where somebody could take the stand-in for a scanner.
const ScannerNote = "This demonstration has no scanner for harmful software. A stand-in only knows the EICAR test string. Pages drawn by the demonstration are not scanned."

// Scanner stands in for one in the demo: it knows nothing but the EICAR test
// string. It is never used where records are real.
type Scanner struct{}

// Scan reads everything and looks for the one string it knows.
func (Scanner) Scan(_ context.Context, r io.Reader) (string, error) {
	const most = 64 << 20
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return "", err
	}
	if len(data) > most {
		return "", errors.New("too long for the stand-in")
	}
	if bytes.Contains(data, []byte("EICAR-STANDARD-"+"ANTIVIRUS-TEST-FILE")) {
		return "Demo.Eicar.Test", nil
	}
	return "", nil
}

// papers gives the doctors one can be a few documents, drawn here.
func (l *loader) papers(ctx context.Context) error {
	if !l.Documents.Draws() {
		return nil // a test of other things makes the history in a store that is not the demo's
	}
	shared := certificate("Course photograph", "Year 6, ward round")
	for i, p := range l.personas {
		if !strings.HasPrefix(p.ID, "doctor") {
			continue
		}
		id, err := l.Doctors.OfAccount(ctx, p.Tenant, p.Account)
		if err != nil || id == "" {
			return err
		}
		call := l.on(0, l.o.Today.AddDays(-20+i%10))
		call.Actor = access.Actor{Account: p.Account, Tenant: p.Tenant, Doctor: id}
		full := p.ID == "doctor-applying" || p.ID == "doctor-in-checks"
		pages := []document.Drawn{certificate("Bachelor of Medicine", "Holder number "+fmt.Sprint(100+i), "front")}
		if full {
			pages = append(pages, certificate("Reverse side", "Stamp "+fmt.Sprint(100+i), "stamp"))
		}
		degree, err := l.Documents.AddDrawn(ctx, call, document.NewDocument{Doctor: id, Kind: "degree", Words: document.Words{Title: "MBBS certificate"}}, pages...)
		if err != nil {
			return err
		}
		if !full {
			continue
		}
		more := []struct {
			n     document.NewDocument
			pages []document.Drawn
		}{
			{document.NewDocument{Doctor: id, Kind: "translation", TranslationOf: degree.ID, Words: document.Words{Title: "Translation of the MBBS certificate", Language: "Arabic", Translator: "A fictional translator, 0117 496 0000", Certified: "Stamp of a fictional institute"}},
				[]document.Drawn{paperPDF("Translation of a fictional certificate", "Holder number "+fmt.Sprint(100+i))}},
			{document.NewDocument{Doctor: id, Kind: "right_to_work"}, []document.Drawn{certificate("Permission to work", "Reference "+fmt.Sprint(100+i))}},
			{document.NewDocument{Doctor: id, Kind: "course_photograph", Words: document.Words{Title: "With my year"}}, []document.Drawn{shared}},
		}
		for _, m := range more {
			call.Now = call.Now.Add(time.Minute)
			if _, err := l.Documents.AddDrawn(ctx, call, m.n, m.pages...); err != nil {
				return err
			}
		}
	}
	return nil
}

// certificate draws a paper that nobody can take for a real one.
func certificate(title, line string, name ...string) document.Drawn {
	const w, h, scale = 210, 150, 2
	small := image.NewGray(image.Rect(0, 0, w, h))
	for i := range small.Pix {
		small.Pix[i] = 250
	}
	for x := 4; x < w-4; x++ {
		small.SetGray(x, 4, color.Gray{})
		small.SetGray(x, h-5, color.Gray{})
	}
	for y := 4; y < h-4; y++ {
		small.SetGray(4, y, color.Gray{})
		small.SetGray(w-5, y, color.Gray{})
	}
	pen := font.Drawer{Dst: small, Src: image.Black, Face: basicfont.Face7x13}
	for i, text := range []string{"FICTIONAL", title, line, "Drawn by the demo.", "It proves nothing."} {
		pen.Dot = fixed.P(14, 30+22*i)
		pen.DrawString(text)
	}
	big := image.NewGray(image.Rect(0, 0, w*scale, h*scale))
	for y := range h * scale {
		row := big.Pix[y*big.Stride:]
		if y%scale != 0 {
			copy(row[:w*scale], big.Pix[(y-1)*big.Stride:])
			continue
		}
		for x := range w * scale {
			row[x] = small.Pix[y/scale*small.Stride+x/scale]
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, big); err != nil {
		panic(err) // only for impossible sizes
	}
	return document.Drawn{Name: strings.Join(name, ""), Format: document.PNG, Data: out.Bytes(), Width: w * scale, Height: h * scale}
}

// paperPDF writes a PDF of one page with a few lines.
func paperPDF(lines ...string) document.Drawn {
	text := "BT /F1 18 Tf 60 760 Td 26 TL (FICTIONAL, made by the demo) Tj T*"
	for _, line := range lines {
		text += " (" + line + ") Tj T*"
	}
	text += " ET"
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, body := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(text), text), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return document.Drawn{Format: document.PDF, Data: b.Bytes()}
}
