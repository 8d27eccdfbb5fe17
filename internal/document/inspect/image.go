package inspect

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"slices"
	"strconv"

	"golang.org/x/image/webp"
)

const (
	jpegQuality = 88
	longestSide = 16_000
	damaged     = "The picture is damaged or did not arrive whole. Take the photo again."
)

// tooMuch tells in words when a picture of this size cannot be read in bounded
// memory; per is how many tenths of a byte a point of it takes.
func tooMuch(w, h, tenths, file int) string {
	if w <= 0 || h <= 0 {
		return damaged
	}
	if w > longestSide || h > longestSide || w*h/10*tenths+2*file > workBytes {
		return "The picture is too large: " + strconv.Itoa(w) + " by " + strconv.Itoa(h) + " points. Take the photo again in your phone's normal quality, or make a screenshot of it."
	}
	return ""
}

func checkJPEG(data []byte) Result {
	const media = "image/jpeg"
	head := readJPEG(data)
	if head.width == 0 || head.end == 0 {
		return refuse(media, damaged)
	}
	tenths := 10 * head.samples() // one byte a sample
	if head.progressive {
		tenths *= 5 // and four of its coefficient
	}
	if head.orientation > 1 {
		tenths += 5 * head.samples() // another copy, once the coefficients are gone
	}
	if words := tooMuch(head.width, head.height, tenths/10, len(data)); words != "" {
		return refuse(media, words)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return refuse(media, damaged)
	}
	r := Result{Type: media, Format: "jpeg", Cut: head.cut(len(data))}
	return encodeJPEG(r, turned(img, head.orientation))
}

func encodeJPEG(r Result, img image.Image) Result {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return refuse(r.Type, damaged)
	}
	r.Data, r.Width, r.Height = out.Bytes(), img.Bounds().Dx(), img.Bounds().Dy()
	return r
}

func checkPNG(data []byte) Result {
	const media = "image/png"
	cfg, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return refuse(media, damaged)
	}
	tenths := 40
	switch cfg.ColorModel {
	case color.GrayModel:
		tenths = 10
	case color.Gray16Model:
		tenths = 20
	case color.RGBA64Model, color.NRGBA64Model:
		tenths = 80
	default:
		if _, ok := cfg.ColorModel.(color.Palette); ok {
			tenths = 10
		}
	}
	if data[28] == 1 { // interlaced: a part is held twice
		tenths += tenths / 2
	}
	if words := tooMuch(cfg.Width, cfg.Height, tenths, len(data)); words != "" {
		return refuse(media, words)
	}
	cut, ok := pngCut(data)
	if !ok {
		return refuse(media, damaged)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return refuse(media, damaged)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img); err != nil {
		return refuse(media, damaged)
	}
	return Result{Type: media, Format: "png", Data: out.Bytes(), Width: cfg.Width, Height: cfg.Height, Cut: cut}
}

// pngCut walks the chunks of a PNG and says what writing it anew takes away.
func pngCut(data []byte) (cut []string, ok bool) {
	for at := 8; at+12 <= len(data); {
		size := int(binary.BigEndian.Uint32(data[at:]))
		name := string(data[at+4 : at+8])
		if size < 0 || size > len(data)-at-12 {
			return nil, false
		}
		body := data[at+8 : at+8+size]
		switch name {
		case "eXIf":
			cut = append(cut, CutMetadata)
			if _, located := readTIFF(body); located {
				cut = append(cut, CutLocation)
			}
		case "tEXt", "zTXt", "iTXt", "tIME":
			cut = append(cut, CutMetadata)
			if bytes.Contains(body, []byte("GPS")) {
				cut = append(cut, CutLocation)
			}
		}
		at += 12 + size
		if name == "IEND" {
			if at < len(data) {
				cut = append(cut, CutAfterEnd)
			}
			slices.Sort(cut)
			return slices.Compact(cut), true
		}
	}
	return nil, false
}

