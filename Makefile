# What there is to do in this repository. "make" alone lists it.
#
# Works with GNU make 3.81, as macOS has it. The ten modules are never listed
# here: scripts/each-module.sh takes them from go.work.

.DEFAULT_GOAL := help
.NOTPARALLEL:

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

GOLANGCI_VERSION := v2.15.0
GOLANGCI := .tools/golangci-lint-$(GOLANGCI_VERSION)/golangci-lint

# The servers of deployments/compose.yaml that a test runs as processes; it
# compares these versions with the images there.
CADDY_VERSION := v2.11.9
NATS_VERSION := v2.15.2
VERSITYGW_VERSION := v1.8.0
SERVERS := .tools/caddy-$(CADDY_VERSION)/caddy .tools/nats-server-$(NATS_VERSION)/nats-server .tools/versitygw-$(VERSITYGW_VERSION)/versitygw

# What the tests render deployments/kubernetes with, and whose schemas they hold it against.
KUSTOMIZE_VERSION := v5.8.2
KUBERNETES_VERSION := v1.37.2
KEDA_VERSION := v2.21.0
GATEWAY_API_VERSION := v1.6.3
KUSTOMIZE := .tools/kustomize-$(KUSTOMIZE_VERSION)/kustomize
SCHEMAS := .tools/schemas/kubernetes-$(KUBERNETES_VERSION) .tools/schemas/keda-$(KEDA_VERSION) .tools/schemas/gateway-api-$(GATEWAY_API_VERSION)

# Where "make run" keeps its data and listens.
DATA ?= .data
LISTEN ?= 127.0.0.1:8080

# Real archives to test with; they are not part of the repository.
SAMPLES ?= ../shared/samples

each := ./scripts/each-module.sh

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##### Use

.PHONY: demo
demo: postgres build ## Set up, build, start, import a made-up archive, show the event, stop
	@./scripts/demo.sh

.PHONY: run
run: $(if $(USHER_DATABASE_URL),,postgres) build ## Build and serve until Ctrl-C (DATA=.data LISTEN=127.0.0.1:8080)
	@exec bin/usher up --data "$(DATA)" --listen "$(LISTEN)"

# -buildvcs=false: the version is in -X, and git refuses to tell it in a
# checkout of another user, which would fail the build.
.PHONY: build
build: ## Build bin/usher, the whole of Usher in one binary
	CGO_ENABLED=0 go build -buildvcs=false -ldflags '-X main.version=$(VERSION)' -o bin/usher ./services/standalone/cmd/usher

##### Test

# The tests of the whole come after the others: they start hundreds of processes, among
# which those of another package would wait.
.PHONY: test
test: postgres servers $(KUSTOMIZE) $(SCHEMAS) ## Run the tests (no C compiler needed; without "make faults")
	CGO_ENABLED=0 go test -parallel 8 -timeout 20m $$(go list work | grep -v /services/standalone)
	CGO_ENABLED=0 go test -parallel 8 -p 1 -timeout 40m -skip '$(faults)' ./services/standalone/...

# The tests of the whole start hundreds of processes, which with the race detector take
# three times as long; one of them is enough of it, with ten imports at once. The readers of
# archives and tables start nothing beside themselves: of their tests that one is watched
# which has several read at once. Of the stages' own packages nothing runs at once but by
# pkg/stage and pkg/broker, whose tests are watched.
#
# Hashing passwords goes unwatched: the blocks of a hash are seen by nobody else, and watching
# them was most of the time that the tests of accounts took. Vet runs with the linter.
calm := /pkg/(openevent|table|userlist)$$|/services/(event|people|schedule|media|notify|query)$$
unwatched := -gcflags=golang.org/x/crypto/argon2=-race=false -gcflags=golang.org/x/crypto/blowfish=-race=false
.PHONY: race
race: postgres servers ## Run the tests of every package, and one of the whole, with the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -vet=off $(unwatched) -parallel 8 -timeout 20m $$(go list work | grep -Ev '/services/standalone|$(calm)')
	CGO_ENABLED=1 go test -race -vet=off $(unwatched) -timeout 10m -run 'TestTenArchivesAtOnceStayApart|TestMediaIsFoundByManyAtOnce' ./services/standalone ./pkg/openevent
	CGO_ENABLED=1 go test -race -vet=off $(unwatched) -parallel 8 -timeout 10m -run 'Stream|Ticket|Heartbeat|AtOnce|OfManyWho' ./services/query
	CGO_ENABLED=0 go test -vet=off -parallel 8 -timeout 20m $$(go list work | grep -E '$(calm)')

