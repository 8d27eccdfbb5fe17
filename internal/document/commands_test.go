package document

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"msw/bench/hostile"
	"msw/internal/cli"
)

const checkInOwnProcess = "MSW_TEST_CHECK"

// TestMain runs `msw documents check` in place of the tests when a test asks for
// it in a process of its own.
func TestMain(m *testing.M) {
	if files := os.Getenv(checkInOwnProcess); files != "" {
		code := cli.Run(context.Background(), cli.Options{Name: "msw", Out: os.Stdout, Err: os.Stderr, Args: append([]string{"check", "--json"}, strings.Split(files, "\n")...),
			Commands: []cli.Command{cli.Do("check", "Check.", &CheckCommand{})}})
		status, _ := os.ReadFile("/proc/self/status")
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "VmHWM:") {
				_, _ = os.Stderr.WriteString("peak " + strings.Fields(line)[1] + "\n")
			}
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// check gives what the command says, its exit code and the most memory it took, in KiB.
func check(t *testing.T, files ...string) (list []checked, code, peak int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), checkInOwnProcess+"="+strings.Join(files, "\n"))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), errs.String())
	}
	for line := range strings.Lines(errs.String()) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "peak "); ok {
			peak, _ = strconv.Atoi(n)
		}
	}
	return list, cmd.ProcessState.ExitCode(), peak
}

// The largest files that are read, and those that pretend to be larger, stay
// under 128 MiB each, the whole process counted.
func TestACheckTakesLittleMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("only Linux tells how much memory a process took")
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	want := map[string]string{}
	write := func(name, verdict string, data []byte) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		want[path] = verdict
	}
	smooth := image.NewRGBA(image.Rect(0, 0, 5500, 5500))
	for y := range 5500 {
		for x := range 5500 {
			smooth.SetRGBA(x, y, color.RGBA{uint8(x >> 5), uint8(y >> 5), uint8(x ^ y>>6), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, smooth, nil); err != nil {
		t.Fatal(err)
	}
	write("turned.jpg", "neutralised", hostile.Located(b.Bytes(), 6))
	b.Reset()
	if err := png.Encode(&b, smooth.SubImage(image.Rect(0, 0, 4000, 4000))); err != nil {
		t.Fatal(err)
	}
	write("screen.png", "accepted", b.Bytes())
	write("long.pdf", "accepted", hostile.PDF(r, "<</Type/Catalog/Pages 2 0 R>>", "<</Length 25000000>>\nstream\n"+strings.Repeat("q Q 1 0 0 1 0 0 cm\n\n", 25000000/20)+"\nendstream"))
	write("many.pdf", "refused", hostile.PDF(r, "<</Type/Catalog/Pages 2 0 R>>", "["+strings.Repeat("0 ", 10_000_000)+"]"))
	i := 0
	for f := range hostile.Each(230) {
		if strings.Contains(f.Kind, "bomb") || strings.Contains(f.Kind, "large") {
			write(strconv.Itoa(i)+".x", f.Want, f.Data)
		}
		i++
	}
	most := 0
	for path, verdict := range want {
		list, code, peak := check(t, path)
		if len(list) != 1 || string(list[0].Verdict) != verdict {
			t.Errorf("%s: %+v, not %s", path, list, verdict)
		}
		if (code == 1) != (verdict == "refused") {
			t.Errorf("%s: exit code %d", path, code)
		}
		if peak == 0 || peak > 128<<10 {
			t.Errorf("%s took %d KiB", filepath.Base(path), peak)
		}
		most = max(most, peak)
	}
	t.Logf("the most was %d KiB", most)
}

func TestCheckNamesFilesHarmlessly(t *testing.T) {
	for name, want := range map[string]string{
		"../../etc/passwd": "passwd", `..\a.jpg`: "a.jpg", "x\u202egpj.exe": "xgpj.exe", "\u2066\u2069": "", "a\r\nb": "ab", ".htaccess": "htaccess",
		"شهادة.jpg": "شهادة.jpg", strings.Repeat("é", 300): strings.Repeat("é", 100), "a\x00b\xff": "ab",
	} {
		if got := harmless(name); got != want {
			t.Errorf("%q: %q, not %q", name, got, want)
		}
	}
}
