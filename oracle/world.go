package oracle

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// world is a small cluster: its objects, and the parts of them that the questions are made from.
type world struct {
	seed          uint64
	rootNamespace string
	autoMTLS      bool
	spellOut      bool // write defaults into the mesh configuration
	meshYAML      string

	serviceExportTo string // defaultServiceExportTo, defaultDestinationRuleExportTo: YAML lists; empty = left out
	ruleExportTo    string

	objects  []object
	pods     []*pod
	services []*service
	entries  []*entry
	features map[string]int
	uids     int
}

func newWorld(seed uint64) *world {
	return &world{seed: seed, rootNamespace: "istio-system", autoMTLS: true, features: map[string]int{}}
}

// apart has the namespaces of a world named after its seed, so that a cluster which has other ones can take it.
var apart bool

// dice draws a world. The same seed always gives the same world (math/rand/v2's PCG is a fixed algorithm).
type dice struct {
	*rand.Rand
	*world
	namespaces []string // of applications, and the root namespace when something runs there
	apps       []*app
	ips        int
	names      map[string]int
}

// app is a set of pods with one label `app`; its versions may differ in capture and in port numbers.
type app struct {
	namespace, name string
	pods            []*pod
}

func (d *dice) chance(percent int) bool { return d.IntN(100) < percent }

func (d *dice) note(feature string) { d.features[feature]++ }

func pick[T any](d *dice, from ...T) T { return from[d.IntN(len(from))] }

// weigh picks an index with the given weights.
func (d *dice) weigh(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := d.IntN(sum)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	panic("unreachable")
}

// moment draws from few values, so that ties are frequent.
func (d *dice) moment() string { return fmt.Sprintf("2026-01-0%dT00:00:00Z", 2+d.IntN(3)) }

// name makes a name that is unique in the world and whose order does not follow that of creation.
func (d *dice) name(stem string) string {
	for {
		n := fmt.Sprintf("%s-%c%c", stem, 'a'+d.IntN(26), 'a'+d.IntN(26))
		if d.names[n]++; d.names[n] == 1 {
			return n
		}
	}
}

func (d *dice) ip() string {
	d.ips++
	return fmt.Sprintf("10.1.0.%d", d.ips)
}

// randomWorld draws the world of a seed.
func randomWorld(seed uint64) *world {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 0x6d746c73)), world: newWorld(seed), names: map[string]int{}}
	d.drawMesh()
	d.drawApps()
	d.drawServices()
	for range d.weigh(8, 18, 26, 24, 16, 8) {
		d.drawPeerAuthentication()
	}
	for range d.weigh(35, 30, 20, 10, 5) {
		d.drawDestinationRule()
	}
	if d.chance(40) {
		d.drawScene()
	}
	d.drawSidecars()
	d.drawEntries()
	return d.world
}

