package oracle

import "testing"

const (
	earlier = "2026-02-01T00:00:00Z"
	later   = "2026-02-02T00:00:00Z"
)

// TestWhatIstioDoes pins what README.md says under that name: bar/curl calls httpbin.foo:8000 in the task's mesh.
func TestWhatIstioDoes(t *testing.T) {
	const host = "httpbin.foo.svc.cluster.local"
	tls := func(mode string) object { return object{"tls": object{"mode": mode}} }
	rule := func(host string, policy object) object { return object{"host": host, "trafficPolicy": policy} }
	with := func(spec object, key string, value any) object { spec[key] = value; return spec }
	nobody := object{"matchLabels": object{"app": "nobody"}}

	for name, c := range map[string]struct {
		change  func(*world)
		wire    wire
		outcome string
	}{
		"the oldest policy of a namespace counts though it is UNSET": {
			func(w *world) {
				w.addPolicy("foo", "a", object{})
				w.addPolicy("foo", "b", mtlsMode("DISABLE"))
			},
			istioMutual, "OK",
		},
		"a namespace that is DISABLE gets plaintext, whatever its workloads say": {
			func(w *world) {
				w.addPolicy("foo", "default", mtlsMode("DISABLE"))
				w.addPolicy("foo", "httpbin", with(mtlsMode("STRICT"), "selector", object{"matchLabels": object{"app": "httpbin"}}))
			},
			plaintext, "REFUSED",
		},
		"a workload that is DISABLE gets plaintext": {
			func(w *world) {
				w.addPolicy("foo", "httpbin", with(mtlsMode("DISABLE"), "selector", object{"matchLabels": object{"app": "httpbin"}}))
			},
			plaintext, "OK",
		},
		"a policy with a selector in the root namespace does nothing": {
			func(w *world) {
				w.addPolicy("istio-system", "all", with(mtlsMode("DISABLE"), "selector", object{"matchLabels": object{"app": "httpbin"}}))
			},
			istioMutual, "OK",
		},
		"rules with one exportTo merge: the older policy stays": {
			func(w *world) {
				w.addRule("foo", "b", earlier, rule(host, tls("DISABLE")))
				w.addRule("foo", "a", later, rule(host, tls("ISTIO_MUTUAL")))
			},
			plaintext, "OK",
		},
		"rules with different exportTo do not merge: the youngest counts": {
			func(w *world) {
				w.addRule("foo", "b", earlier, rule(host, tls("DISABLE")))
				w.addRule("foo", "a", later, with(rule(host, tls("ISTIO_MUTUAL")), "exportTo", []any{"*"}))
			},
			istioMutual, "OK",
		},
		"a rule for other workloads in the client's namespace hides the service's rule": {
			func(w *world) {
				w.addRule("foo", "plain", earlier, rule(host, tls("DISABLE")))
				w.addRule("bar", "other", earlier, with(rule(host, tls("SIMPLE")), "workloadSelector", nobody))
			},
			istioMutual, "OK",
		},
		"a rule with a selector swallows a private one without": {
			func(w *world) {
				w.addRule("bar", "other", earlier, with(rule(host, tls("SIMPLE")), "workloadSelector", nobody))
				w.addRule("bar", "plain", earlier, with(rule(host, tls("DISABLE")), "exportTo", []any{"."}))
			},
			istioMutual, "OK",
		},
		"a rule with a selector does not swallow one that is exported": {
			func(w *world) {
				w.addRule("bar", "other", earlier, with(rule(host, tls("SIMPLE")), "workloadSelector", nobody))
				w.addRule("bar", "plain", earlier, rule(host, tls("DISABLE")))
			},
			plaintext, "OK",
		},
		"a specific rule that is not exported hides a wildcard that is": {
			func(w *world) {
				w.addRule("foo", "secret", earlier, with(rule(host, tls("ISTIO_MUTUAL")), "exportTo", []any{"."}))
				w.addRule("foo", "elsewhere", later, with(rule(host, tls("SIMPLE")), "exportTo", []any{"legacy"}))
				w.addRule("foo", "wild", earlier, rule("*.foo.svc.cluster.local", tls("DISABLE")))
			},
			istioMutual, "OK",
		},
		"a rule that is exported further than an older one is merged into it and lost": {
			func(w *world) {
				w.addRule("foo", "narrow", earlier, with(rule(host, tls("SIMPLE")), "exportTo", []any{"legacy"}))
				w.addRule("foo", "wide", later, with(rule(host, tls("DISABLE")), "exportTo", []any{"legacy", "bar"}))
			},
			istioMutual, "OK",
		},
		"name.namespace is no host": {
			func(w *world) { w.addRule("bar", "short", earlier, rule("httpbin.foo", tls("DISABLE"))) },
			istioMutual, "OK",
		},
		"credentialName without workloadSelector is plaintext": {
			func(w *world) {
				w.addRule("bar", "tls", earlier, rule(host, object{"tls": object{"mode": "SIMPLE", "credentialName": "ca"}}))
			},
			plaintext, "OK",
		},
		"port settings without tls switch a rule's TLS off at the cluster and on at no endpoint": {
			func(w *world) {
				w.addRule("bar", "tls", earlier, rule(host, with(tls("SIMPLE"), "portLevelSettings", []any{
					object{"port": object{"number": 8000}, "connectionPool": object{"tcp": object{"maxConnections": 1}}},
				})))
			},
			plaintext, "OK",
		},
		"PASSTHROUGH does not ask the endpoint's mode": {
			func(w *world) {
				w.addPolicy("foo", "httpbin", with(mtlsMode("DISABLE"), "selector", object{"matchLabels": object{"app": "httpbin"}}))
				w.addRule("bar", "pass", earlier, rule(host, object{"loadBalancer": object{"simple": "PASSTHROUGH"}}))
			},
			istioMutual, "REFUSED",
		},
		"a hidden service is called in plaintext": {
			func(w *world) {
				w.addPolicy("foo", "default", mtlsMode("STRICT"))
				w.add(networkingAPI, "Sidecar", metadata("bar", "default", epoch, object{}),
					object{"spec": object{"egress": []any{object{"hosts": []any{"./*"}}}}})
			},
			plaintext, "REFUSED",
		},
		"TLS of one's own is refused even by a permissive server": {
			func(w *world) { w.addRule("bar", "tls", earlier, rule(host, tls("SIMPLE"))) },
			otherTLS, "REFUSED",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := taskWorld()
			c.change(w)
			for _, r := range answer(t, w).Reachability {
				if r.From == "bar/curl" && r.Service == "foo/httpbin" && (r.ClientTLS != c.wire || r.Outcome != c.outcome) {
					t.Errorf("%s %s, want %s %s", r.ClientTLS, r.Outcome, c.wire, c.outcome)
				}
			}
		})
	}
}
