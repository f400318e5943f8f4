package oracle

import (
	"fmt"
	"slices"
)

// entry is a ServiceEntry, which leads to pods of the world under hosts that are mostly its own.
type entry struct {
	place      int // among the objects
	namespace  string
	name       string
	hosts      []string
	addresses  []string
	resolution string
	selector   map[string]string
	ports      []entryPort
	endpoints  []entryEndpoint
}

// entryPort is a port under which clients call; target 0 is the same number.
type entryPort struct {
	name           string
	number, target int
	protocol       string // as of port
}

// entryEndpoint is written down in the entry; ports are numbers by the name of the entry's port.
type entryEndpoint struct {
	address        string
	ports          map[string]int
	labels         map[string]string
	serviceAccount string
}

func (e *entry) key() string { return e.namespace + "/" + e.name }

// led is a pod that an entry leads to; address is that of the endpoint, which may be a service's name.
type led struct {
	pod     *pod
	address string
	dialled int // at the address
	target  int // at the pod
}

// leads tells where a port of the entry leads to. It follows names as a resolver and kube-proxy would; what Istio makes
// of endpoints it does not know.
func (e *entry) leads(w *world, host string, p entryPort) []led {
	var all []led
	add := func(address string, dialled int) {
		for _, server := range w.pods {
			if server.ip == address {
				all = append(all, led{server, address, dialled, dialled})
			}
		}
		for _, s := range w.services {
			if s.host() != address {
				continue
			}
			for _, sp := range s.ports {
				for _, server := range w.pods {
					target, ok := sp.resolve(server)
					if s.selects(server) && ok && !s.headless() && sp.number == dialled {
						all = append(all, led{server, address, dialled, target})
					}
				}
			}
			for _, server := range w.pods {
				if s.headless() && s.selects(server) {
					all = append(all, led{server, address, dialled, dialled})
				}
			}
		}
	}
	number := p.number
	if p.target != 0 {
		number = p.target
	}
	switch {
	case e.resolution == "NONE":
		for _, address := range e.addresses {
			add(address, number)
		}
	case e.selector != nil:
		for _, server := range w.pods {
			if e.selects(server) {
				target := number
				for _, c := range server.ports {
					if c.name == p.name {
						target = c.number
					}
				}
				all = append(all, led{server, server.ip, target, target})
			}
		}
	case e.resolution == "DNS" && len(e.endpoints) == 0:
		add(host, number)
	default:
		for _, ep := range e.endpoints {
			target := number
			if own, given := ep.ports[p.name]; given {
				target = own
			}
			add(ep.address, target)
		}
	}
	return all
}

func (e *entry) selects(p *pod) bool {
	if p.namespace != e.namespace {
		return false
	}
	for k, v := range e.selector {
		if p.labels[k] != v {
			return false
		}
	}
	return true
}

func (w *world) addEntry(e *entry, location string, exportTo []any, created string) {
	e.place = len(w.objects)
	w.entries = append(w.entries, e)
	spec := object{"hosts": e.hosts}
	if len(e.addresses) > 0 {
		spec["addresses"] = e.addresses
	}
	if location != "" {
		spec["location"] = location
	}
	if e.resolution != "NONE" {
		spec["resolution"] = e.resolution
	}
	if exportTo != nil {
		spec["exportTo"] = exportTo
	}
	if e.selector != nil {
		spec["workloadSelector"] = object{"labels": e.selector}
	}
	var ports []any
	for _, p := range e.ports {
		o := object{"name": p.name, "number": p.number}
		if p.protocol != "" {
			o["protocol"] = map[string]string{"http": "HTTP", "tcp": "TCP", "grpc": "GRPC"}[p.protocol]
		}
		if p.target != 0 {
			o["targetPort"] = p.target
		}
		ports = append(ports, o)
	}
	spec["ports"] = ports
	var endpoints []any
	for _, ep := range e.endpoints {
		o := object{"address": ep.address}
		if len(ep.ports) > 0 {
			o["ports"] = ep.ports
		}
		if ep.labels != nil {
			o["labels"] = ep.labels
		}
		if ep.serviceAccount != "" {
			o["serviceAccount"] = ep.serviceAccount
		}
		endpoints = append(endpoints, o)
	}
	if len(endpoints) > 0 {
		spec["endpoints"] = endpoints
	}
	w.add(networkingAPI, "ServiceEntry", metadata(e.namespace, e.name, created, object{}), object{"spec": spec})
}

// drawEntries comes last, so that what a seed drew before there were entries is what it draws now.
func (d *dice) drawEntries() {
	for n := range d.weigh(50, 34, 12, 4) {
		d.drawEntry(n)
	}
	if d.chance(14) {
		d.drawEntryForService()
	}
}

