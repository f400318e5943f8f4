package dashboards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// mean is how long one took, of a summary.
func mean(by, metric, matchers string) string {
	return sum(by, rate(ours(metric+"_sum", matchers))) + " / " + sum(by, rate(ours(metric+"_count", matchers)))
}

// Health tells how the service itself is.
func Health() (dashboard.Dashboard, error) {
	leader := ours("mtls_migration_leader", "")
	known := "max by (instance) (" + ours("mtls_migration_facts_age_seconds", "") + ") < +Inf"
	ticks := "mtls_migration_ticks_seconds"
	queries := "mtls_migration_prometheus_queries_seconds"
	api := `uri=~"/api/v1/.*"`
	// The service's own processes: others export metrics of the JVM, too.
	with := func(metric, matchers string) string {
		return ours(metric, matchers) + " and on (instance, job) " + leader
	}
	return open("mtls-migration-health", "mTLS migration / Service health",
		"Replicas of mtls-migration: who leads, whether the loop turns, what Prometheus and probes say, and the JVM.", "now-6h",
		variable("cluster", "Cluster", "mtls_migration_leader", "cluster"),
		variable("namespace", "Namespace of the service", "mtls_migration_leader", "namespace")).
		WithRow(dashboard.NewRowBuilder("Replicas")).
		WithPanel(number(words{"Replicas", "That are scraped."}, short, query{"count(" + leader + ")", ""}, steps("red", 1.0, "green"))).
		WithPanel(number(words{"Leaders", "One acts. None for minutes, or two, is an alert."}, short,
			query{"sum(" + leader + ")", ""}, steps("red", 1.0, "green", 2.0, "red"))).
		WithPanel(number(words{"Know the cluster", "Replicas that have read each kind of objects once: the rest are not ready."}, short,
			query{"count(" + known + ") or vector(0)", ""}, steps("red", 1.0, "green"))).
		WithPanel(number(words{"Turns of the loop", "A second, of the leader."}, "ops",
			query{sum("", rate(ours(ticks+"_count", ""))), ""}, steps("red", 0.01, "green"))).
		WithPanel(number(words{"Queries that Prometheus answered", "Share of all, repetitions included. Nothing is locked without evidence."}, share,
			query{`(sum(` + rate(ours(queries+"_count", `result="ok"`)) + `) or vector(0)) / sum(` + rate(ours(queries+"_count", "")) + `)`, ""}, steps("red", 0.9, "orange", 0.99, "green"))).
		WithPanel(number(words{"Uptime", "Of the youngest replica."}, seconds,
			query{"min(" + with("process_uptime_seconds", "") + ")", ""}, steps("blue"))).
		WithPanel(states(words{"Who leads", "One strip is green at any time."}, query{"max by (instance) (" + leader + ")", "{{instance}}"}, steps("text", 1.0, "green"))).
		WithPanel(lines(words{"Oldest facts", "For how long a kind of objects has not been known to be complete, the five oldest. Plans hold on facts that are too old."}, seconds,
			query{"topk(5, max by (source) (" + ours("mtls_migration_facts_age_seconds", "") + " < +Inf))", "{{source}}"})).
		WithRow(dashboard.NewRowBuilder("Loop")).
		WithPanel(stacked(words{"Turns by outcome", "partial: some step failed and is tried again; died: the whole turn did; ledger_away: records could not be read, so nothing was decided."}, "ops",
			query{sum("outcome", rate(ours(ticks+"_count", ""))), "{{outcome}}"})).
		WithPanel(lines(words{"How long a turn takes", "The mean, and the longest of the latest minutes."}, seconds,
			query{mean("", ticks, ""), "mean"}, query{"max(" + ours(ticks+"_max", "") + ")", "longest"})).
		WithPanel(stacked(words{"Work", "What is under way, and what waits for a turn."}, short,
			query{"sum by (kind, state) (" + ours("mtls_migration_work", "") + ")", "{{kind}} {{state}}"})).
		WithPanel(lines(words{"How long a round of probes takes", "The mean."}, seconds,
			query{mean("kind", "mtls_migration_probe_rounds_seconds", ""), "{{kind}}"})).
		WithRow(dashboard.NewRowBuilder("Prometheus")).
		WithPanel(stacked(words{"Queries by result", "A second. What failed is tried again, and tells under GET /api/v1/traffic, gaps, why."}, "ops",
			query{sum("result", rate(ours(queries+"_count", ""))), "{{result}}"})).
		WithPanel(lines(words{"Slowest queries", "The mean of the five slowest, by their file in src/main/resources/promql."}, seconds,
			query{"topk(5, " + mean("query", queries, "") + ")", "{{query}}"})).
		WithPanel(lines(words{"How long a reading of evidence takes", "The mean, of the whole mesh."}, seconds,
			query{mean("evidence", "mtls_migration_evidence_readings_seconds", ""), "{{evidence}}"})).
		WithPanel(stacked(words{"Probes by outcome", "A second. Many that are SKIPPED mean that the service may not exec."}, "ops",
			query{sum("outcome", rate(ours("mtls_migration_probes_total", ""))), "{{outcome}}"})).
		WithRow(dashboard.NewRowBuilder("API")).
		WithPanel(stacked(words{"Calls by outcome", "Of the REST API, a second."}, perSec,
			query{sum("outcome", rate(ours("http_server_requests_seconds_count", api))), "{{outcome}}"})).
		WithPanel(lines(words{"Slowest operations", "The mean of the five slowest."}, seconds,
			query{"topk(5, " + mean("method, uri", "http_server_requests_seconds", api) + ")", "{{method}} {{uri}}"})).
		WithRow(dashboard.NewRowBuilder("JVM")).
		WithPanel(lines(words{"Memory", "Heap in use, and all that the JVM keeps for itself. The Deployment limits the whole pod; a native binary tells less."}, bytes,
			query{"sum by (instance, area) (" + with("jvm_memory_used_bytes", "") + ")", "{{instance}} {{area}}"},
			query{`sum by (instance) (` + with("jvm_memory_max_bytes", `area="heap"`) + `)`, "{{instance}} heap limit"})).
		WithPanel(lines(words{"CPU", "Of each replica's process: share of all cores that it sees."}, share,
			query{"max by (instance) (" + with("process_cpu_usage", "") + ")", "{{instance}}"})).
		WithPanel(lines(words{"Pauses of the garbage collector", "Share of the time."}, share,
			query{sum("instance", "("+rate(ours("jvm_gc_pause_seconds_sum", ""))+" and on (instance, job) "+leader+")"), "{{instance}}"})).
		WithPanel(lines(words{"Threads", "That live; those of virtual threads are few."}, short,
			query{"max by (instance) (" + with("jvm_threads_live_threads", "") + ")", "{{instance}}"})).
		Build()
}
