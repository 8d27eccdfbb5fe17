// Package rules holds the programme's rules as data: the kinds of fact that
// rules may read (facts.yaml) and, in folders, dated rule files with their
// sources and tests beside them. It holds no code that reads or judges them;
// internal/rulebook does that.
package rules

import "embed"

// Files are the rule files built into the binary; read them with
// rulebook.Load(rules.Files, ".").
//
//go:embed facts.yaml eligibility/*.yaml registration/gmc_*.yaml registration/gmc_*/*.yaml
var Files embed.FS

// Funding are the dated rates of the estimates; they are no rule sets, and
// funding.LoadRates reads them.
//
//go:embed funding/*.yaml
var Funding embed.FS

// Checks are the employment checks, training, reminders and bank holidays;
// onboarding.LoadRules reads them.
//
//go:embed checks/*.yaml
var Checks embed.FS

// Road are the durations and fees of the road to registration; they are no rule
// sets, and registration.NewRoad reads them.
//
//go:embed registration/durations.yaml funding/fees.yaml
var Road embed.FS

// Placement are the named tasks of people in post; they are no rule sets, and
// card.LoadRules reads them.
//
//go:embed placement/*.yaml
var Placement embed.FS

// Portfolio are the frameworks evidence is tagged with; they are no rule sets,
// and portfolio.LoadFrameworks reads them.
//
//go:embed portfolio/*.yaml
var Portfolio embed.FS