func (d *dice) drawEntry(n int) {
	a := pick(d, d.apps...)
	host := fmt.Sprintf("%s-%d.partner.example", a.name, n)
	e := &entry{namespace: a.namespace, name: d.name("se"), hosts: []string{host}, resolution: "STATIC"}
	if d.chance(40) {
		e.namespace = pick(d, pick(d, d.namespaces...), d.rootNamespace)
	}
	e.addresses = []string{fmt.Sprintf("10.97.0.%d", 10+n)}
	d.drawEntryPorts(e, a, n)
	switch d.weigh(52, 18, 18, 12) {
	case 0:
		d.note("ServiceEntry STATIC")
		d.drawEndpoints(e, a)
	case 1:
		d.note("ServiceEntry workloadSelector")
		e.namespace = a.namespace
		e.selector = map[string]string{"app": a.name}
		if d.chance(25) {
			e.selector = map[string]string{"version": "v1"}
		}
		if d.chance(20) {
			e.resolution = "DNS"
		}
	case 2:
		d.note("ServiceEntry DNS")
		e.resolution = "DNS"
		d.drawEndpoints(e, a)
		d.nameService(e)
	case 3:
		d.asAddressed(e, a)
	}
	if tcp := slices.ContainsFunc(e.ports, func(p entryPort) bool { return p.protocol == "tcp" || p.protocol == "" }); !tcp {
		if d.chance(25) && e.resolution != "NONE" {
			e.addresses = nil // known by name alone
		}
		if d.chance(15) {
			e.hosts = append(e.hosts, "also-"+host)
			d.note("ServiceEntry with two hosts")
		}
	}
	if !d.sameProtocols(e) {
		return
	}
	location := pick(d, "", "MESH_EXTERNAL", "MESH_INTERNAL", "MESH_INTERNAL", "MESH_INTERNAL")
	if location == "" {
		d.note("ServiceEntry without location")
	} else {
		d.note("ServiceEntry " + location)
	}
	d.addEntry(e, location, d.entryExportTo(e.namespace), d.moment())
	d.drawEntryRules(e)
}

// sameProtocols tells whether the entry calls each port what the pods call it: another protocol breaks calls, not mTLS.
func (d *dice) sameProtocols(e *entry) bool {
	for _, p := range e.ports {
		for _, l := range e.leads(d.world, e.hosts[0], p) {
			for _, c := range l.pod.ports {
				if c.number == l.target && c.protocol != p.protocol {
					return false
				}
			}
		}
	}
	return true
}

// drawEntryPorts gives it ports of the app's pods, under their protocols.
func (d *dice) drawEntryPorts(e *entry, a *app, n int) {
	for i, p := range a.pods[0].ports {
		if i > 0 && d.chance(40) {
			continue
		}
		ep := entryPort{name: p.protocol + "-" + p.name, number: 5000 + 10*n + i, protocol: p.protocol, target: p.number}
		if p.protocol == "" || d.chance(30) {
			ep.name = p.name // the container port's, too
		}
		if d.chance(35) {
			ep.number, ep.target = p.number, 0
		} else if i == 0 && d.chance(20) {
			ep.number = pick(d, 80, 8000)
		}
		e.ports = append(e.ports, ep)
	}
}

// drawEndpoints gives it the app's pods, and at times another.
func (d *dice) drawEndpoints(e *entry, a *app) {
	pods := slices.Clone(a.pods)
	if other := pick(d, pick(d, d.apps...).pods...); d.chance(20) && other.ports[0].protocol == a.pods[0].ports[0].protocol && !slices.Contains(pods, other) {
		pods = append(pods, other)
		d.note("ServiceEntry over two apps")
	}
	for _, p := range pods {
		ep := entryEndpoint{address: p.ip, ports: map[string]int{}}
		for i, own := range e.ports {
			if same := min(i, len(p.ports)-1); p.ports[same].number != a.pods[0].ports[i].number || d.chance(20) {
				ep.ports[own.name] = p.ports[same].number
			}
		}
		switch d.weigh(34, 26, 8, 12, 14, 6) {
		case 1:
			ep.labels = map[string]string{"security.istio.io/tlsMode": "istio"}
		case 2:
			ep.labels = map[string]string{"security.istio.io/tlsMode": "disabled"}
		case 3:
			ep.serviceAccount = p.app
		case 4:
			ep.labels = map[string]string{"security.istio.io/tlsMode": "istio", "app": p.app, "version": p.labels["version"]}
		case 5:
			ep.labels = map[string]string{"security.istio.io/tlsMode": "disabled"}
			ep.serviceAccount = p.app
		}
		if ep.labels["security.istio.io/tlsMode"] == "istio" || ep.serviceAccount != "" && ep.labels == nil {
			d.note("ServiceEntry endpoint that is marked")
		} else {
			d.note("ServiceEntry endpoint that is not marked")
		}
		e.endpoints = append(e.endpoints, ep)
	}
}

