# Every target finds its own JDK (scripts/find-jdk.sh). `make MVN="nice scripts/mvn" test` puts something before Maven.

MVN ?= scripts/mvn
MAVEN := $(MVN) --batch-mode --no-transfer-progress
JDK = $$(scripts/find-jdk.sh)
# The phase that precedes tests. It is empty (COMPILE=) after make built: then nothing is written that other tests read, and
# several kinds of tests can run side by side.
COMPILE ?= test-compile
FAILSAFE = $(COMPILE) failsafe:integration-test failsafe:verify

# Folders are listed too: their time changes when a file goes away.
SOURCES := pom.xml $(shell find src/main 2>/dev/null)
RUN_JAR := target/quarkus-app/quarkus-run.jar
PACKAGED := target/.packaged
VECTORS := src/test/resources/vectors
WORLDS := 600

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

.PHONY: help
help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "ARGS go to the program, JVM_ARGS before it: make serve ARGS='--scenario DIR' JVM_ARGS=-Dquarkus.http.port=8081"

# What ARGS says replaces the plan.
.PHONY: run
run: ARGS ?= --plan docs/task/plan.json
run: serve ## The demo: builds what changed, starts the sandbox on http://127.0.0.1:8080 and Istio's task as a plan

.PHONY: serve
serve: $(PACKAGED) ## Builds what changed and starts the sandbox on http://127.0.0.1:8080, without a plan (ARGS=…, JVM_ARGS=…)
	@java_home="$(JDK)" && exec "$$java_home/bin/java" $(JVM_ARGS) -jar $(RUN_JAR) $(ARGS)

# KUBECONFIG and the current context say which; as who you are there, without a token, on loopback.
.PHONY: run-cluster
run-cluster: $(PACKAGED) ## Builds what changed and starts the service on http://127.0.0.1:8080 against your kubeconfig's cluster (ARGS=…)
	@java_home="$(JDK)" && exec "$$java_home/bin/java" $(JVM_ARGS) -jar $(RUN_JAR) --kubeconfig $(ARGS)

.PHONY: package
package: $(PACKAGED) ## Leaves target/quarkus-app/quarkus-run.jar, without running tests

$(PACKAGED): $(SOURCES)
	$(MAVEN) package -Dmaven.test.skip=true
	@touch $@

.PHONY: test
test: scripts-test verify ## All tests: scripts, format, units, architecture, integration

.PHONY: verify
verify: ## Format first, for it fails fastest; then ./mvnw verify: *Test, package, *IT
	$(MAVEN) spotless:check verify
	@touch $(PACKAGED)

# With -Ppage from the start, because another list of sources would compile all tests again. Without the cache, tests are only slower.
.PHONY: built
built: ## Checks the format, compiles all tests and packages, without running a test (PAGE_TESTS=true for the page's, too)
	$(MAVEN) $(if $(PAGE_TESTS),-Ppage) spotless:check package -DskipTests
	@touch $(PACKAGED)
	-scripts/aot-cache tests

.PHONY: units
units: ## The unit tests alone
	$(MAVEN) $(COMPILE) surefire:test

# generate-code-tests tells @QuarkusTest where the application's model is.
.PHONY: its
its: ## The integration tests that run Quarkus in their own JVM; IT=Class for one
	$(MAVEN) $(or $(COMPILE),quarkus:generate-code-tests) failsafe:integration-test failsafe:verify -DexcludedGroups=packaged \
	  $(if $(IT),-Dit.test=$(IT))

# Named one by one: of all others Quarkus would build each application, to find that it has no such tag; and it would do
# so in the folders in which the other integration tests build theirs.
.PHONY: packaged-test
packaged-test: $(PACKAGED) ## The integration tests that start the package (tag packaged); IT=Class for one
	$(MAVEN) $(FAILSAFE) -Dgroups=packaged -Dtests.kind=packaged -Dit.test=$(or $(IT),$(shell \
	  grep -rl '^@Tag("packaged")' src/test/java | sed 's|.*/||; s|[.]java$$||' | sort | paste -sd, -))

