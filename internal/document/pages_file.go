package document

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"strconv"

	"msw/internal/document/inspect"
	"msw/internal/problem"
	"msw/internal/web"
)

// sandbox goes with every file: even a program that ignores its type can do
// nothing with it in the name of this site.
const sandbox = "sandbox; default-src 'none'; frame-ancestors 'none'"

// picture shows a picture inside a page of msw: only one that we wrote anew
// ourselves, as exactly the type we wrote.
func (p *Pages) picture(r *web.Request) (web.Response, error) {
	o, err := p.s.Open(r.Context(), r.Call, r.PathValue("id"), r.PathValue("page"))
	if err != nil {
		return web.Response{}, err
	}
	if !o.Page.Format.Picture() {
		return web.Response{}, errors.Join(problem.Missing(), o.Close())
	}
	return web.Inline(o.Page.Format.MediaType(), o).With("Content-Security-Policy", sandbox).With("Cache-Control", "no-store"), nil
}

// file hands a page over as a file to save, never to show.
func (p *Pages) file(r *web.Request) (web.Response, error) {
	o, err := p.s.Open(r.Context(), r.Call, r.PathValue("id"), r.PathValue("page"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Download(o.Name, o.Page.Format.MediaType(), o).With("Content-Security-Policy", sandbox).With("Cache-Control", "no-store"), nil
}

// receive takes in one page from a form, as it comes.
func (p *Pages) receive(r *web.Request) (web.Response, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return web.Response{}, problem.Wrap(problem.Invalid, "What was sent could not be read. Go back and try again.", err)
	}
	name, sent, err := p.page(r, form)
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			errs[i].Name = "file"
		}
		return p.showPage(r, name, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/documents/"+r.PathValue("id"), said(sent)), nil
}

// page reads the form up to its file; the name stands before it.
func (p *Pages) page(r *web.Request, form *multipart.Reader) (name string, sent Sent, err error) {
	noFile := &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "file", Message: "Choose a photo or a PDF"}}}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return name, sent, noFile
		}
		if err != nil {
			return name, sent, problem.Wrap(problem.Invalid, "The file did not arrive whole. Try again.", err)
		}
		switch part.FormName() {
		case "name":
			text, err := io.ReadAll(io.LimitReader(part, 4*titleLength))
			if err != nil {
				return name, sent, problem.Wrap(problem.Invalid, "The form did not arrive whole. Try again.", err)
			}
			name = string(text)
		case "file":
			if part.FileName() == "" {
				return name, sent, noFile
			}
			sent, err = p.s.Receive(r.Context(), r.Call, r.PathValue("id"), name, part.FileName(), part)
			return name, sent, err
		}
	}
}

// said tells what became of a page that was sent.
func said(sent Sent) string {
	if sent.Again {
		return "This page was here already"
	}
	text := "Page " + strconv.Itoa(sent.Number) + " was added"
	for i, code := range sent.Cut {
		if text += " and "; i == 0 {
			text = text[:len(text)-len(" and ")] + ". We removed "
		}
		text += inspect.CutWords(code)
	}
	return text
}

type beginning struct {
	Name string `json:"name"`
	Page string `json:"page"`
	Size int64  `json:"size"`
}

func (p *Pages) begin(r *web.Request) (web.Response, error) {
	var b beginning
	if err := r.ReadJSON(&b); err != nil {
		return web.Response{}, err
	}
	up, err := p.s.Begin(r.Context(), r.Call, r.PathValue("id"), b.Page, b.Name, max(0, b.Size))
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(up), nil
}

func (p *Pages) progress(r *web.Request) (web.Response, error) {
	up, err := p.s.Progress(r.Context(), r.Call, r.PathValue("id"), r.PathValue("upload"))
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(up), nil
}

func (p *Pages) part(r *web.Request) (web.Response, error) {
	number, err := r.Int("number")
	if err != nil {
		return web.Response{}, err
	}
	var data bytes.Buffer
	if _, err := data.ReadFrom(io.LimitReader(r.Body, PartBytes+1)); err != nil {
		return web.Response{}, problem.Wrap(problem.Invalid, "This part did not arrive whole. Send it again.", err)
	}
	if err := p.s.Part(r.Context(), r.Call, r.PathValue("id"), r.PathValue("upload"), number, data.Bytes()); err != nil {
		return web.Response{}, err
	}
	return web.JSON(map[string]int{"number": number}), nil
}

func (p *Pages) finish(r *web.Request) (web.Response, error) {
	sent, err := p.s.Finish(r.Context(), r.Call, r.PathValue("id"), r.PathValue("upload"))
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(map[string]any{"page": sent.ID, "said": said(sent)}), nil
}
