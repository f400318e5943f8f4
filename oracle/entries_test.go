package oracle

import "testing"

// TestWhatIstioDoesWithServiceEntries pins what README.md says of them: bar/curl calls an entry that leads to the pod of
// httpbin.foo in the task's mesh, or that service itself.
func TestWhatIstioDoesWithServiceEntries(t *testing.T) {
	const (
		address = "10.1.0.1" // of foo/httpbin
		fqdn    = "httpbin.foo.svc.cluster.local"
	)
	marked := map[string]string{"security.istio.io/tlsMode": "istio"}
	static := func(namespace string, ep entryEndpoint) *entry {
		return &entry{
			namespace: namespace, name: "alias", hosts: []string{"alias.partner.example"}, addresses: []string{"10.97.0.1"},
			resolution: "STATIC", ports: []entryPort{{"http-web", 80, 8080, "http"}}, endpoints: []entryEndpoint{ep},
		}
	}
	to := func(labels map[string]string) entryEndpoint { return entryEndpoint{address: address, labels: labels} }
	disable := mtlsMode("DISABLE")

	for name, c := range map[string]struct {
		change func(*world)
		entry  string // host; "" for the service
		target int    // 0: it is not called at all
		wire   wire
	}{
		"an external entry is sent plaintext, whatever its endpoint says": {
			func(w *world) { w.addEntry(static("foo", to(marked)), "", nil, epoch) },
			"alias.partner.example", 8080, plaintext,
		},
		"a rule with ISTIO_MUTUAL goes before that": {
			func(w *world) {
				w.addEntry(static("foo", to(nil)), "", nil, epoch)
				w.addRule("foo", "alias", epoch, object{
					"host": "alias.partner.example", "trafficPolicy": object{"tls": object{"mode": "ISTIO_MUTUAL"}},
				})
			},
			"alias.partner.example", 8080, istioMutual,
		},
		"a written endpoint of an internal entry does not take its pod's label": {
			func(w *world) { w.addEntry(static("foo", to(nil)), "MESH_INTERNAL", nil, epoch) },
			"alias.partner.example", 8080, plaintext,
		},
		"a service account is as good as the label": {
			func(w *world) {
				w.addEntry(static("foo", entryEndpoint{address: address, serviceAccount: "httpbin"}), "MESH_INTERNAL", nil, epoch)
			},
			"alias.partner.example", 8080, istioMutual,
		},
		"the policy of the entry's namespace counts, not that of the pod's": {
			func(w *world) {
				w.addEntry(static("bar", to(marked)), "MESH_INTERNAL", nil, epoch)
				w.addPolicy("bar", "default", disable)
				w.addPolicy("foo", "default", mtlsMode("STRICT"))
			},
			"alias.partner.example", 8080, plaintext,
		},
		"the pod's policy is unknown to clients of a written endpoint": {
			func(w *world) {
				w.addEntry(static("foo", to(marked)), "MESH_INTERNAL", nil, epoch)
				w.addPolicy("foo", "w", object{"selector": object{"matchLabels": object{"app": "httpbin"}}, "mtls": object{"mode": "DISABLE"}})
			},
			"alias.partner.example", 8080, istioMutual,
		},
		"a container port of the same name goes before targetPort": {
			func(w *world) {
				e := static("foo", entryEndpoint{})
				e.endpoints, e.selector, e.ports[0] = nil, map[string]string{"app": "httpbin"}, entryPort{"http", 80, 9999, "http"}
				w.addEntry(e, "MESH_INTERNAL", nil, epoch)
			},
			"alias.partner.example", 8080, istioMutual,
		},
		"resolution NONE without endpoints is plaintext": {
			func(w *world) {
				e := static("foo", entryEndpoint{})
				e.endpoints, e.resolution, e.addresses, e.ports[0] = nil, "NONE", []string{address}, entryPort{"http-web", 8080, 0, "http"}
				w.addEntry(e, "MESH_INTERNAL", nil, epoch)
			},
			"alias.partner.example", 8080, plaintext,
		},
		"an endpoint under a service's host is the service's: external means nothing": {
			func(w *world) {
				e := static("foo", entryEndpoint{address: "10.1.0.2", labels: marked})
				e.hosts, e.ports[0] = []string{fqdn}, entryPort{"http", 8000, 8080, "http"}
				w.addEntry(e, "MESH_EXTERNAL", nil, epoch)
			},
			fqdn, 8080, istioMutual,
		},
		"an entry of another namespace does not take a service's host": {
			func(w *world) {
				e := static("legacy", to(nil))
				e.hosts, e.ports[0] = []string{fqdn}, entryPort{"http", 8000, 8080, "http"}
				w.addEntry(e, "MESH_EXTERNAL", nil, epoch)
			},
			"", 8080, istioMutual,
		},
		"but that of the client's own does, and the service is not called": {
			func(w *world) {
				e := static("bar", to(nil))
				e.hosts, e.ports[0] = []string{fqdn}, entryPort{"http", 8000, 8080, "http"}
				w.addEntry(e, "MESH_EXTERNAL", nil, epoch)
			},
			"", 0, plaintext,
		},
		"one endpoint that an entry adds silences a headless service": {
			func(w *world) {
				// Its own listener is for the pod's address, so that its port is the pod's.
				w.addService(&service{
					namespace: "foo", name: "db", clusterIP: "None", created: epoch, selector: map[string]string{"app": "httpbin"},
					ports: []servicePort{{name: "http", number: 8080, protocol: "http", target: "8080"}},
				})
				e := static("foo", entryEndpoint{address: "192.0.2.7"})
				e.hosts, e.ports[0] = []string{"db.foo.svc.cluster.local"}, entryPort{"http", 8080, 0, "http"}
				w.addEntry(e, "MESH_EXTERNAL", nil, epoch)
			},
			"headless", 8080, plaintext,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := taskWorld()
			c.change(w)
			v := answer(t, w)
			seen := 0
			for _, r := range v.Entries {
				if r.From == "bar/curl" && r.Host == c.entry {
					seen = r.TargetPort
					if r.ClientTLS != c.wire {
						t.Errorf("%s, want %s", r.ClientTLS, c.wire)
					}
				}
			}
			called := map[string]string{"": "foo/httpbin", "headless": "foo/db"}[c.entry]
			for _, r := range v.Reachability {
				if r.From == "bar/curl" && r.Service == called {
					seen = r.TargetPort
					if r.ClientTLS != c.wire {
						t.Errorf("%s, want %s", r.ClientTLS, c.wire)
					}
				}
			}
			if seen != c.target {
				t.Errorf("port %d is called, want %d", seen, c.target)
			}
		})
	}
}