# The tests alone: what they start was packaged and built before.
.PHONY: e2e
e2e: $(PACKAGED) ## Against a real etcd and kube-apiserver, which are built at first (needs Go); E2E=Class for one
	binaries="$$(e2e/kubernetes/build.sh)" && $(MAVEN) -Pe2e $(FAILSAFE) \
	  -De2e.binaries="$$binaries" $(if $(E2E),-Dit.test='$(E2E)')

.PHONY: e2e-prometheus
e2e-prometheus: ## What is read from a real Prometheus, which is part of make e2e too (needs prometheus)
	$(MAVEN) -Pe2e $(FAILSAFE) -Dtests.kind=prometheus -Dit.test='Prometheus*E2E'

.PHONY: mesh-up
mesh-up: ## A real Kubernetes node with Istio and the task's workloads, in namespaces of its own (Linux, root, Go)
	e2e/mesh/up.sh

.PHONY: mesh-down
mesh-down: ## Ends that mesh, and undoes what it has changed of the machine
	e2e/mesh/down.sh

# The mesh stays up, for the next run: make mesh-down ends it.
.PHONY: e2e-mesh
e2e-mesh: mesh-up ## The service on that mesh, installed from k8s/ with the image that make image makes; E2E=Class for one, STRESS=4 beside as many busy loops (WorldsOnMesh: REAL=8 worlds, SEED=N)
	$(MAKE) image IMAGE=mtls-migration:mesh
	e2e/mesh/install.sh target/mtls-migration-image.tar
	programs="$$(e2e/mesh/build.sh)" && $(if $(STRESS),e2e/mesh/stress.sh $(STRESS)) $(MAVEN) -Pmesh $(FAILSAFE) \
	  -De2e.binaries="$$programs" $(if $(E2E),-Dit.test=$(E2E)) $(if $(REAL),-Dmesh.worlds=$(REAL)) \
	  $(if $(SEED),-Dmesh.seed=$(SEED))

