package oracle

import (
	"fmt"
	"strconv"
)

const (
	securityAPI   = "security.istio.io/v1"
	networkingAPI = "networking.istio.io/v1"
)

// mtls draws a mode, or UNSET in one of its three spellings (nil: the field is absent).
func (d *dice) mtls() object {
	switch d.weigh(42, 18, 18, 8, 8, 6) {
	case 0:
		return object{"mode": "STRICT"}
	case 1:
		return object{"mode": "PERMISSIVE"}
	case 2:
		d.note("PeerAuthentication DISABLE")
		return object{"mode": "DISABLE"}
	case 3:
		d.note("PeerAuthentication UNSET")
		return object{"mode": "UNSET"}
	case 4:
		d.note("PeerAuthentication UNSET")
		return object{}
	default:
		d.note("PeerAuthentication without mtls")
		return nil
	}
}

func (d *dice) drawPeerAuthentication() {
	spec := object{}
	if mtls := d.mtls(); mtls != nil {
		spec["mtls"] = mtls
	}
	a := pick(d, d.apps...)
	namespace := a.namespace
	switch d.weigh(18, 32, 42, 4, 4) {
	case 0:
		namespace = d.rootNamespace
		d.note("mesh policy")
	case 1:
		d.note("namespace policy")
		if d.chance(15) {
			spec["selector"] = object{"matchLabels": object{}}
		}
	case 2:
		d.selectApp(spec, a)
		d.note("workload policy")
	case 3:
		namespace = d.rootNamespace
		d.selectApp(spec, a)
		d.note("policy with selector in the root namespace")
	case 4:
		// The webhook refuses it; istiod reads it all the same when it is stored.
		spec["portLevelMtls"] = object{strconv.Itoa(a.pods[0].ports[0].number): object{"mode": "DISABLE"}}
		d.note("portLevelMtls without selector")
	}
	name := d.name("pa")
	if d.chance(30) && d.names[namespace+"/default"] == 0 {
		name = "default"
		d.names[namespace+"/default"]++
	}
	d.add(securityAPI, "PeerAuthentication", metadata(namespace, name, d.moment(), object{}), object{"spec": spec})
}

func (d *dice) selectApp(spec object, a *app) {
	labels := object{"app": a.name}
	switch d.weigh(70, 20, 10) {
	case 1:
		labels["version"] = pick(d, "v1", "v2")
	case 2:
		labels = object{"version": "v1"}
	}
	spec["selector"] = object{"matchLabels": labels}
	if !d.chance(50) {
		return
	}
	ports := object{}
	for range 1 + d.IntN(2) {
		p := pick(d, pick(d, a.pods...).ports...)
		number := p.number
		if d.chance(30) {
			number = pick(d, 8000, 80, 9443, 7070)
		}
		mode := pick(d, "STRICT", "STRICT", "PERMISSIVE", "DISABLE", "DISABLE", "UNSET")
		ports[strconv.Itoa(number)] = object{"mode": mode}
		d.note("portLevelMtls " + mode)
	}
	spec["portLevelMtls"] = ports
}

// clientTLS draws the TLS settings of a DestinationRule.
func (d *dice) clientTLS() object {
	switch d.weigh(26, 36, 14, 10, 7, 7) {
	case 0:
		return object{"mode": "DISABLE"}
	case 1:
		return object{"mode": "ISTIO_MUTUAL"}
	case 2:
		return object{"mode": "SIMPLE"}
	case 3:
		return object{
			"mode":              "MUTUAL",
			"clientCertificate": "/etc/app/cert.pem", "privateKey": "/etc/app/key.pem", "caCertificates": "/etc/app/ca.pem",
		}
	case 4:
		d.note("DestinationRule with credentialName")
		return object{"mode": "SIMPLE", "credentialName": "server-ca"}
	default:
		d.note("DestinationRule with credentialName")
		return object{"mode": "MUTUAL", "credentialName": "client-cert"}
	}
}

