package oracle

import (
	"fmt"
	"maps"
	"strconv"
)

// object is a Kubernetes object as `kubectl get -o json` prints it, less fields that have their default value
// and those that neither Istio nor a resolver looks at. Objects are built as plain maps, so that the vectors
// hold exactly what Istio was given and encoding/json sorts the keys.
type object = map[string]any

// epoch is the creationTimestamp of everything whose age does not matter.
const epoch = "2026-01-01T00:00:00Z"

func metadata(namespace, name, created string, rest object) object {
	meta := object{"name": name, "creationTimestamp": created}
	if namespace != "" {
		meta["namespace"] = namespace
	}
	maps.Copy(meta, rest)
	return meta
}

func (w *world) add(apiVersion, kind string, meta object, content object) {
	w.uids++
	meta["uid"] = fmt.Sprintf("%d-%d", w.seed, w.uids)
	o := object{"apiVersion": apiVersion, "kind": kind, "metadata": meta}
	maps.Copy(o, content)
	w.objects = append(w.objects, o)
}

func (w *world) addNamespace(name string, captured bool) {
	meta := object{}
	if captured {
		meta["labels"] = object{"istio-injection": "enabled"}
	}
	w.add("v1", "Namespace", metadata("", name, epoch, meta), object{})
}

func (w *world) addMeshConfig() {
	yaml := ""
	if w.rootNamespace != "istio-system" || w.spellOut {
		yaml += "rootNamespace: " + w.rootNamespace + "\n"
	}
	if !w.autoMTLS || w.spellOut {
		yaml += fmt.Sprintf("enableAutoMtls: %t\n", w.autoMTLS)
	}
	if w.serviceExportTo != "" {
		yaml += "defaultServiceExportTo: " + w.serviceExportTo + "\n"
	}
	if w.ruleExportTo != "" {
		yaml += "defaultDestinationRuleExportTo: " + w.ruleExportTo + "\n"
	}
	w.meshYAML = yaml + "trustDomain: cluster.local\n"
	w.add("v1", "ConfigMap", metadata("istio-system", "istio", epoch, object{}),
		object{"data": object{"mesh": w.meshYAML}})
}

// capture is how a pod stands to the mesh.
type capture int

const (
	uncaptured    capture = iota
	sidecar               // container istio-proxy
	nativeSidecar         // init container istio-proxy with restartPolicy Always
	hostNetwork           // shares the node's network: never captured
)

func (c capture) proxied() bool { return c == sidecar || c == nativeSidecar }

// port is a port that a pod listens on.
type port struct {
	name     string // of the container port
	number   int
	protocol string // what Istio is told about it: http, grpc, tcp, or "" (sniffed)
}

type pod struct {
	namespace, name, app, ip string
	capture                  capture
	labels                   map[string]string
	annotations              map[string]string
	ports                    []port
}

func (p *pod) key() string { return p.namespace + "/" + p.name }

func (w *world) addPod(p *pod) {
	var ports []any
	for _, c := range p.ports {
		// The API server fills the protocol in, and istiod looks for it.
		ports = append(ports, object{"name": c.name, "containerPort": c.number, "protocol": "TCP"})
	}
	spec := object{}
	containers := []any{object{"name": p.app, "ports": ports}}
	proxy := object{"name": "istio-proxy"}
	meta := object{"labels": p.labels}
	switch p.capture {
	case sidecar:
		containers = append(containers, proxy)
	case nativeSidecar:
		proxy["restartPolicy"] = "Always"
		spec["initContainers"] = []any{proxy}
	case hostNetwork:
		spec["hostNetwork"] = true
	}
	spec["containers"] = containers
	if len(p.annotations) > 0 {
		meta["annotations"] = p.annotations
	}
	w.pods = append(w.pods, p)
	w.add("v1", "Pod", metadata(p.namespace, p.name, epoch, meta), object{
		"spec": spec,
		"status": object{
			"phase": "Running", "podIP": p.ip,
			"conditions": []any{object{"type": "Ready", "status": "True"}},
		},
	})
}

// servicePort is a port of a Service; target is the name or the number of a container port.
type servicePort struct {
	name     string
	number   int
	protocol string
	target   string
}

// resolve finds the number that the port has on a pod.
func (s servicePort) resolve(p *pod) (int, bool) {
	if n, err := strconv.Atoi(s.target); err == nil {
		return n, true
	}
	for _, c := range p.ports {
		if c.name == s.target {
			return c.number, true
		}
	}
	return 0, false
}

type service struct {
	namespace, name string
	clusterIP       string // "None": headless
	selector        map[string]string
	exportTo        string
	created         string
	ports           []servicePort
}

func (s *service) key() string { return s.namespace + "/" + s.name }

func (s *service) host() string { return s.name + "." + s.namespace + ".svc.cluster.local" }

func (s *service) headless() bool { return s.clusterIP == "None" }

func (s *service) selects(p *pod) bool {
	if p.namespace != s.namespace {
		return false
	}
	for k, v := range s.selector {
		if p.labels[k] != v {
			return false
		}
	}
	return true
}

// addService adds a Service and the EndpointSlices that the endpoint slice controller would make for it.
func (w *world) addService(s *service) {
	w.services = append(w.services, s)
	var ports []any
	for _, p := range s.ports {
		o := object{"port": p.number}
		if p.name != "" {
			o["name"] = p.name
		}
		if n, err := strconv.Atoi(p.target); err == nil {
			o["targetPort"] = n
		} else {
			o["targetPort"] = p.target
		}
		ports = append(ports, o)
	}
	meta := object{}
	if s.exportTo != "" {
		meta["annotations"] = object{"networking.istio.io/exportTo": s.exportTo}
	}
	w.add("v1", "Service", metadata(s.namespace, s.name, s.created, meta), object{"spec": object{
		"clusterIP": s.clusterIP, "selector": s.selector, "ports": ports,
	}})
	w.addEndpointSlices(s)
}

// addEndpointSlices makes one slice for each set of resolved ports, as Kubernetes does when a named target
// port has different numbers on different pods.
func (w *world) addEndpointSlices(s *service) {
	type slice struct{ ports, endpoints []any }
	slices := map[string]*slice{}
	var order []string
	for _, p := range w.pods {
		if !s.selects(p) {
			continue
		}
		var ports []any
		for _, sp := range s.ports {
			if n, ok := sp.resolve(p); ok {
				ports = append(ports, object{"name": sp.name, "port": n})
			}
		}
		key := fmt.Sprint(ports...)
		if slices[key] == nil {
			slices[key] = &slice{ports: ports}
			order = append(order, key)
		}
		slices[key].endpoints = append(slices[key].endpoints, object{
			"addresses": []any{p.ip},
			"targetRef": object{"kind": "Pod", "name": p.name, "namespace": p.namespace},
		})
	}
	for i, key := range order {
		w.add("discovery.k8s.io/v1", "EndpointSlice",
			metadata(s.namespace, fmt.Sprintf("%s-%d", s.name, i), epoch, object{"labels": object{
				"kubernetes.io/service-name": s.name,
			}}),
			object{"addressType": "IPv4", "endpoints": slices[key].endpoints, "ports": slices[key].ports})
	}
}
