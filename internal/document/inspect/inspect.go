// Package inspect says what a file really is, by its content and never by its
// name, and makes of it what may be kept: pictures are decoded within limits and
// written anew without anything but the picture; PDFs are read whole, and
// refused when they could do anything but be read.
//
// It looks for no malware (a scanner does) and stores nothing. It works on bytes
// it is handed, in bounded memory and time; whoever calls it bounds their number.
package inspect

import (
	"bytes"
	"context"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Verdict is what becomes of a file.
type Verdict string

// The verdicts.
const (
	Accepted    Verdict = "accepted"    // kept, with nothing taken away
	Neutralised Verdict = "neutralised" // kept, without what Cut names
	Refused     Verdict = "refused"     // not kept; Reason says why and what to do
)

// What a check takes away, as codes.
const (
	CutLocation = "location"  // where the picture was taken
	CutMetadata = "metadata"  // what the camera or a program wrote about it
	CutAfterEnd = "after_end" // bytes behind the end of the picture or the PDF
)

// CutWords is a code as a person reads it.
func CutWords(code string) string {
	switch code {
	case CutLocation:
		return "where the photo was taken"
	case CutMetadata:
		return "what the camera or program wrote about it"
	case CutAfterEnd:
		return "hidden data after the end"
	}
	return code
}

// Result is what a check found and made.
type Result struct {
	Verdict       Verdict
	Type          string // by content, as a media type
	Reason        string // in plain words: why it was refused, or what was taken away
	Cut           []string
	Format        string // jpeg, png or pdf, of Data
	Data          []byte // what may be kept; none when refused
	Width, Height int
	Pages         int // of a PDF
}

// workBytes is how much memory one check may take besides the file itself; with
// the program around it a check stays under 128 MiB.
const workBytes = 72 << 20

// MostBytes is the largest file a check looks at, whatever a programme allows.
const MostBytes = 25 << 20

// Check says what becomes of a file. It may write into data.
func Check(ctx context.Context, data []byte) Result {
	switch {
	case len(data) == 0:
		return refuse("application/octet-stream", "The file is empty. Take the photo again, or choose another file.")
	case len(data) > MostBytes:
		return TooLarge()
	}
	kind := mimetype.Detect(data)
	media, _, _ := strings.Cut(kind.String(), ";")
	var r Result
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		r = checkJPEG(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		r = checkPNG(data)
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		r = checkWebP(data)
	case bytes.HasPrefix(data, []byte("%PDF-")):
		r = checkPDF(ctx, data)
	default:
		return refuse(media, other(media, kind))
	}
	if r.Verdict == Refused {
		return r
	}
	if r.Verdict = Accepted; len(r.Cut) > 0 {
		var words []string
		for _, code := range r.Cut {
			words = append(words, CutWords(code))
		}
		r.Verdict, r.Reason = Neutralised, "Taken away: "+strings.Join(words, ", ")+"."
	}
	return r
}

// TooLarge is the answer for a file that nobody needs to read.
func TooLarge() Result {
	return refuse("application/octet-stream", "The file is larger than 25 MB. Take a photo of each page instead, and add them one by one.")
}

func refuse(media, reason string) Result {
	return Result{Verdict: Refused, Type: media, Reason: reason}
}

const takePhoto = "Take a photo of each page, or save it as a PDF, and add that."

// other says why a file of a kind that is not taken is refused, and what to do.
func other(media string, kind *mimetype.MIME) string {
	is := func(types ...string) bool {
		for m := kind; m != nil; m = m.Parent() {
			for _, t := range types {
				if m.Is(t) {
					return true
				}
			}
		}
		return false
	}
	switch {
	case strings.HasPrefix(media, "image/hei"), media == "image/avif":
		return "This is a photo in a form that we cannot read (HEIC). On an iPhone, open Settings, Camera, Formats, choose Most Compatible and take the photo again. Or make a screenshot of the photo and add that."
	case is("image/svg+xml", "text/html", "application/xhtml+xml", "text/javascript"):
		return "This is a web page or a drawing that can run programs, not a picture of a document. " + takePhoto
	case is("application/x-ole-storage") || strings.HasPrefix(media, "application/vnd.openxmlformats") || strings.HasPrefix(media, "application/vnd.oasis") || strings.HasPrefix(media, "application/vnd.ms-") || is("text/rtf"):
		return "This is an office document. It can hold programs, so we do not take it. Open it, choose Print or Save as PDF, and add the PDF."
	case is("application/zip", "application/x-rar-compressed", "application/x-7z-compressed", "application/gzip", "application/x-tar"):
		return "This is a packed file. Unpack it and add the pages one by one."
	case strings.HasPrefix(media, "image/"):
		return "This kind of picture is not taken here. Take a photo of the page with your phone, or make a screenshot of it, and add that."
	case strings.HasPrefix(media, "video/"), strings.HasPrefix(media, "audio/"):
		return "This is a recording. " + takePhoto
	case is("application/x-executable", "application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary", "application/x-sharedlib"):
		return "This is a program, not a document. " + takePhoto
	}
	return "This is not a picture or a PDF, whatever its name says. " + takePhoto
}
