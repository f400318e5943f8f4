package dashboards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// Gauges are told by the leader alone, or by each replica alike: so max, never sum, over replicas.
func ours(metric, matchers string) string {
	if matchers != "" {
		matchers += ","
	}
	return metric + "{" + matchers + `namespace=~"$namespace",cluster=~"$cluster"}`
}

func planned(matchers string) string {
	if matchers != "" {
		matchers += ","
	}
	return "max by (cluster, namespace, plan, phase) (" + ours("mtls_migration_steps", matchers+`plan=~"$plan"`) + ")"
}

func highest(by, of string) string { return "max by (" + by + ") (" + of + ")" }

// Migration tells how far plans are, and what they wait for.
func Migration() (dashboard.Dashboard, error) {
	done := `phase=~"LOCKED|EXEMPT"`
	gates := highest("cluster, namespace, gate, result", ours("mtls_migration_gates", ""))
	writes := "mtls_migration_policy_writes_seconds_count"
	return open("mtls-migration-plans", "mTLS migration / Plans",
		"How far the plans of mtls-migration are, what they wait for, and what was undone.", "now-7d",
		variable("cluster", "Cluster", "mtls_migration_leader", "cluster"),
		variable("namespace", "Namespace of the service", "mtls_migration_leader", "namespace"),
		variable("plan", "Plan", "mtls_migration_steps", "plan")).
		WithRow(dashboard.NewRowBuilder("Progress")).
		WithPanel(number(words{"Locked", "Steps of plans, namespaces and meshes, that are LOCKED or EXEMPT."},
			share, query{"(sum(" + planned(done) + ") or vector(0)) / sum(" + planned("") + ")", ""}, steps("orange", 1.0, "green"))).
		WithPanel(number(words{"Plans that run", "By the latest word of the service."},
			short, query{"sum(" + highest("cluster, namespace, phase", ours("mtls_migration_plans", `phase="RUNNING"`)) + ")", ""}, steps("blue"))).
		WithPanel(number(words{"Await approval", "Steps that wait for nothing but a person's consent."},
			short, query{"sum(" + planned(`phase="AWAITING_APPROVAL"`) + ") or vector(0)", ""}, steps("green", 1.0, "blue"))).
		WithPanel(number(words{"Blocked", "Steps in whose way a hazard or a gate stands."},
			short, query{"sum(" + planned(`phase="BLOCKED"`) + ") or vector(0)", ""}, steps("green", 1.0, "orange"))).
		WithPanel(number(words{"Undone or drifted", "Steps that were rolled back, or whose policy somebody changed after the lock."},
			short, query{"sum(" + planned(`phase=~"ROLLING_BACK|ROLLED_BACK|DRIFTED"`) + ") or vector(0)", ""}, steps("green", 1.0, "red"))).
		WithPanel(number(words{"Locked and unhealthy", "Steps under STRICT whose clients with a proxy are refused, or behind which pods without a proxy serve."},
			short, query{"sum(" + highest("cluster, namespace, cause", ours("mtls_migration_locked_unhealthy", "")) + ")", ""}, steps("green", 1.0, "red"))).
		WithPanel(stacked(words{"Steps by phase", "A step is a namespace of a plan, or the mesh. Waves show as edges: their namespaces move together."},
			short, query{"sum by (phase) (" + planned("") + ")", "{{phase}}"})).
		WithPanel(stacked(words{"Namespaces by posture", "Of the whole cluster, whether a plan knows them or not."},
			short, query{"sum by (posture) (" + highest("cluster, namespace, posture", ours("mtls_migration_namespaces", "")) + ")", "{{posture}}"})).
		WithPanel(bars(words{"Progress by plan", "Share of its steps that are LOCKED or EXEMPT."},
			share, query{"(sum by (plan) (" + planned(done) + ") or 0 * sum by (plan) (" + planned("") + ")) / sum by (plan) (" + planned("") + ")", "{{plan}}"}).Max(1)).
		WithPanel(stacked(words{"Plans by phase", "COMPLETED ones stay until they are cleaned up or deleted."},
			short, query{"sum by (phase) (" + highest("cluster, namespace, phase", ours("mtls_migration_plans", "")) + ")", "{{phase}}"})).
		WithRow(dashboard.NewRowBuilder("What waits")).
		WithPanel(bars(words{"Gates that hold now", "Steps of running plans by the gate that does not let them pass. GET /api/v1/plans/{plan}, waitingOn, says which and why."},
			short, query{`sum by (gate, result) (` + highest("cluster, namespace, gate, result", ours("mtls_migration_gates", `result!="PASS"`)) + `)`, "{{gate}} {{result}}"})).
		WithPanel(stacked(words{"Gates that hold over time", "FAIL is evidence against the lock; INCONCLUSIVE is missing evidence, and holds as well."},
			short, query{`sum by (gate, result) (` + gates + `) unless on (result) label_replace(vector(0), "result", "PASS", "", "")`, "{{gate}} {{result}}"})).
		WithPanel(lines(words{"Age of evidence", "Since Prometheus, dry runs and probes last told something that could be used. Gates do not pass on old evidence."},
			seconds, query{"min by (evidence) (" + ours("mtls_migration_evidence_age_seconds", "") + ") < +Inf", "{{evidence}}"})).
		WithPanel(stacked(words{"Connectivity", "Cells of the matrix by whether the latest probe ended as the policies predict. Unexpected ones mean that impact may be wrong, too."},
			short, query{"sum by (result) (" + highest("cluster, namespace, result", ours("mtls_migration_probe_cells", "")) + ")", "{{result}}"})).
		WithRow(dashboard.NewRowBuilder("Locks, undos and exceptions")).
		WithPanel(stacked(words{"Writes of policies", "PeerAuthentications written, by purpose and by what became of the write. Dry runs do not count."},
			"ops", query{sum("purpose, result", rate(ours(writes, `operation="write"`))), "{{purpose}} {{result}}"})).
		WithPanel(stacked(words{"Locked and unhealthy by cause", "clients_refused: a client with a proxy cannot get through. pods_uncaptured: a pod answers in plaintext behind a locked Service. exception_closed: an exception is not in force. evidence_lost: a client with a proxy was refused, and no later probe tells whether it still is."},
			short, query{"sum by (cause) (" + highest("cluster, namespace, cause", ours("mtls_migration_locked_unhealthy", "")) + ")", "{{cause}}"})).
		WithPanel(stacked(words{"Exceptions", "Ports that stay open by agreement, by their last day; expires_soon: within two weeks."},
			short, query{"sum by (state) (" + highest("cluster, namespace, state", ours("mtls_migration_exceptions", "")) + ")", "{{state}}"})).
		WithPanel(stacked(words{"Probes by outcome", "REFUSED is what STRICT shall do to clients without a proxy."},
			"ops", query{sum("outcome", rate(ours("mtls_migration_probes_total", ""))), "{{outcome}}"})).
		Build()
}
