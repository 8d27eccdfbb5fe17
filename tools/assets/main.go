// Command assets makes the browser's files: it takes what pages use of the
// design system from node_modules, leaves out the Frutiger fonts and the NHS
// logo (licensed marks), adds our own styles and script, and writes files
// under hashed names, with a manifest and licences, for package assets to
// embed. Run it by "make assets".
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// firstVisit is what styles and script of a first visit may weigh compressed,
// in bytes; it leaves 15 KB of the promised 60 KB for the page itself.
const firstVisit = 45 * 1024

func main() {
	root := flag.String("root", ".", "the project's folder, with node_modules and internal/web/assets")
	flag.Parse()
	if err := build(*root); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

type entry struct {
	File string `json:"file"`
	Type string `json:"type"`
}

// output collects the files before any is written, so that a failure leaves
// the folder as it was.
type output struct {
	files    map[string][]byte
	manifest map[string]entry
}

func build(root string) error {
	modules := filepath.Join(root, "node_modules")
	if _, err := os.Stat(modules); err != nil {
		return fmt.Errorf("node_modules is missing: run npm ci --ignore-scripts")
	}
	source := filepath.Join(root, "internal", "web", "assets", "src")
	out := &output{files: map[string][]byte{}, manifest: map[string]entry{}}
	if err := out.styles(modules, source); err != nil {
		return err
	}
	if err := out.scripts(root, modules, source); err != nil {
		return err
	}
	if err := out.favicon(source); err != nil {
		return err
	}
	if err := out.licences(modules); err != nil {
		return err
	}
	if err := out.weigh(); err != nil {
		return err
	}
	return out.write(filepath.Join(root, "internal", "web", "assets", "dist"))
}

// add stores content under a hashed name and gives its path on the site.
func (o *output) add(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	return o.put(name, hashed, content)
}

func (o *output) put(name, stored string, content []byte) string {
	o.files[stored] = content
	o.manifest[name] = entry{File: stored, Type: contentType(name)}
	return "/assets/" + stored
}

func contentType(name string) string {
	return map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
		".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	}[path.Ext(name)]
}

func (o *output) styles(modules, source string) error {
	var all bytes.Buffer
	for _, name := range []string{
		filepath.Join(modules, "nhsuk-frontend/dist/nhsuk/nhsuk-frontend.css"),
		filepath.Join(modules, "accessible-autocomplete/dist/accessible-autocomplete.min.css"),
		filepath.Join(source, "msw.css"),
		filepath.Join(source, "card.css"),
	} {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		all.Write(text)
		all.WriteString("\n")
	}
	css, err := prune(all.String())
	if err != nil {
		return err
	}
	css = strings.ReplaceAll(css, `"Frutiger W01", arial, sans-serif`, systemFonts)
	if css, err = o.icons(css, filepath.Join(modules, "nhsuk-frontend/dist/nhsuk")); err != nil {
		return err
	}
	small := api.Transform(css, api.TransformOptions{
		Loader: api.LoaderCSS, MinifyWhitespace: true, MinifySyntax: true, LegalComments: api.LegalCommentsNone,
	})
	if len(small.Errors) > 0 {
		return fmt.Errorf("styles: %s", small.Errors[0].Text)
	}
	for _, unwanted := range []string{"Frutiger", "http://", "https://", "url(/assets/images"} {
		if bytes.Contains(small.Code, []byte(unwanted)) {
			return fmt.Errorf("styles still hold %q", unwanted)
		}
	}
	o.add("msw.css", small.Code)
	return o.slim(source)
}

// slim is the style sheet of pages that must come quickly over a poor line:
// ours alone, without the design system.
func (o *output) slim(source string) error {
	var all []byte
	for _, name := range []string{"slim.css", "card.css"} {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return err
		}
		all = append(all, text...)
	}
	small := api.Transform(string(all), api.TransformOptions{Loader: api.LoaderCSS, MinifyWhitespace: true, MinifySyntax: true})
	if len(small.Errors) > 0 {
		return fmt.Errorf("slim styles: %s", small.Errors[0].Text)
	}
	o.add("slim.css", small.Code)
	return nil
}

func (o *output) scripts(root, modules, source string) error {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	result := api.Build(api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: filepath.Join(absolute, "internal/web/assets/src/msw.js"), OutputPath: "msw"}},
		AbsWorkingDir:       absolute,
		NodePaths:           []string{filepath.Join(absolute, "node_modules")},
		Bundle:              true, Splitting: true, Format: api.FormatESModule, Target: api.ES2020,
		MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true, LegalComments: api.LegalCommentsNone,
		Outdir: filepath.Join(absolute, "out"), EntryNames: "[name].[hash]", ChunkNames: "[name].[hash]",
	})
	if len(result.Errors) > 0 {
		e := result.Errors[0]
		if e.Location != nil {
			return fmt.Errorf("script: %s:%d: %s", e.Location.File, e.Location.Line, e.Text)
		}
		return fmt.Errorf("script: %s", e.Text)
	}
	for _, f := range result.OutputFiles {
		base := filepath.Base(f.Path)
		name, _, _ := strings.Cut(base, ".")
		plain := name + ".js"
		if _, taken := o.manifest[plain]; taken {
			plain = base
		}
		o.put(plain, base, f.Contents)
	}
	return nil
}

func (o *output) favicon(source string) error {
	text, err := os.ReadFile(filepath.Join(source, "favicon.svg"))
	if err != nil {
		return err
	}
	o.add("favicon.svg", text)
	return nil
}

// weigh refuses styles and script that are too heavy for a first visit.
func (o *output) weigh() error {
	total := 0
	for _, name := range []string{"msw.css", "msw.js"} {
		total += len(zipped(o.files[o.manifest[name].File]))
	}
	fmt.Printf("styles and script of a first visit: %.1f KB compressed\n", float64(total)/1024)
	if total > firstVisit {
		return fmt.Errorf("styles and script weigh %d bytes compressed, more than %d", total, firstVisit)
	}
	return nil
}

func zipped(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is right, so no error
	_, _ = w.Write(content)                               // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func (o *output) write(dir string) error {
	old, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range old {
		if f.Name() == ".gitignore" {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	for name, content := range o.files {
		if small := zipped(content); len(small) < len(content) {
			name, content = name+".gz", small
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	manifest, err := json.MarshalIndent(o.manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), append(manifest, '\n'), 0o644)
}