// nameService makes a service's name of its endpoints, and its ports those of the service.
func (d *dice) nameService(e *entry) {
	if d.chance(55) {
		return
	}
	s := pick(d, d.services...)
	d.note("ServiceEntry to a service's name")
	e.endpoints = e.endpoints[:1]
	e.endpoints[0].address, e.endpoints[0].ports = s.host(), map[string]int{}
	e.ports = e.ports[:1]
	e.ports[0].protocol, e.ports[0].name = s.ports[0].protocol, "main"
	e.ports[0].target = s.ports[0].number
}

// listened tells whether clients have a listener for the pod's own address, of which there can be one.
func (d *dice) listened(p *pod) bool {
	return slices.ContainsFunc(d.services, func(s *service) bool { return s.headless() && s.selects(p) }) ||
		slices.ContainsFunc(d.entries, func(e *entry) bool { return slices.Contains(e.addresses, p.ip) })
}

// asAddressed makes a pod's address its own: calls go where they were going.
func (d *dice) asAddressed(e *entry, a *app) {
	p := pick(d, a.pods...)
	if d.listened(p) {
		d.drawEndpoints(e, a)
		return
	}
	e.resolution = "NONE"
	d.note("ServiceEntry NONE")
	e.addresses = []string{p.ip}
	for i := range e.ports {
		e.ports[i].number, e.ports[i].target = p.ports[min(i, len(p.ports)-1)].number, 0
	}
	e.ports = e.ports[:min(len(e.ports), len(p.ports))]
}

func (d *dice) entryExportTo(namespace string) []any {
	switch d.weigh(64, 10, 8, 14, 4) {
	case 1:
		d.note("ServiceEntry exportTo .")
		return []any{"."}
	case 2:
		return []any{"*"}
	case 3:
		d.note("ServiceEntry exportTo a namespace")
		return []any{pick(d, d.namespaces...)}
	case 4:
		d.note("ServiceEntry exportTo ~")
		return []any{"~"}
	}
	return nil
}

// drawEntryRules adds DestinationRules for the entry's host.
func (d *dice) drawEntryRules(e *entry) {
	for range d.weigh(50, 38, 12) {
		as := &service{namespace: e.namespace, name: e.name}
		for _, p := range e.ports {
			as.ports = append(as.ports, servicePort{number: p.number})
		}
		namespace := pick(d, e.namespace, e.namespace, d.rootNamespace, pick(d, d.namespaces...))
		d.note("DestinationRule for a ServiceEntry")
		d.addDestinationRule(namespace, pick(d, e.hosts[0], e.hosts[0], e.hosts[len(e.hosts)-1], "*.partner.example"), as)
	}
}

// drawEntryForService takes the host of a service, with the service's ports: in its own namespace, where it adds an
// endpoint to the service, or in another, where it takes the service's place for the clients there.
func (d *dice) drawEntryForService() {
	s := pick(d, d.services...)
	p := pick(d, pick(d, d.apps...).pods...)
	e := &entry{namespace: s.namespace, name: d.name("se"), hosts: []string{s.host()}, resolution: "STATIC"}
	e.addresses = []string{"10.97.0.99"}
	if s.selects(p) || p.ports[0].protocol != s.ports[0].protocol || s.ports[0].name == "" {
		return // the same endpoint twice, another protocol, or a port name that no entry can have
	}
	if s.headless() && d.listened(p) {
		return // two listeners for the address of one pod
	}
	if d.chance(50) {
		e.namespace = pick(d, d.namespaces...)
	}
	if e.namespace == s.namespace {
		d.note("ServiceEntry for a service of its namespace")
	} else {
		d.note("ServiceEntry for a service of another namespace")
	}
	sp := s.ports[0]
	e.ports = []entryPort{{name: sp.name, number: sp.number, protocol: sp.protocol, target: p.ports[0].number}}
	if d.chance(30) {
		e.resolution, e.ports[0].target = "DNS", 0 // the service itself, by its name
		d.addEntry(e, pick(d, "", "MESH_INTERNAL"), nil, d.moment())
		return
	}
	e.endpoints = []entryEndpoint{{address: p.ip}}
	if d.chance(50) {
		e.endpoints[0].labels = map[string]string{"security.istio.io/tlsMode": pick(d, "istio", "istio", "disabled"), "app": p.app}
	}
	d.addEntry(e, pick(d, "MESH_EXTERNAL", "MESH_INTERNAL"), nil, d.moment())
}
