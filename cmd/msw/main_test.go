package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts call msw as a program of its own.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"msw": main}) }

func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