# A few minutes, and not part of any other target.
faults := TestHostileFiles|TestTwin|TestStoreThatFails|TestRunMeasuresEveryTable|TestSoak
# What the other targets do with shorter outages and lists.
long := TestImportsWaitForADatabase|TestKillsInTheMiddleOfAList
.PHONY: faults
faults: postgres servers ## Hostile input, twins, failing stores, a minute without them, kills amid 100,000 rows; bench and soak in small
	CGO_ENABLED=0 go test -count=1 -timeout 20m -v -run '$(faults)' ./services/standalone ./services/standalone/internal/bench ./services/standalone/internal/chaos
	USHER_TEST_OUTAGE=60s USHER_TEST_ROWS=100000 CGO_ENABLED=0 go test -count=1 -timeout 20m -v -run '$(long)' ./services/standalone

.PHONY: test-whole
test-whole: postgres servers $(KUSTOMIZE) $(SCHEMAS) ## Run the tests of Usher as a whole: processes, kills, outages, the command line (without "make faults")
	CGO_ENABLED=0 go test -vet=off -parallel 8 -timeout 40m -skip '$(faults)' ./services/standalone/...

# A part of "make test-whole", for those who change the manifests.
.PHONY: manifests
manifests: $(KUSTOMIZE) $(SCHEMAS) ## Render the overlays of deployments/kubernetes and hold them against the schemas
	CGO_ENABLED=0 go test -vet=off ./services/standalone/internal/deployments

.PHONY: test-samples
test-samples: postgres ## Run the tests that read real archives (SAMPLES=../shared/samples)
	@SAMPLES='$(SAMPLES)' ./scripts/test-samples.sh

.PHONY: test-browser
test-browser: postgres ## Use the pages in a real Chromium (SAMPLES=../shared/samples; pictures go to .artifacts)
	@SAMPLES='$(SAMPLES)' ./scripts/test-browser.sh -skip TestPagesOf

.PHONY: screenshots
screenshots: postgres ## Take pictures of every page, wide and narrow, light and dark (they go to .artifacts)
	@SAMPLES= ./scripts/test-browser.sh -run TestPagesOf -v -timeout 30m
	@find .artifacts -name '*.png'

# Half an hour on two cores, and not part of any other target.
.PHONY: fuzz
fuzz: ## Feed the readers of archives made-up bytes (LONG=10m for zip and JSON each, SHORT=1m for each sort of value)
	@LONG='$(or $(LONG),10m)' SHORT='$(or $(SHORT),1m)' CORES='$(or $(CORES),2)' ./scripts/fuzz.sh

# Five minutes for each seed on two cores. A short form of it is one of the tests.
.PHONY: chaos
chaos: postgres build .tools/nats-server-$(NATS_VERSION)/nats-server ## Kill, freeze and restart everything at random under load (CHAOS='-seed 7 -seeds 10'; -h lists the flags)
	@CGO_ENABLED=0 go run -buildvcs=false ./services/standalone/cmd/chaos -usher bin/usher \
		-nats .tools/nats-server-$(NATS_VERSION)/nats-server $(CHAOS)

.PHONY: soak
soak: postgres build .tools/nats-server-$(NATS_VERSION)/nats-server ## Twenty minutes of steady load with restarts: is what it takes flat at the end? (SOAK='-for 1h'; -h lists the flags)
	@CGO_ENABLED=0 go run -buildvcs=false ./services/standalone/cmd/soak -usher bin/usher \
		-nats .tools/nats-server-$(NATS_VERSION)/nats-server $(SOAK)

