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
	}
	return v
}

// reach asks for one client, one port of a service, and each endpoint but the client itself.
func (i *istio) reach(client *pod, s *service, sp servicePort) []reached {
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
	outcome := "REFUSED"
	if i.accepts(w, server, target, sp.protocol) {
		outcome = "OK"
	}
	return reached{
		From: client.key(), Service: s.key(), Subset: subset, Port: sp.number, To: server.key(), TargetPort: target,
		ClientTLS: w, Outcome: outcome,
	}
}

// reachSubsets asks the same for each subset cluster that the client's proxy has, and its endpoints.
func (i *istio) reachSubsets(client *pod, s *service, sp servicePort) []reached {
	from, captured := i.proxies[client.key()]
	if !captured {
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