func checkWebP(data []byte) Result {
	const media = "image/webp"
	cfg, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return refuse(media, "This picture moves, or is damaged. Take a photo of the page with your phone, or make a screenshot of it, and add that.")
	}
	if words := tooMuch(cfg.Width, cfg.Height, 120, len(data)); words != "" {
		return refuse(media, words)
	}
	img, err := webp.Decode(bytes.NewReader(data))
	if err != nil {
		return refuse(media, damaged)
	}
	r := Result{Type: media, Format: "jpeg"}
	for name, body := range riff(data) {
		switch name {
		case "EXIF":
			r.Cut = append(r.Cut, CutMetadata)
			if _, located := readTIFF(bytes.TrimPrefix(body, []byte("Exif\x00\x00"))); located {
				r.Cut = append(r.Cut, CutLocation)
			}
		case "XMP ":
			r.Cut = append(r.Cut, CutMetadata)
			if bytes.Contains(body, []byte("GPS")) {
				r.Cut = append(r.Cut, CutLocation)
			}
		case "":
			r.Cut = append(r.Cut, CutAfterEnd)
		}
	}
	slices.Sort(r.Cut)
	r.Cut = slices.Compact(r.Cut)
	if _, plain := img.(*image.YCbCr); !plain { // may be see-through: put it on white
		flat := image.NewRGBA(img.Bounds())
		draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
		img = flat
	}
	return encodeJPEG(r, img)
}

// riff gives the chunks of a WebP by name, and "" for what follows its end.
func riff(data []byte) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		end := int(binary.LittleEndian.Uint32(data[4:])) + 8
		if end < len(data) && !yield("", data[end:]) {
			return
		}
		end = min(end, len(data))
		for at := 12; at+8 <= end; {
			size := int(binary.LittleEndian.Uint32(data[at+4:]))
			if size < 0 || size > end-at-8 {
				return
			}
			if !yield(string(data[at:at+4]), data[at+8:at+8+size]) {
				return
			}
			at += 8 + size + size&1
		}
	}
}

// turned gives the picture upright, as its orientation (1 to 8) asks.
func turned(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	swap := orientation >= 5
	switch src := img.(type) {
	case *image.Gray:
		w, h := src.Rect.Dx(), src.Rect.Dy()
		dst := image.NewGray(turnedRect(w, h, swap))
		turnPlane(dst.Pix, dst.Stride, src.Pix, src.Stride, w, h, orientation)
		return dst
	case *image.YCbCr:
		ratio, ok := turnedRatio(src.SubsampleRatio, swap)
		if !ok {
			break
		}
		w, h := src.Rect.Dx(), src.Rect.Dy()
		dst := image.NewYCbCr(turnedRect(w, h, swap), ratio)
		turnPlane(dst.Y, dst.YStride, src.Y, src.YStride, w, h, orientation)
		cw, ch := w, h
		if src.SubsampleRatio == image.YCbCrSubsampleRatio420 || src.SubsampleRatio == image.YCbCrSubsampleRatio422 {
			cw = (w + 1) / 2
		}
		if src.SubsampleRatio == image.YCbCrSubsampleRatio420 || src.SubsampleRatio == image.YCbCrSubsampleRatio440 {
			ch = (h + 1) / 2
		}
		turnPlane(dst.Cb, dst.CStride, src.Cb, src.CStride, cw, ch, orientation)
		turnPlane(dst.Cr, dst.CStride, src.Cr, src.CStride, cw, ch, orientation)
		return dst
	}
	return turnedView{img, orientation}
}

func turnedRect(w, h int, swap bool) image.Rectangle {
	if swap {
		w, h = h, w
	}
	return image.Rect(0, 0, w, h)
}

func turnedRatio(r image.YCbCrSubsampleRatio, swap bool) (image.YCbCrSubsampleRatio, bool) {
	switch r {
	case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420:
		return r, true
	case image.YCbCrSubsampleRatio422:
		if swap {
			return image.YCbCrSubsampleRatio440, true
		}
		return r, true
	case image.YCbCrSubsampleRatio440:
		if swap {
			return image.YCbCrSubsampleRatio422, true
		}
		return r, true
	}
	return r, false
}

// source is the point of the picture as stored that is shown at x, y.
func source(x, y, w, h, orientation int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

func turnPlane(dst []byte, dstStride int, src []byte, srcStride, w, h, orientation int) {
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	for y := range dh {
		row := dst[y*dstStride : y*dstStride+dw]
		for x := range row {
			sx, sy := source(x, y, w, h, orientation)
			row[x] = src[sy*srcStride+sx]
		}
	}
}

// turnedView turns a picture of a seldom kind point by point, without a copy.
type turnedView struct {
	image.Image
	orientation int
}

// Bounds gives the upright size.
func (v turnedView) Bounds() image.Rectangle {
	b := v.Image.Bounds()
	return turnedRect(b.Dx(), b.Dy(), v.orientation >= 5)
}

// At gives one point.
func (v turnedView) At(x, y int) color.Color {
	b := v.Image.Bounds()
	sx, sy := source(x, y, b.Dx(), b.Dy(), v.orientation)
	return v.Image.At(b.Min.X+sx, b.Min.Y+sy)
}