func (d *dice) drawDestinationRule() {
	s := pick(d, d.services...)
	namespace := s.namespace
	switch d.weigh(40, 35, 15, 10) {
	case 1:
		namespace = pick(d, d.apps...).namespace
	case 2:
		namespace = d.rootNamespace
	case 3:
		namespace = pick(d, d.namespaces...)
	}
	d.addDestinationRule(namespace, d.ruleHost(s, namespace), s)
	if d.chance(35) { // several rules for one service
		d.addDestinationRule(namespace, pick(d, s.host(), d.ruleHost(s, namespace)), s)
		d.note("several DestinationRules for one service in one namespace")
	}
}

func (d *dice) ruleHost(s *service, namespace string) string {
	switch d.weigh(45, 12, 12, 10, 8, 4, 4, 5) {
	case 1:
		d.note("DestinationRule host: short name")
		return s.name // meant for a service in the rule's own namespace
	case 2:
		d.note("DestinationRule host: wildcard")
		return "*." + s.namespace + ".svc.cluster.local"
	case 3:
		d.note("DestinationRule host: wildcard")
		return "*.svc.cluster.local"
	case 4:
		d.note("DestinationRule host: wildcard")
		return "*.local"
	case 5:
		d.note("DestinationRule host: *")
		return "*"
	case 6:
		d.note("DestinationRule host: name.namespace")
		return s.name + "." + s.namespace
	case 7:
		d.note("DestinationRule host: wildcard over another namespace")
		return "*." + namespace + ".svc.cluster.local"
	}
	return s.host()
}

func (d *dice) addDestinationRule(namespace, host string, s *service) {
	spec := object{"host": host}
	if policy := d.trafficPolicy(s); len(policy) > 0 {
		spec["trafficPolicy"] = policy
	}
	if d.chance(30) {
		d.drawSubsets(spec, s)
	}
	if d.chance(22) {
		spec["workloadSelector"] = object{"matchLabels": object{"app": d.clientApp(namespace)}}
		d.note("DestinationRule workloadSelector")
	}
	if exportTo := d.exportTo(namespace, spec["workloadSelector"] != nil); exportTo != nil {
		spec["exportTo"] = exportTo
	}
	d.add(networkingAPI, "DestinationRule", metadata(namespace, d.name("dr"), d.moment(), object{}), object{"spec": spec})
}

// exportTo draws nil for "absent". A rule with a selector may only name its own namespace, and "." beside the
// own namespace's name is invalid.
func (d *dice) exportTo(namespace string, selector bool) []any {
	weights := []int{58, 14, 7, 11, 6, 4}
	if selector {
		weights = []int{60, 25, 15, 0, 0, 0}
	}
	other := pick(d, d.namespaces...)
	switch d.weigh(weights...) {
	case 1:
		d.note("DestinationRule exportTo .")
		return []any{"."}
	case 2:
		d.note("DestinationRule exportTo its own namespace by name")
		return []any{namespace}
	case 3:
		d.note("DestinationRule exportTo *")
		return []any{"*"}
	case 4:
		d.note("DestinationRule exportTo a namespace")
		return []any{other}
	case 5:
		if other != namespace {
			d.note("DestinationRule exportTo . and a namespace")
			return []any{".", other}
		}
	}
	return nil
}

// clientApp names an app of the namespace, for a selector that selects something.
func (d *dice) clientApp(namespace string) string {
	var local []string
	for _, a := range d.apps {
		if a.namespace == namespace {
			local = append(local, a.name)
		}
	}
	if len(local) == 0 {
		return "nobody"
	}
	return pick(d, local...)
}