.PHONY: scripts-test
scripts-test: ## Tests the shell scripts (with shellcheck where it is installed)
	@scripts/find-jdk-test.sh
	@scripts/guard-test
	@scripts/restore-plans-test
	@scripts/compare-builds-test
	@scripts/image-root-test
	@if command -v shellcheck >/dev/null; then shellcheck -x -P SCRIPTDIR .ci/run $(filter-out scripts/compare-builds,$(wildcard scripts/*)) src/main/cli/* e2e/*.sh e2e/*/*.sh contract/*.sh contract/*/*.sh clients/*.sh; else echo "shellcheck: not installed, skipped"; fi

.PHONY: promql-test
promql-test: ## Tests the queries in src/main/resources/promql, and the alerts, in Prometheus' own engine (needs promtool)
	scripts/promql-test

.PHONY: kit-test
kit-test: ## Tests what is installed beside the service: dashboards on series of a real mesh, the Helm chart, health scripts (needs Go)
	cd k8s/checks && CGO_ENABLED=0 go test -vet=off ./...

.PHONY: dashboards
dashboards: ## Writes the Grafana dashboards (k8s/components/grafana) from k8s/checks/dashboards (needs Go)
	cd k8s/checks && CGO_ENABLED=0 go test -vet=off -run TestDashboardsAreGenerated -update .

# The tests alone, against what was packaged before. SCREENSHOTS=docs/screenshots writes the pictures of the documentation.
.PHONY: page-test
page-test: $(PACKAGED) ## The page in a real browser (needs chromium); PAGE=Class for one, SCREENSHOTS=docs/screenshots for pictures
	$(MAVEN) -Ppage $(FAILSAFE) \
	  $(if $(SCREENSHOTS),-Dpage.screenshots=$(SCREENSHOTS)) $(if $(PAGE),-Dit.test=$(PAGE))

.PHONY: page-types
page-types: ## Writes the page's types of the API from openapi.yaml
	$(MAVEN) test -Dtest=PageTypesTest -Dpage.types.write=true

.PHONY: coverage
coverage: ## All tests with JaCoCo; the report lies in target/site/jacoco
	$(MAVEN) -Pcoverage verify

.PHONY: format
format: ## Formats all Java sources
	$(MAVEN) spotless:apply

.PHONY: openapi
openapi: $(PACKAGED) ## Writes openapi.yaml from the code
	cp target/openapi/openapi.yaml openapi.yaml

.PHONY: openapi-check
openapi-check: $(PACKAGED) ## Fails, with the difference, when openapi.yaml is not what the code says
	@diff -u openapi.yaml target/openapi/openapi.yaml \
	  || { echo "openapi.yaml is behind the code: run make openapi and commit it" >&2; exit 1; }
	@echo "openapi.yaml is what the code says"

.PHONY: openapi-lint
openapi-lint: $(PACKAGED) ## Lints the OpenAPI document with vacuum (needs Go, which builds it at first)
	contract/lint.sh

.PHONY: openapi-breaking
openapi-breaking: ## Fails when openapi.yaml could break a client of the last release; sees that it would (needs Go)
	contract/breaking-test.sh
	contract/breaking.sh

# With each release: what is promised from then on.
.PHONY: openapi-release
openapi-release: ## Makes openapi.yaml the document that later ones are compared with
	cp openapi.yaml contract/released.yaml

CLIENTS := java typescript python go
.PHONY: clients
clients: ## Generates clients from openapi.yaml into target/clients (CLIENTS="python go" for some)
	rm -rf $(CLIENTS:%=target/clients/%) target/clients/templates
	$(if $(filter java,$(CLIENTS)),clients/templates/java.sh)
	$(MAVEN) -Pclients $(CLIENTS:%=openapi-generator:generate@%)

.PHONY: clients-test
clients-test: $(PACKAGED) clients ## Compiles the generated clients and plays the task with each (needs Python; Go for Go's)
	clients/test.sh $(CLIENTS)

# SEED repeats a run, FUZZ_SECONDS bounds each of its two halves.
export SEED FUZZ_SECONDS EXAMPLES COMPILE
.PHONY: fuzz
fuzz: $(PACKAGED) ## Fuzzes the API with schemathesis, with and without a token (needs Python; SEED=1, FUZZ_SECONDS=60, EXAMPLES=25)
	contract/fuzz.sh

.PHONY: fuzz-parsers
fuzz-parsers: ## Fuzzes what reads foreign bytes with Jazzer, a minute each (FUZZ_SECONDS=60; TARGET=EnvoyLogFuzz for one)
	scripts/fuzz-parsers

.PHONY: crds
crds: ## Writes the custom resource definitions (k8s/base/crds) from their Java model
	$(MAVEN) test -Dtest=SchemasTest -Dcrds.write=true

.PHONY: crds-check
crds-check: ## Fails when k8s/base/crds is not what the Java model says (part of make test, too)
	$(MAVEN) test -Dtest=SchemasTest

NATIVE ?= $(firstword $(wildcard target/*-runner) target/mtls-migration-runner)
.PHONY: native
native: ## Builds a native binary, target/*-runner (needs GraalVM's native-image, a C compiler with zlib, 8 GB and a quarter of an hour)
	@scripts/native-needs
	$(MAVEN) -Pnative package -Dmaven.test.skip=true

# The tests alone, of what starts the packaged service as a process; NATIVE is any program that takes its arguments.
.PHONY: native-test
native-test: ## The tests of the packaged service against the native binary that make native has left (NATIVE=path, E2E=Class for one)
	@test -x "$(NATIVE)" || { echo "$(NATIVE) is missing: make native" >&2; exit 1; }
	$(MAVEN) $(FAILSAFE) -Dgroups=packaged -Dtests.kind=packaged \
	  -Dnative.image.path="$(abspath $(NATIVE))" $(if $(E2E),-Dit.test=$(E2E))

.PHONY: native-sources
native-sources: ## Checks that the application can be made native, on any JDK: lays target/native-sources, and looks what is registered
	$(MAVEN) -Pnative package -Dquarkus.native.sources-only=true -Dmaven.test.skip=true
	$(MAVEN) -q $(COMPILE) surefire:test -Dtest=NativeRegistrations

# Slow, since each service and command is recorded, and stops each process at its end; wants a HotSpot of 25 or newer. What
# is done on a cluster is looked up on a real API server alone.
LOOKUPS = $(MAVEN) -Dpackaged.record=$(CURDIR)/target/lookups
.PHONY: lookups-test
lookups-test: ## Records who looks up by name in what tests start, which a native binary may lack, and looks whether that is known (needs Go; E2E=Class)
	rm -rf target/lookups && mkdir -p target/lookups
	$(MAKE) packaged-test MAVEN='$(LOOKUPS)'
	$(MAKE) e2e MAVEN='$(LOOKUPS)' E2E='$(or $(E2E),*E2E,!Prometheus*E2E)'
	$(MAVEN) -q surefire:test -Dtest=Lookups

# IMAGE=name:tag; IMAGE_BASE=reference takes Java from a base image (its `java` must be in PATH).
IMAGE ?= mtls-migration:latest
ARCHITECTURE = $(subst aarch64,arm64,$(subst x86_64,amd64,$(shell uname -m)))
JIB = $(MAVEN) -Pimage$(1) jib:buildTar -Dimage.name=$(IMAGE) -Dimage.architecture=$(ARCHITECTURE) \
  -Dimage.revision="$$(git rev-parse HEAD 2>/dev/null || echo unknown)" $(if $(IMAGE_SOURCE),-Dimage.source=$(IMAGE_SOURCE))

# What goes with every copy: licences, and what it is made of.
PAPERS = scripts/bill target/bill/quarkus-run-cyclonedx.json && install -D -m 644 -t target/image/usr/share/doc/mtls-migration \
  LICENSE NOTICE target/bill/quarkus-run-cyclonedx.json

.PHONY: image
image: $(PACKAGED) ## An image as target/mtls-migration-image.tar, without a container engine (IMAGE=name:tag, IMAGE_BASE=…)
ifdef IMAGE_BASE
	rm -rf target/image && mkdir -p target/image
	$(PAPERS)
	$(call JIB) -Dimage.base=$(IMAGE_BASE) -Dimage.java=java
else
	scripts/image-root
	$(PAPERS)
	classes="$$(scripts/aot-cache image)" && $(call JIB) -Dimage.classes="$$classes" -Dimage.trim=60000
endif
	@echo "target/mtls-migration-image.tar holds $(IMAGE): docker load -i, podman load -i or ctr -n k8s.io images import"

.PHONY: image-test
image-test: ## The tests of the packaged service against the image that make image has left, without a container engine (needs root and jq; E2E=Class for one)
	scripts/image-program
	$(MAKE) native-test NATIVE=target/image-run/mtls-migration

# The same root without Java; src/main/docker/Dockerfile.native makes an image of it with a container engine.
.PHONY: image-native
image-native: $(PACKAGED) ## An image of the native binary as target/mtls-migration-native-image.tar (NATIVE=path, IMAGE=name:tag)
	@test -x "$(NATIVE)" || { echo "$(NATIVE) is missing: make native" >&2; exit 1; }
	scripts/image-root "$(NATIVE)"
	$(PAPERS)
	$(call JIB,$(COMMA)image-native)
	@echo "target/mtls-migration-native-image.tar holds $(IMAGE)"
COMMA := ,

.PHONY: release
release: ## Writes VERSION=x.y.z everywhere, commits, builds, tags (DRY_RUN=1 in a clone; REPOSITORY=registry/name pushes an image)
	@MAKE="$(MAKE)" scripts/release "$(VERSION)"

# What the manifests of a release name as its image.
IMAGE_REFERENCE ?= mtls-migration:$(RELEASED)
RELEASED = $(shell sed -n 's|^  <version>\(.*\)</version>$$|\1|p' pom.xml)
.PHONY: release-files
release-files: $(PACKAGED) ## What a release consists of beside its images, into target/release (IMAGE_REFERENCE=name:tag@digest; needs Go)
	scripts/release-files "$(RELEASED)" "$(IMAGE_REFERENCE)"

.PHONY: release-test
release-test: ## Lints the workflows, and plays a release and its images with stand-ins (needs Go)
	scripts/workflows-test
	scripts/release-test
	scripts/native-needs-test

.PHONY: reproducible
reproducible: ## Makes the files of a release twice from the committed state, and fails where they differ (needs Go, Python)
	MAKE="$(MAKE)" MVN="$(MVN)" scripts/reproducible

.PHONY: bench
bench: ## Runs the benchmarks in src/bench/java; ARGS go to JMH (-h lists them)
	$(MAVEN) -Pbench test-compile exec:exec -Dbench.args="$(ARGS)"

.PHONY: bench-build
bench-build: ## Compiles the benchmarks, which nothing else does
	$(MAVEN) -q -Pbench test-compile

# BENCH_KEEP=true: what is measured is committed as bench/history's next file.
BENCH_REPORT := target/bench-report
.PHONY: bench-report
bench-report: ## Measures the benchmarks quickly, as ratios and as bytes, and compares them with bench/history (BENCH_KEEP=true writes there)
	$(MAVEN) -Pbench test-compile exec:exec -Dbench.main=io.mtlsmigration.bench.BenchReport \
	  -Dbench.args="bench/history $(BENCH_REPORT) $$(git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || echo unknown)"
	$(if $(filter true,$(BENCH_KEEP)),cp "$$(ls $(BENCH_REPORT)/*.json | tail -1)" bench/history/)

# Ten thousand is what docs/deployment.md tells of; the API server then takes more than ten gigabytes.
NAMESPACES ?= 1000
.PHONY: cluster-bench
cluster-bench: $(PACKAGED) ## The service on a large cluster, generated on a real API server (NAMESPACES=1000; needs Go, and hey)
	rm -rf target/cluster-benchmark
	binaries="$$(e2e/kubernetes/build.sh)" && $(MAVEN) -Pbench test-compile exec:exec \
	  -Dbench.main=io.mtlsmigration.e2e.ClusterBenchmark -Dbench.jvm="-De2e.binaries=$$binaries" \
	  -Dbench.args="$(NAMESPACES) 100"

.PHONY: evidence-bench
evidence-bench: ## One reading of evidence from a real Prometheus (NAMESPACES=1000; needs Prometheus)
	rm -rf target/evidence-benchmark
	$(MAVEN) -Pbench test-compile exec:exec -Dbench.main=io.mtlsmigration.prometheus.EvidenceBenchmark \
	  -Dbench.args="$(NAMESPACES)"

.PHONY: load-bench
load-bench: $(PACKAGED) ## How often reads may come, and how fast events go, with the service on one core (NAMESPACES=1000; needs Go, two cores)
	rm -rf target/load-benchmark && mkdir -p target/load-benchmark
	tools="$$(contract/tools/build.sh vegeta)" && $(MAVEN) -Pbench test-compile exec:exec \
	  -Dbench.main=io.mtlsmigration.e2e.LoadBenchmark -Dbench.args="$$tools $(NAMESPACES)"

.PHONY: vectors
vectors: ## Asks Istio itself for the expected answers (needs Go) and writes them to src/test/resources/vectors
	oracle/generate.sh $(WORLDS) 1 $(VECTORS)

.PHONY: vectors-check
vectors-check: ## Fails, with the difference, when Istio answers otherwise than the vectors say (needs Go)
	rm -rf target/vectors
	cd oracle && CGO_ENABLED=0 go test -vet=off ./...
	oracle/generate.sh $(WORLDS) 1 target/vectors
	diff -r $(VECTORS) target/vectors

# A seed of the moment, which the test prints.
.PHONY: vectors-fresh
vectors-fresh: FRESH ?= 2000
vectors-fresh: ## Asks Istio about worlds that nobody has seen before (FRESH=2000, SEED=N; needs Go)
	$(MAVEN) -q test -Dtest=FreshIstioVectors -Dvectors.worlds=$(FRESH) -Dvectors.seed="$${SEED:-$$(date +%s)}"

# docs/simulation.md says what is drawn, and what has to hold.
.PHONY: simulate
simulate: SEEDS ?= 10000
simulate: ## Histories of the whole system in virtual time (SEEDS=10000, SEED=N for the first, SECONDS_OF=N at most; SEEDS=1 tells one; STORY=FILE)
	$(MAVEN) -q $(COMPILE) surefire:test -Dtest=SimulationRun -DtempDir=simulation-temp -Dsimulation.seeds=$(if $(STORY),1,$(SEEDS)) \
	  -Dsimulation.seed="$${SEED:-$$(date +%s)}" $(if $(SECONDS_OF),-Dsimulation.seconds=$(SECONDS_OF)) \
	  $(if $(STORY),-Dsimulation.story=$(STORY))

.PHONY: clean
clean: ## Removes everything that was built
	rm -rf target
