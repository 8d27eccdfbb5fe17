package main

import "testing"

func TestPrune(t *testing.T) {
	tests := []struct{ name, css, want string }{
		{"kept", `.nhsuk-card{color:red}`, ".nhsuk-card {color:red}\n"},
		{"unused", `.nhsuk-hero{color:red}.nhsuk-hero__text:hover{color:red}`, ""},
		{"one of several", `.nhsuk-hero, .nhsuk-card:is(.a, .b){x:y}`, ".nhsuk-card:is(.a, .b) {x:y}\n"},
		{"longer name kept", `.nhsuk-codex{x:y}`, ".nhsuk-codex {x:y}\n"},
		{"empty media dropped", `@media print{.nhsuk-hero{x:y}}`, ""},
		{"media kept", `@media print{.nhsuk-hero{x:y}.a{x:y}}`, "@media print {\n.a {x:y}\n}\n"},
		{"fonts dropped", `@font-face{src:url("https://x")}.a{x:y}`, ".a {x:y}\n"},
		{"statement", `@charset "UTF-8";.a{x:y}`, "@charset \"UTF-8\";\n.a {x:y}\n"},
		{"comment and quoted brace", `/* { */.a::before{content:"}"}`, ".a::before {content:\"}\"}\n"},
		{"keyframes", `@keyframes k{from{x:y}to{x:z}}`, "@keyframes k {from{x:y}to{x:z}}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := prune(tt.css)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestPruneRefusesBrokenStyles(t *testing.T) {
	for _, css := range []string{`.a{x:y`, `.a{x:y}}`, `.a`} {
		if _, err := prune(css); err == nil {
			t.Errorf("%q was taken", css)
		}
	}
}
