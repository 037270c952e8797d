# Two commands do everything on a fresh Debian 12 with a Swift toolchain: `make demo` and `make test`.
# Both install what they need first, with apt (as root or through sudo) and pip (in .venv).

SHELL := /bin/bash
CHECKS := --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help prerequisites build release test crash-test power-cut-test fault-test fuzz fuzz-quick soak demo demo-stop bench bench-quick bench-build format lint clean

help:
	@echo 'make demo [STUDY=folder] [KEEP=1]   a study crosses, and its report comes home'
	@echo '     [HELD=release|leave-out]       what becomes of images that may carry text in their pixels'
	@echo '     [DEMO_PATIENCE=240]            seconds until what has not come home is a failure'
	@echo 'make demo-stop                       ends what KEEP=1 left running'
	@echo 'make test                           all tests'
	@echo 'make crash-test [KILLS=500]          kills the daemon at each step, and nothing is lost'
	@echo 'make power-cut-test [CUTS=200]       cuts the power of its disk (needs root)'
	@echo 'make fault-test                      failing disks, dying workers, bad roads: the long ones too'
	@echo 'make fuzz [SECONDS=300]              nonsense for the C++ side, so long for each harness; fuzz-quick: a minute'
	@echo 'make soak [MINUTES=60]               load with faults; memory, files and threads must stay level'
	@echo 'make build, make release            .build/debug/antipode, .build/release/antipode'
	@echo 'make bench [ONLY="way line"]          how fast it is, beside storescp and Orthanc; bench-quick: three minutes'
	@echo 'make format, make lint              swift format with .swift-format'
	@echo 'make clean                          removes .build and demo-state'

prerequisites:
	@Scripts/prerequisites.sh

build: prerequisites
	swift build $(CHECKS)

# Swift's runtime is linked in, so that the binary runs where no toolchain is; docs/operations.md says what it needs.
release: prerequisites
	swift build -c release --static-swift-stdlib --product antipode $(CHECKS)
	Scripts/check-release

test: prerequisites
	Scripts/test

# docs/reliability.md says what they prove and how. SEED=n repeats a plan.
KILLS := 500
CUTS := 200
SEED :=

crash-test: build
	.venv/bin/python -W ignore Tests/Crash/crash.py --kills $(KILLS) $(if $(SEED),--seed $(SEED))

power-cut-test: build
	.venv/bin/python -W ignore Tests/Crash/power_cut.py --cuts $(CUTS) $(if $(SEED),--seed $(SEED))

fault-test: build
	ANTIPODE_BIN="$$(swift build --show-bin-path)/antipode" .venv/bin/python -m pytest \
		-m "fault or not fault" Tests/Path --fault

# Of each harness in Tests/Fuzz; HARNESSES="pixels acceptor" for some of them.
SECONDS := 300
HARNESSES :=

fuzz: prerequisites
	Tests/Fuzz/fuzz $(SECONDS) $(HARNESSES)

fuzz-quick: prerequisites
	Tests/Fuzz/fuzz quick $(HARNESSES)

MINUTES := 60

soak: build
	.venv/bin/python -W ignore Tests/Soak/soak.py --minutes $(MINUTES)

# STUDY is a folder of DICOM files of your own; HELD is what becomes of images that are held for a person; KEEP=1 leaves everything running and says how to look at it.
demo: prerequisites
	@STUDY='$(STUDY)' KEEP='$(KEEP)' HELD='$(HELD)' DEMO_PATIENCE='$(or $(DEMO_PATIENCE),240)' Scripts/demo

demo-stop:
	@.venv/bin/python Scripts/demo.py --stop

# A build of its own, so that it does not take turns with the debug build. See docs/performance.md.
bench-build: prerequisites
	swift build -c release --static-swift-stdlib --scratch-path .build-release --product antipode

# ONLY="receiving way" for some parts; the long line needs root.
ONLY :=

bench-quick: bench-build
	.venv/bin/python Benchmarks/run.py --quick $(if $(ONLY),--only $(ONLY))

bench: bench-build
	.venv/bin/python Benchmarks/run.py $(if $(ONLY),--only $(ONLY))

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

clean:
	rm -rf .build .build-release .build-fuzz demo-state
