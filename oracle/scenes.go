package oracle

// drawScene adds rules that belong together and that chance alone brings together too seldom.
func (d *dice) drawScene() {
	scene := scene{dice: d, service: pick(d, d.services...), client: pick(d, d.apps...)}
	scene.selector = object{"matchLabels": object{"app": pick(d, scene.client.name, "nobody")}}
	switch d.weigh(35, 12, 20, 16, 17) {
	case 0:
		scene.selectorAndPlain()
	case 1:
		scene.portLevelPassthrough()
	case 2:
		scene.hiddenSpecific()
	case 3:
		scene.rootRules()
	case 4:
		scene.nestedExportTo()
	}
}

type scene struct {
	*dice
	service  *service
	client   *app
	selector object // selects the client, or nobody
}

func (s scene) tls() object { return object{"tls": s.clientTLS()} }

func (s scene) rule(namespace, host string, spec object) {
	spec["host"] = host
	s.add(networkingAPI, "DestinationRule", metadata(namespace, s.name("dr"), s.moment(), object{}), object{"spec": spec})
}

// wild adds a rule for a wildcard over the service.
func (s scene) wild(namespace string) {
	policy := s.tls()
	s.rule(namespace, pick(s.dice, "*.svc.cluster.local", "*."+s.service.namespace+".svc.cluster.local"), object{"trafficPolicy": policy})
}

func (s scene) selectorAndPlain() {
	s.note("scene: rules with and without workloadSelector for one host")
	selected := object{"workloadSelector": s.selector}
	if s.chance(55) {
		selected["trafficPolicy"] = s.tls()
	}
	s.rule(s.client.namespace, s.service.host(), selected)
	plain := object{"trafficPolicy": s.tls()}
	if s.chance(60) {
		plain["exportTo"] = []any{"."}
	}
	s.rule(s.client.namespace, s.service.host(), plain)
}

func (s scene) portLevelPassthrough() {
	s.note("scene: port-level PASSTHROUGH")
	number := pick(s.dice, s.service.ports...).number
	s.rule(pick(s.dice, s.service.namespace, s.client.namespace), s.service.host(),
		object{"trafficPolicy": object{"portLevelSettings": []any{
			object{"port": object{"number": number}, "loadBalancer": object{"simple": "PASSTHROUGH"}},
		}}})
}

func (s scene) hiddenSpecific() {
	s.note("scene: a specific rule that is not exported to the client, and a wildcard that is")
	s.rule(s.service.namespace, s.service.host(),
		object{"trafficPolicy": s.tls(), "exportTo": []any{pick(s.dice, s.namespaces...)}})
	s.wild(s.service.namespace)
	if s.chance(50) {
		s.wild(s.rootNamespace)
	}
}

func (s scene) rootRules() {
	s.note("scene: rules in the root namespace, private and exported")
	s.rule(s.rootNamespace, s.service.host(),
		object{"trafficPolicy": s.tls(), "exportTo": pick(s.dice, []any{"."}, []any{s.rootNamespace})})
	s.wild(s.rootNamespace)
	if s.chance(60) {
		s.wild(s.service.namespace)
	}
}

func (s scene) nestedExportTo() {
	s.note("scene: an exportTo that contains another")
	namespace := s.service.namespace
	other := s.namespaces[0]
	if other == namespace {
		other = s.namespaces[1]
	}
	one, two := ".", other
	if s.chance(50) {
		one, two = other, namespace
	}
	narrow := object{"trafficPolicy": s.tls(), "exportTo": []any{one}}
	if one == "." && s.chance(50) {
		narrow["workloadSelector"] = s.selector
	}
	s.rule(namespace, s.service.host(), narrow)
	s.rule(namespace, s.service.host(), object{"trafficPolicy": s.tls(), "exportTo": []any{one, two}})
}
