//go:build tools

// Package tools keeps what build.sh builds in go.mod.
package tools

import (
	_ "github.com/daveshanley/vacuum"
	_ "github.com/oasdiff/oasdiff"
	_ "github.com/tsenart/vegeta/v12"
)
