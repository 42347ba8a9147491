# Everything a person runs. `make help` lists it.

# Where the stack listens and keeps its data. Change them on the command line:
#   make up HTTP_PORT=8000 DATA_DIR=/srv/openseer
HTTP_PORT ?= 3000
API_PORT ?= 8082
WORKER_PORT ?= 8081
# Empty: ./data, or /var/lib/openseer where root's PostgreSQL could not enter ./data.
DATA_DIR ?=
# How many seconds `make fuzz` takes.
TIME ?= 60
# How many workers `make scale-workers` runs.
N ?= 1
# How many runs `make chaos` makes, from seed FIRST on and JOBS at once; SEED=n makes that one alone.
SEEDS ?= 5
FIRST ?= 1
JOBS ?= 2
SEED ?=

export HTTP_PORT API_PORT WORKER_PORT DATA_DIR
BUILD := build/release
OPENSEER := $(BUILD)/openseer

.DEFAULT_GOAL := help
.PHONY: help up down restart status logs psql build test demo chaos bench fuzz fmt lint clean \
        db-up migrate-up migrate-down backend-up web-up scale-workers dev-full packages web

help: ## lists the targets
	@echo "usage: make TARGET [HTTP_PORT=3000] [API_PORT=8082] [WORKER_PORT=8081] [DATA_DIR=data] [N=1]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' Makefile

up: build ## installs, builds and starts everything in the background, and waits until it is healthy
	@scripts/stack up

down: ## stops everything: workers, control plane, PostgreSQL last
	@scripts/stack down

restart: build ## down, then up
	@scripts/stack down
	@scripts/stack up

status: ## what runs, and whether it is ready
	@scripts/stack status || true

logs: ## shows the log and follows it (Ctrl-C ends)
	@scripts/stack logs

psql: ## a psql on the stack's database
	@scripts/stack psql

build: packages web ## builds the binary, with the web UI inside, into build/release
	@scripts/build release

test: ## installs what tests need, builds, and runs every test and lint
	@scripts/test

demo: build ## a stack of its own with a few hundred monitors and 90 days behind them, in the foreground
	@scripts/build release bench_seed_past
	@scripts/demo

chaos: build ## injects faults into real clusters, by seed: SEEDS=100 [FIRST=1] [JOBS=2], or SEED=7
	@scripts/build release openseer chaos_clock
	@tests/chaos/chaos.py --openseer $(OPENSEER) $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS)) --keep

bench: build ## measures what a check costs, and checks per second end to end
	@scripts/install-packages bench
	@scripts/build release bench_programs
	@bench/probe.py --programs $(BUILD)/bench
	@bench/core.py --openseer $(OPENSEER) --programs $(BUILD)/bench
	@bench/precision.py --openseer $(OPENSEER) --programs $(BUILD)/bench
	@bench/end_to_end.py --openseer $(OPENSEER) --programs $(BUILD)/bench
	@bench/history.py --openseer $(OPENSEER) --programs $(BUILD)/bench --raw-days 3

fuzz: packages ## fuzzes what reads bytes from outside: make fuzz TIME=3600
	@scripts/build release fuzz_probe
	@mkdir -p $(BUILD)/fuzz
	@$(BUILD)/tests/fuzz/fuzz_probe -max_total_time=$(TIME) -max_len=4096 -timeout=10 -rss_limit_mb=1200 \
	  -print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz tests/fuzz/corpus

fmt: ## formats the C++
	@scripts/lint fmt

lint: packages ## checks formatting, layers, proto and TypeScript
	@scripts/web install
	@scripts/lint check

clean: ## removes everything that was built; never your data
	@scripts/stack running && { echo "it is running: make down first" >&2; exit 1; } || true
	rm -rf --one-file-system build web/out web/.next web/gen web/node_modules

db-up: build ## step by step: only the private PostgreSQL, in the background
	@scripts/stack db-up

migrate-up: build ## step by step: applies the missing migrations
	@scripts/stack migrate up

migrate-down: build ## step by step: takes the newest migration and its data back
	@scripts/stack migrate down

backend-up: build ## step by step: control plane and worker, HTTP on port 3001
	@scripts/stack backend-up

web-up: packages ## step by step: Next's development server on HTTP_PORT, in front of backend-up
	@scripts/web install
	@scripts/stack web-up

scale-workers: ## runs N workers beside the control plane: make scale-workers N=3
	@scripts/stack scale $(N)

dev-full: packages ## everything with live reload, in the foreground (Ctrl-C ends)
	@scripts/dev

packages:
	@scripts/install-packages build run

web: packages
	@scripts/web build
