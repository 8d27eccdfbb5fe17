package inspect

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// jpegHead is what the segments of a JPEG say.
type jpegHead struct {
	width, height, components int
	sampling                  []byte // of each component, horizontal and vertical in one byte
	progressive               bool
	orientation               int
	metadata, located         bool
	end                       int // where the picture ends
}

// samples is how many samples ten points have.
func (h jpegHead) samples() int {
	most, sum := 1, 0
	for _, s := range h.sampling {
		most = max(most, int(s>>4)*int(s&15))
		sum += int(s>>4) * int(s&15)
	}
	return max(10, (10*sum+most-1)/most)
}

func (h jpegHead) cut(size int) []string {
	var cut []string
	if h.located {
		cut = append(cut, CutLocation)
	}
	if h.metadata {
		cut = append(cut, CutMetadata)
	}
	if h.end < size {
		cut = append(cut, CutAfterEnd)
	}
	slices.Sort(cut)
	return cut
}

// readJPEG walks the segments of a JPEG. What cannot be followed leaves end 0.
func readJPEG(data []byte) (h jpegHead) {
	for s := range segments(data) {
		switch {
		case s.marker == 0xd9:
			h.end = s.at + 2
			return h
		case s.marker == 0xc4 || s.marker == 0xc8 || s.marker == 0xcc:
		case s.marker >= 0xc0 && s.marker <= 0xcf && len(s.body) >= 6:
			h.progressive = s.marker == 0xc2
			h.height, h.width = int(binary.BigEndian.Uint16(s.body[1:])), int(binary.BigEndian.Uint16(s.body[3:]))
			h.components = int(s.body[5])
			h.sampling = nil
			for i := range h.components {
				if 7+3*i < len(s.body) {
					h.sampling = append(h.sampling, s.body[7+3*i])
				}
			}
		case s.marker == 0xe1:
			h.metadata = true
			if tiff, ok := bytes.CutPrefix(s.body, []byte("Exif\x00\x00")); ok {
				turn, located := readTIFF(tiff)
				h.located = h.located || located
				if h.orientation == 0 {
					h.orientation = turn
				}
			}
			h.located = h.located || bytes.Contains(s.body, []byte("GPSL")) // as XMP writes it
		case s.marker == 0xed || s.marker == 0xfe:
			h.metadata = true
		}
	}
	return h
}

// segment is one part of a JPEG; at is where its marker stands.
type segment struct {
	marker byte
	at     int
	body   []byte
}

// segments walks a JPEG's segments, past the picture's own data, to its end.
func segments(data []byte) func(yield func(segment) bool) {
	return func(yield func(segment) bool) {
		for at := 2; at+2 <= len(data); {
			if data[at] != 0xff {
				next := bytes.IndexByte(data[at:], 0xff) // the picture's own data
				if next < 0 {
					return
				}
				at += next
				continue
			}
			marker := data[at+1]
			switch {
			case marker == 0xff:
				at++
			case marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd8:
				at += 2
			case marker == 0xd9:
				yield(segment{marker: marker, at: at})
				return
			default:
				if at+4 > len(data) {
					return
				}
				size := int(binary.BigEndian.Uint16(data[at+2:]))
				if size < 2 || at+2+size > len(data) {
					return
				}
				if !yield(segment{marker, at, data[at+4 : at+2+size]}) {
					return
				}
				at += 2 + size
			}
		}
	}
}

// readTIFF reads of EXIF data which way up the picture is, and whether it says
// where it was taken.
func readTIFF(b []byte) (orientation int, located bool) {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case len(b) < 8:
		return 0, false
	case string(b[:2]) == "II":
		order = binary.LittleEndian
	case string(b[:2]) != "MM":
		return 0, false
	}
	at := int(order.Uint32(b[4:]))
	if at < 8 || at+2 > len(b) {
		return 0, false
	}
	count := int(order.Uint16(b[at:]))
	for i := range count {
		e := at + 2 + 12*i
		if e+12 > len(b) {
			break
		}
		switch order.Uint16(b[e:]) {
		case 0x0112:
			if v := int(order.Uint16(b[e+8:])); v >= 1 && v <= 8 {
				orientation = v
			}
		case 0x8825:
			located = true
		}
	}
	return orientation, located
}

// blank overwrites, at the same length, all of a JPEG that lies inside something
// else but the picture: what a camera wrote, and what follows the end.
func blank(data []byte) (cut []string) {
	for s := range segments(data) {
		switch {
		case s.marker == 0xd9:
			if rest := data[s.at+2:]; len(bytes.Trim(rest, "\x00\r\n ")) > 0 { // such as a second photo with its own place
				cut = append(cut, CutAfterEnd)
				clear(rest)
			}
			continue
		case s.marker == 0xee || s.marker == 0xe0, s.marker == 0xe2 && bytes.HasPrefix(s.body, []byte("ICC_PROFILE\x00")): // how to show it
			continue
		case s.marker < 0xe1 || s.marker > 0xef && s.marker != 0xfe, len(bytes.Trim(s.body, "\x00")) == 0:
			continue
		}
		cut = append(cut, CutMetadata)
		tiff, exif := bytes.CutPrefix(s.body, []byte("Exif\x00\x00"))
		if _, located := readTIFF(tiff); exif && located || bytes.Contains(s.body, []byte("GPSL")) {
			cut = append(cut, CutLocation)
		}
		clear(s.body)
	}
	return cut
}

// blankBoxes does the same for a JPEG 2000: its boxes of words about the picture
// become free room.
func blankBoxes(data []byte) (cut []string) {
	for at := 0; at+8 <= len(data); {
		size, head := uint64(binary.BigEndian.Uint32(data[at:])), 8
		switch {
		case size == 0:
			size = uint64(len(data) - at)
		case size == 1 && at+16 <= len(data):
			size, head = binary.BigEndian.Uint64(data[at+8:]), 16
		}
		if size < uint64(head) || size > uint64(len(data)-at) {
			return cut
		}
		switch string(data[at+4 : at+8]) {
		case "uuid", "xml ", "uinf":
			cut = append(cut, CutMetadata)
			copy(data[at+4:], "free")
			clear(data[at+head : at+int(size)])
		}
		at += int(size)
	}
	return cut
}
