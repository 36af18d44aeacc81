# What can be done here; each target is a script of the same name in scripts/.
# CARGO_TARGET_DIR, where set, takes the place of target/.

.DEFAULT_GOAL := help
.PHONY: help run demo dev build test test-long fuzz lint e2e api-fuzz bench bench-long chaos pictures screenshots

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build the release, serve on 127.0.0.1:3000
demo: ## the same with a sample contact centre and simulated traffic, thrown away at the end
dev: ## serve a debug build; build again when a source changes
build: ## build the release
test: ## everything that must hold, with end-to-end tests in Chromium
test-long: ## the fuzzer for minutes, and properties with many more cases
fuzz: ## the fuzzer alone
lint: ## formatting and clippy, warnings as errors
e2e: ## the end-to-end tests alone
api-fuzz: ## the API against its document, asked much that it does not allow
bench: ## how fast a release is: rate, latency, memory, lists
bench-long: ## the same with 10,000,000 deliveries in the log
chaos: ## failures, injected into a release; what was lost, repeated, out of order
pictures: ## the pictures of README and docs, into docs/images
screenshots: ## pictures of every page into end2end/out/screenshots

run demo dev build test test-long fuzz lint e2e api-fuzz bench bench-long chaos pictures screenshots:
	@bash scripts/$@.sh
