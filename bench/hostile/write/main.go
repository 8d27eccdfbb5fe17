// Command write puts the hostile files into a folder, for `msw documents check`
// and for other programs to try.
//
//	go run ./bench/hostile/write FOLDER
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"msw/bench/hostile"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./bench/hostile/write FOLDER")
		os.Exit(2)
	}
	if err := os.MkdirAll(os.Args[1], 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	i := 0
	for f := range hostile.Each(1000) {
		name := f.Name
		if f.Kind == "name" { // the name itself is the attack: no folder takes it
			name = fmt.Sprintf("%04d-name.jpg", i)
		}
		if err := os.WriteFile(filepath.Join(os.Args[1], name), f.Data, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		i++
	}
	fmt.Println(i, "files")
}