func (d *dice) drawMesh() {
	if d.chance(20) {
		d.rootNamespace = "mesh-root"
		d.note("root namespace other than istio-system")
	}
	if d.chance(12) {
		d.autoMTLS = false
		d.note("auto mTLS off")
	}
	d.spellOut = d.chance(30)
	d.drawDefaultExports()
	d.addMeshConfig()
	d.addNamespace("istio-system", false)
	if d.rootNamespace != "istio-system" {
		d.addNamespace(d.rootNamespace, false)
	}
	all := []string{"foo", "bar", "legacy", "shop"}
	if apart {
		for i, name := range all {
			all[i] = fmt.Sprintf("w%d-%s", d.seed, name)
		}
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	d.namespaces = all[:2+d.weigh(70, 26, 4)]
}

// drawDefaultExports has numbers of its own, so that other draws do not change.
func (d *dice) drawDefaultExports() {
	own := rand.New(rand.NewPCG(d.seed, 0x6578706f))
	if own.IntN(100) < 15 {
		d.serviceExportTo = []string{"['.']", "['.']", "['*']", "['.', bar]"}[own.IntN(4)]
		d.note("mesh-wide exportTo of Services")
	}
	if own.IntN(100) < 15 {
		d.ruleExportTo = []string{"['.']", "['.']", "['*']", "[bar]"}[own.IntN(4)]
		d.note("mesh-wide exportTo of DestinationRules")
	}
}

func (d *dice) drawApps() {
	names := []string{"httpbin", "curl", "cart", "ledger", "web", "api"}
	for _, ns := range d.namespaces {
		injected := d.chance(80)
		d.addNamespace(ns, injected)
		d.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for i := range 1 + d.weigh(76, 19, 4, 1) {
			d.drawApp(ns, names[i], injected)
		}
	}
	if d.chance(24) {
		d.namespaces = append(d.namespaces, d.rootNamespace)
		d.drawApp(d.rootNamespace, pick(d, names...), d.chance(75))
		d.note("workload in the root namespace")
	}
}

func (d *dice) drawApp(namespace, name string, injected bool) {
	a := &app{namespace: namespace, name: name}
	ports := []port{{"web", pick(d, 8080, 8080, 80), pick(d, "http", "http", "tcp", "", "grpc")}}
	if d.chance(20) {
		ports = append(ports, port{"admin", pick(d, 9090, 9000), pick(d, "http", "tcp", "")})
	}
	versions := 1
	if d.chance(32) {
		versions = 2
	}
	for v := 1; v <= versions; v++ {
		p := &pod{
			namespace: namespace, app: name, ip: d.ip(), ports: ports,
			name:        fmt.Sprintf("%s-v%d-0", name, v),
			labels:      map[string]string{"app": name, "version": fmt.Sprintf("v%d", v)},
			annotations: map[string]string{},
		}
		if v == 2 && d.chance(30) {
			p.ports = append([]port{{ports[0].name, 8081, ports[0].protocol}}, ports[1:]...)
			d.note("named port with two numbers")
		}
		d.drawCapture(p, injected)
		a.pods = append(a.pods, p)
		d.addPod(p)
	}
	if versions == 2 && a.pods[0].capture.proxied() != a.pods[1].capture.proxied() {
		d.note("app with captured and uncaptured pods")
	}
	d.apps = append(d.apps, a)
}

func (d *dice) drawCapture(p *pod, injected bool) {
	switch {
	case injected && d.chance(88), !injected && d.chance(20):
		p.capture = sidecar
		if d.chance(30) {
			p.capture = nativeSidecar
			d.note("native sidecar")
		}
		p.labels["security.istio.io/tlsMode"] = "istio"
		p.annotations["sidecar.istio.io/status"] = `{"containers":["istio-proxy"]}`
		d.drawInterception(p)
	case d.chance(10):
		p.capture = hostNetwork
		p.ip = "192.168.0." + strconv.Itoa(d.ips)
		d.note("hostNetwork pod")
	case d.chance(6):
		p.labels["security.istio.io/tlsMode"] = "istio"
		d.note("uncaptured pod labelled tlsMode: istio")
	}
}

// drawInterception gives a captured pod annotations that keep some ports from the proxy, or takes its
// tlsMode label away.
func (d *dice) drawInterception(p *pod) {
	const prefix = "traffic.sidecar.istio.io/"
	first := strconv.Itoa(p.ports[0].number)
	switch d.weigh(82, 6, 4, 2, 2, 4) {
	case 1:
		p.annotations[prefix+"excludeInboundPorts"] = pick(d, first, "15020,"+first, "7070")
		d.note("excludeInboundPorts")
	case 2:
		p.annotations[prefix+"includeInboundPorts"] = pick(d, first, "7070", "9090,9000", "")
		d.note("includeInboundPorts: list")
	case 3:
		p.annotations[prefix+"includeInboundPorts"] = "*"
		p.annotations[prefix+"excludeInboundPorts"] = first
		d.note("includeInboundPorts: * with excludes")
	case 4:
		p.annotations[prefix+"includeInboundPorts"] = first
		p.annotations[prefix+"excludeInboundPorts"] = first
		d.note("port both included and excluded")
	case 5:
		p.labels["security.istio.io/tlsMode"] = "disabled"
		d.note("captured pod labelled tlsMode: disabled")
	}
}

func (d *dice) drawServices() {
	for i, a := range d.apps {
		if i > 0 && d.chance(20) {
			continue // a client only
		}
		s := d.drawService(a, a.name, d.chance(22))
		if d.chance(16) {
			d.drawService(a, a.name+"-too", !s.headless() && d.chance(22))
			d.note("two services over the same pods")
		}
		if len(a.pods) == 2 && d.chance(12) {
			twin := *s
			twin.name, twin.clusterIP = a.name+"-v1", d.clusterIP()
			twin.selector = map[string]string{"app": a.name, "version": "v1"}
			d.addService(&twin)
		}
	}
}

func (d *dice) clusterIP() string { return fmt.Sprintf("10.96.0.%d", 10+len(d.services)) }

// drawService draws a service over an app. At most one service of an app is headless: proxies have one listener
// for a pod's address, whichever headless service it comes from, so that a second one would answer for the first.
func (d *dice) drawService(a *app, name string, headless bool) *service {
	s := &service{
		namespace: a.namespace, name: name, clusterIP: d.clusterIP(), created: d.moment(),
		selector: map[string]string{"app": a.name},
	}
	uniform := len(a.pods) == 1 || a.pods[0].ports[0].number == a.pods[1].ports[0].number
	if uniform && headless {
		s.clusterIP = "None"
		d.note("headless service")
	}
	if d.chance(5) {
		s.exportTo = pick(d, ".", "~", "*", pick(d, d.namespaces...), ".,"+pick(d, d.namespaces...))
		d.note("service with exportTo")
	}
	named := !uniform || d.chance(40)
	if named {
		d.note("named target port")
	}
	ports := a.pods[0].ports
	if name != a.name {
		ports = ports[:1]
	}
	for i, p := range ports {
		sp := servicePort{name: p.protocol, protocol: p.protocol, target: strconv.Itoa(p.number)}
		if len(ports) > 1 {
			sp.name = p.protocol + "-" + p.name
			if p.protocol == "" {
				sp.name = p.name
			}
		}
		if named {
			sp.target = p.name
		}
		sp.number = pick(d, 8000, 80, p.number)
		if i == 1 {
			sp.number = pick(d, 9443, p.number)
		}
		if s.headless() {
			// Clients dial the pod itself: a different number would reach a port where nobody listens.
			sp.number = p.number
		}
		s.ports = append(s.ports, sp)
	}
	d.addService(s)
	return s
}
