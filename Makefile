# Two commands do everything on a fresh Debian 12 with a Swift toolchain: `make demo` and `make test`.
# Both install what they need first, with apt (as root or through sudo) and pip (in .venv).

SHELL := /bin/bash
CHECKS := --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help prerequisites build release test demo demo-stop bench bench-quick bench-build format lint clean

help:
	@echo 'make demo [STUDY=folder] [KEEP=1]   a study crosses, and its report comes home'
	@echo 'make demo-stop                       ends what KEEP=1 left running'
	@echo 'make test                           all tests'
	@echo 'make build, make release            .build/debug/antipode, .build/release/antipode'
	@echo 'make bench-quick, make bench         how fast it is, beside storescp and Orthanc'
	@echo 'make format, make lint              swift format with .swift-format'
	@echo 'make clean                          removes .build and demo-state'

prerequisites:
	@Scripts/prerequisites.sh

build: prerequisites
	swift build $(CHECKS)

release: prerequisites
	swift build -c release $(CHECKS)

test: prerequisites
	Scripts/test

# STUDY is a folder of DICOM files of your own; KEEP=1 leaves everything running and says how to look at it.
demo: prerequisites
	@STUDY='$(STUDY)' KEEP='$(KEEP)' Scripts/demo

demo-stop:
	@.venv/bin/python Scripts/demo.py --stop

# A build of its own, so that it does not take turns with the debug build. See docs/performance.md.
bench-build: prerequisites
	swift build -c release --scratch-path .build-release --product antipode

bench-quick: bench-build
	.venv/bin/python Benchmarks/run.py --quick

bench: bench-build
	.venv/bin/python Benchmarks/run.py

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

clean:
	rm -rf .build .build-release demo-state
