// Package demo makes the fictional programme: invented people with realistic
// roads, delays, failures and leavers, written through the services in batched
// transactions, the same for the same seed.
//
// Nobody in it exists. It is not test data for one package and not a fixture of
// figures: every figure the demo shows is counted from these records. Only app
// imports it.
package demo
