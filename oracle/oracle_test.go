package oracle

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"istio.io/istio/pkg/log"
)

func TestMain(m *testing.M) {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	os.Exit(m.Run())
}

func TestSameSeedGivesSameBytes(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3, 4, 5} {
		first := answer(t, randomWorld(seed)).line(t)
		second := answer(t, randomWorld(seed)).line(t)
		if !bytes.Equal(first, second) {
			t.Errorf("seed %d:\n%s%s", seed, first, second)
		}
	}
}

// taskWorld is the mesh of Istio's Mutual TLS Migration task: httpbin and curl with sidecars in foo and bar, curl
// without one in legacy.
func taskWorld() *world {
	w := newWorld(0)
	w.addMeshConfig()
	w.addNamespace("istio-system", false)
	ip := 0
	run := func(namespace, app string, c capture) {
		ip++
		p := &pod{
			namespace: namespace, name: app, app: app, ip: "10.1.0." + string(rune('0'+ip)), capture: c,
			labels: map[string]string{"app": app}, ports: []port{{"http", 8080, "http"}},
		}
		if c.proxied() {
			p.labels["security.istio.io/tlsMode"] = "istio"
		}
		w.addPod(p)
	}
	for _, namespace := range []string{"foo", "bar"} {
		w.addNamespace(namespace, true)
		run(namespace, "httpbin", sidecar)
		run(namespace, "curl", sidecar)
		w.addService(&service{
			namespace: namespace, name: "httpbin", clusterIP: "10.96.0.1" + string(rune('0'+ip)), created: epoch,
			selector: map[string]string{"app": "httpbin"},
			ports:    []servicePort{{name: "http", number: 8000, protocol: "http", target: "8080"}},
		})
	}
	w.addNamespace("legacy", false)
	run("legacy", "curl", uncaptured)
	return w
}

func (w *world) addPolicy(namespace, name string, spec object) {
	w.add(securityAPI, "PeerAuthentication", metadata(namespace, name, epoch, object{}), object{"spec": spec})
}

func (w *world) addRule(namespace, name, created string, spec object) {
	w.add(networkingAPI, "DestinationRule", metadata(namespace, name, created, object{}), object{"spec": spec})
}

func mtlsMode(mode string) object { return object{"mtls": object{"mode": mode}} }

// TestMutualTLSMigrationTask walks through the task: its six calls, after each of its steps.
func TestMutualTLSMigrationTask(t *testing.T) {
	for name, step := range map[string]struct {
		change  func(*world)
		refused map[string]bool // calls that fail, as client namespace > server namespace
	}{
		"no policy": {func(*world) {}, nil},
		"foo is locked": {
			func(w *world) { w.addPolicy("foo", "default", mtlsMode("STRICT")) },
			map[string]bool{"legacy>foo": true},
		},
		"the mesh is locked": {
			func(w *world) { w.addPolicy("istio-system", "default", mtlsMode("STRICT")) },
			map[string]bool{"legacy>foo": true, "legacy>bar": true},
		},
		"a port stays open": {
			func(w *world) {
				w.addPolicy("foo", "default", mtlsMode("STRICT"))
				w.addPolicy("foo", "open", object{
					"selector":      object{"matchLabels": object{"app": "httpbin"}},
					"portLevelMtls": object{"8080": object{"mode": "PERMISSIVE"}},
				})
			},
			nil,
		},
		"a port of the service, not of the pod, stays open": {
			func(w *world) {
				w.addPolicy("foo", "default", mtlsMode("STRICT"))
				w.addPolicy("foo", "open", object{
					"selector":      object{"matchLabels": object{"app": "httpbin"}},
					"portLevelMtls": object{"8000": object{"mode": "PERMISSIVE"}},
				})
			},
			map[string]bool{"legacy>foo": true},
		},
		"a client's rule says DISABLE": {
			func(w *world) {
				w.addPolicy("foo", "default", mtlsMode("STRICT"))
				w.addRule("bar", "plain", epoch, object{
					"host":          "httpbin.foo.svc.cluster.local",
					"trafficPolicy": object{"tls": object{"mode": "DISABLE"}},
				})
			},
			map[string]bool{"legacy>foo": true, "bar>foo": true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := taskWorld()
			step.change(w)
			seen := 0
			for _, r := range answer(t, w).Reachability {
				if !strings.HasSuffix(r.From, "/curl") {
					continue
				}
				seen++
				call := namespaceOf(r.From) + ">" + namespaceOf(r.To)
				if got := r.Outcome == "REFUSED"; got != step.refused[call] {
					t.Errorf("%s: %s by %s", call, r.Outcome, r.ClientTLS)
				}
			}
			if seen != 6 {
				t.Errorf("%d calls, want 6", seen)
			}
		})
	}
}

func namespaceOf(key string) string {
	before, _, _ := strings.Cut(key, "/")
	return before
}