# What is measured is the binary that "make build" makes, on a folder of its
# own that is removed again. BENCH takes the flags of the command.
.PHONY: bench
bench: postgres build ## Measure this machine: tables, and JSON by BENCH='-json FILE' (-h lists the flags)
	@CGO_ENABLED=0 go run -buildvcs=false ./services/standalone/cmd/bench -usher bin/usher $(BENCH)

##### Check

.PHONY: check
check: tidy-check check-mods lint race test-whole ## Everything that must hold before a change is merged

.PHONY: tidy
tidy: ## Bring the go.mod files in order
	go work sync
	$(each) go mod tidy

.PHONY: tidy-check
tidy-check: ## Fail where "make tidy" would change something
	@./scripts/check-tidy.sh

.PHONY: check-mods
check-mods: ## Fail where a module requires or imports what it must not
	@./scripts/check-mods.sh

.PHONY: lint
lint: $(GOLANGCI) ## Lint every module
	CGO_ENABLED=0 $(GOLANGCI) run $$(go list -m -f '{{.Dir}}/...')

# Built from their modules, like all else here; a minute each on two cores, once.
.PHONY: servers
servers: $(SERVERS) # what deployments/compose.yaml stands on must be there before its test

.tools/caddy-$(CADDY_VERSION)/caddy: module := github.com/caddyserver/caddy/v2/cmd/caddy@$(CADDY_VERSION)
.tools/nats-server-$(NATS_VERSION)/nats-server: module := github.com/nats-io/nats-server/v2@$(NATS_VERSION)
.tools/versitygw-$(VERSITYGW_VERSION)/versitygw: module := github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW_VERSION)

$(SERVERS):
	GOWORK=off GOFLAGS= CGO_ENABLED=0 GOBIN="$(CURDIR)/$(@D)" go install $(module)

$(KUSTOMIZE):
	GOWORK=off GOFLAGS= CGO_ENABLED=0 GOBIN="$(CURDIR)/$(@D)" go install sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_VERSION)

# Kubernetes has its own schemas in its module, KEDA and the Gateway API have theirs.
.tools/schemas/kubernetes-$(KUBERNETES_VERSION):
	@./scripts/module-files.sh k8s.io/kubernetes@$(KUBERNETES_VERSION) $@ \
		$(foreach group,api__v1 apis__apps__v1 apis__batch__v1 apis__networking.k8s.io__v1 apis__policy__v1,api/openapi-spec/v3/$(group)_openapi.json)

.tools/schemas/keda-$(KEDA_VERSION):
	@./scripts/module-files.sh github.com/kedacore/keda/v2@$(KEDA_VERSION) $@ \
		config/crd/bases/keda.sh_scaledobjects.yaml config/crd/bases/keda.sh_triggerauthentications.yaml

.tools/schemas/gateway-api-$(GATEWAY_API_VERSION):
	@./scripts/module-files.sh sigs.k8s.io/gateway-api@$(GATEWAY_API_VERSION) $@ \
		config/crd/standard/gateway.networking.k8s.io_httproutes.yaml

$(GOLANGCI):
	GOWORK=off GOFLAGS= GOBIN="$(CURDIR)/$(@D)" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

##### Housekeeping

.PHONY: deployments
deployments: ## Make those files of deployments/ that follow from the code
	CGO_ENABLED=0 go run -buildvcs=false ./services/standalone/cmd/deployments deployments

.PHONY: release-samples
release-samples: ## Keep samples of the messages and the list of migrations of a release (RELEASE=v0.2.0)
	@./scripts/release-samples.sh $(RELEASE)

.PHONY: documents
documents: ## Make the catalogue of issue codes and the example archive, which follow from the code
	CGO_ENABLED=0 go run -buildvcs=false ./services/standalone/cmd/documents .

.PHONY: postgres
postgres: # PostgreSQL's programs must be there before anything starts
	@./scripts/setup-postgres.sh

.PHONY: clean
clean: ## Remove what was built (not the data of "make run")
	rm -rf bin .tools .artifacts
