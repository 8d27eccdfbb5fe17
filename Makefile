# Everything a newcomer or CI needs. `make help` prints the targets.
SHELL := /bin/bash
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
LDFLAGS := -s -w -X main.version=$(VERSION)
DIST := internal/web/assets/dist/manifest.json
ASSET_SOURCES := package-lock.json $(shell find tools/assets internal/web/assets/src -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz build assets generate check docs bench clean

help: ## print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: build ## build msw and serve a fictional programme, with one-click sign-in
	bin/msw demo $(ARGS)

test: assets ## install what tests need, then run every test on both engines
	scripts/test.sh

fuzz: assets ## run every fuzz test for a while (FUZZTIME=20s each)
	scripts/fuzz.sh $(or $(FUZZTIME),20s)

build: assets ## make bin/msw, one static file that needs nothing at run time
	@mkdir -p bin
	@GO='$(GO)' scripts/compile.sh bin/msw '$(LDFLAGS)'
	@scripts/size.sh bin/msw 40
	@scripts/linked.sh

assets: $(DIST) ## take the NHS design system from npm and make what the binary embeds

$(DIST): $(ASSET_SOURCES)
	scripts/need-node.sh
	npm ci --ignore-scripts --no-audit --no-fund
	cd tools && $(GO) run ./assets -root ..

generate: ## make Go from the pages' templates
	scripts/generate.sh

check: ## format, vet and architecture only: seconds
	scripts/check.sh

docs: ## write the generated documents anew
	$(GO) run ./cmd/msw docs docs

bench: build ## run the benchmarks beside their peers (bench/README.md)
	bench/run.sh

clean: ## remove what was built
	rm -rf bin node_modules internal/web/assets/dist/*
