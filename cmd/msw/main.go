// Command msw runs the Medical Support Worker programme. Everything it does is
// put together in internal/app.
package main

import (
	"os"

	"msw/internal/app"
)

// version is set when the program is built (see the Makefile).
var version = "unversioned"

func main() { os.Exit(app.Main(version, os.Args[1:], os.Stdout, os.Stderr)) }