func (d *dice) trafficPolicy(s *service) object {
	policy := object{}
	switch d.weigh(70, 16, 8, 6) {
	case 0:
		tls := d.clientTLS()
		policy["tls"] = tls
		d.note(fmt.Sprintf("DestinationRule tls %s", tls["mode"]))
	case 1:
		policy["connectionPool"] = object{"tcp": object{"maxConnections": 100}}
		d.note("DestinationRule trafficPolicy without tls")
	case 2:
		policy["loadBalancer"] = object{"simple": "PASSTHROUGH"}
		d.note("DestinationRule PASSTHROUGH")
	case 3:
		d.note("DestinationRule without trafficPolicy")
	}
	if d.chance(10) && policy["tls"] != nil {
		policy["loadBalancer"] = object{"simple": pick(d, "PASSTHROUGH", "ROUND_ROBIN")}
	}
	if d.chance(25) {
		policy["portLevelSettings"] = d.portLevelSettings(s)
	}
	return policy
}

func (d *dice) portLevelSettings(s *service) []any {
	p := pick(d, s.ports...)
	number := p.number
	if d.chance(15) {
		number = 8080 // perhaps a target port: matches nothing then
	}
	settings := object{"port": object{"number": number}}
	switch d.weigh(52, 33, 15) {
	case 0:
		tls := d.clientTLS()
		settings["tls"] = tls
		d.note("DestinationRule port-level tls")
	case 1:
		settings["connectionPool"] = object{"tcp": object{"maxConnections": 50}}
		d.note("DestinationRule port-level settings without tls")
	case 2:
		settings["loadBalancer"] = object{"simple": "PASSTHROUGH"}
		d.note("DestinationRule port-level PASSTHROUGH")
	}
	return []any{settings}
}

// drawSubsets adds a subset. Only a VirtualService sends calls to it: its settings must not matter to others.
func (d *dice) drawSubsets(spec object, s *service) {
	version := pick(d, "v1", "v1", "v2")
	subset := object{"name": version, "labels": object{"version": version}}
	policy := object{}
	switch d.weigh(50, 20, 10, 20) {
	case 0:
		policy["tls"] = d.clientTLS()
	case 1:
		policy["connectionPool"] = object{"tcp": object{"maxConnections": 20}}
	case 2:
		policy["loadBalancer"] = object{"simple": "PASSTHROUGH"}
	}
	if d.chance(25) {
		policy["portLevelSettings"] = d.portLevelSettings(s)
	}
	if len(policy) > 0 {
		subset["trafficPolicy"] = policy
	}
	spec["subsets"] = []any{subset}
	d.note("DestinationRule subset")
}

func (d *dice) drawSidecars() {
	for _, ns := range d.namespaces {
		if ns != d.rootNamespace && d.chance(14) {
			d.addSidecar(ns)
			if d.chance(30) {
				d.addSidecar(ns)
			}
		}
	}
	if d.chance(8) {
		d.addSidecar(d.rootNamespace)
		d.note("Sidecar in the root namespace")
	}
}

func (d *dice) addSidecar(namespace string) {
	spec := object{}
	if d.chance(35) {
		spec["workloadSelector"] = object{"labels": object{"app": d.clientApp(namespace)}}
		d.note("Sidecar workloadSelector")
	}
	if len(spec) > 0 && d.chance(10) {
		spec["outboundTrafficPolicy"] = object{"mode": "ALLOW_ANY"} // no egress: everything is visible
	} else {
		s := pick(d, d.services...)
		hosts := [][]any{
			{"./*"},
			{"./*", "istio-system/*"},
			{s.namespace + "/*"},
			{"*/" + s.host()},
			{s.namespace + "/" + s.host(), "./*"},
			{"*/*"},
			{"~/*"},
			{"*/*", "~" + s.namespace + "/*"},
			{"*/*." + s.namespace + ".svc.cluster.local"},
		}
		spec["egress"] = []any{object{"hosts": pick(d, hosts...)}}
	}
	d.note("Sidecar")
	d.add(networkingAPI, "Sidecar", metadata(namespace, d.name("sc"), d.moment(), object{}), object{"spec": spec})
}
