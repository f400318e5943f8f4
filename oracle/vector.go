package oracle

import (
	"encoding/json"
	"strconv"
	"testing"

	"istio.io/istio/pilot/pkg/model"
)

// vector is a world and Istio's answers about it: one line of a file.
type vector struct {
	Seed uint64 `json:"seed"`
	// Without are places of objects of the seed's world that were left out.
	Without      []int     `json:"without,omitempty"`
	Objects      []object  `json:"objects"`
	Modes        []mode    `json:"modes"`
	Reachability []reached `json:"reachability"`
	// Subsets are the calls that a VirtualService would send to a subset of a DestinationRule.
	Subsets []reached `json:"subsets,omitempty"`
	// Entries are calls of captured clients to hosts of ServiceEntries that they know.
	Entries []called `json:"entries,omitempty"`

	features map[string]int
}

type mode struct {
	Pod   string            `json:"pod"`
	Mode  string            `json:"mode"`
	Ports map[string]string `json:"ports,omitempty"`
}

type reached struct {
	From       string `json:"from"`
	Service    string `json:"service"`
	Subset     string `json:"subset,omitempty"`
	Port       int    `json:"port"`
	To         string `json:"to"`
	TargetPort int    `json:"targetPort"`
	ClientTLS  wire   `json:"clientTls"`
	Outcome    string `json:"outcome"`
}

type called struct {
	From       string `json:"from"`
	Entry      string `json:"entry"`
	Host       string `json:"host"`
	Port       int    `json:"port"`
	To         string `json:"to"`
	TargetPort int    `json:"targetPort"`
	ClientTLS  wire   `json:"clientTls"`
	Outcome    string `json:"outcome"`
}

// answer asks Istio everything about a world.
func answer(t *testing.T, w *world) vector {
	t.Helper()
	i := newIstio(t, w)
	v := vector{Seed: w.seed, Objects: w.objects, Modes: []mode{}, Reachability: []reached{}, features: w.features}
	for _, p := range w.pods {
		if proxy, captured := i.proxies[p.key()]; captured {
			m := mode{Pod: p.key(), Mode: proxy.policy.Mode.String()}
			for number, perPort := range proxy.policy.PerPort {
				if m.Ports == nil {
					m.Ports = map[string]string{}
				}
				m.Ports[strconv.Itoa(int(number))] = perPort.String()
			}
			v.Modes = append(v.Modes, m)
			i.checkInbound(p)
		}
	}
	for _, client := range w.pods {
		for _, s := range w.services {
			for _, sp := range s.ports {
				v.Reachability = append(v.Reachability, i.reach(client, s, sp)...)
				v.Subsets = append(v.Subsets, i.reachSubsets(client, s, sp)...)
			}
		}
		for _, e := range w.entries {
			for _, name := range e.hosts {
				for _, p := range e.ports {
					v.Entries = append(v.Entries, i.call(client, e, name, p)...)
				}
			}
		}
	}
	return v
}

// reach asks for one client, one port of a service, and each endpoint but the client itself.
func (i *istio) reach(client *pod, s *service, sp servicePort) []reached {
	if i.taken(client, s) {
		return nil
	}
	var answers []reached
	for _, server := range i.world.pods {
		target, ok := sp.resolve(server)
		if server == client || !ok || !s.selects(server) {
			continue
		}
		w := i.wireOf(client, s, sp, server, target)
		answers = append(answers, i.reached(client, s, sp, "", server, target, w))
	}
	return answers
}

func (i *istio) reached(client *pod, s *service, sp servicePort, subset string, server *pod, target int, w wire) reached {
	return reached{
		From: client.key(), Service: s.key(), Subset: subset, Port: sp.number, To: server.key(), TargetPort: target,
		ClientTLS: w, Outcome: i.outcome(w, server, target, sp.protocol),
	}
}

func (i *istio) outcome(w wire, server *pod, target int, protocol string) string {
	if i.accepts(w, server, target, protocol) {
		return "OK"
	}
	return "REFUSED"
}

// call asks for a captured client that knows the entry by the host, one port, and each pod that it leads to, the client
// itself included.
func (i *istio) call(client *pod, e *entry, name string, p entryPort) []called {
	from, captured := i.proxies[client.key()]
	if !captured || !knows(from, e, name) {
		return nil
	}
	var answers []called
	for _, l := range e.leads(i.world, name, p) {
		if w, sent := i.wireOfEntry(from, e, name, p, l); sent {
			answers = append(answers, called{
				From: client.key(), Entry: e.key(), Host: name, Port: p.number, To: l.pod.key(), TargetPort: l.target,
				ClientTLS: w, Outcome: i.outcome(w, l.pod, l.target, p.protocol),
			})
		}
	}
	return answers
}

// reachSubsets asks the same for each subset cluster that the client's proxy has, and its endpoints.
func (i *istio) reachSubsets(client *pod, s *service, sp servicePort) []reached {
	from, captured := i.proxies[client.key()]
	if !captured || i.taken(client, s) {
		return nil
	}
	var answers []reached
	for _, subset := range []string{"v1", "v2"} {
		name := clusterName(s, sp, subset)
		c, found := from.clusters[name]
		if !found {
			continue
		}
		for _, server := range i.world.pods {
			target, ok := sp.resolve(server)
			if server == client || !ok || !s.selects(server) {
				continue
			}
			// An ORIGINAL_DST cluster does not choose endpoints: the subset's labels do not matter then.
			if ep := i.endpoint(from, name, server.ip, target); ep != nil {
				w := i.wireOfEndpoint(c, ep)
				answers = append(answers, i.reached(client, s, sp, subset, server, target, w))
			}
		}
	}
	return answers
}

// checkInbound holds Istio against itself: what the listeners of a pod take must follow from the mode, on
// every port, with or without a service.
func (i *istio) checkInbound(p *pod) {
	policy := i.proxies[p.key()].policy
	for _, c := range append([]port{{number: 7070}, {number: 7071}}, p.ports...) {
		if bypasses(p, c.number) {
			continue
		}
		m, perPort := policy.PerPort[uint32(c.number)]
		if !perPort {
			m = policy.Mode
		}
		want := map[wire]bool{
			plaintext:   m != model.MTLSStrict,
			istioMutual: m != model.MTLSDisable,
			otherTLS:    false,
		}
		for w, accepted := range want {
			if got := i.accepts(w, p, c.number, c.protocol); got != accepted {
				i.t.Errorf("%s:%d is %v, %s accepted: %v", p.key(), c.number, m, w, got)
			}
		}
	}
}

func (v vector) line(t *testing.T) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}
