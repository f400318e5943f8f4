package oracle

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/proto"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/util"
	"istio.io/istio/pilot/pkg/security/authn"
	"istio.io/istio/pilot/pkg/serviceregistry/provider"
	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pilot/pkg/xds/endpoints"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/host"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	"istio.io/istio/pkg/slices"
	"istio.io/istio/pkg/util/sets"
	"istio.io/istio/pkg/wellknown"
)

// istio is a control plane that has read a world, with the proxies of the world's captured pods.
type istio struct {
	t       *testing.T
	server  *xds.FakeDiscoveryServer
	world   *world
	proxies map[string]*proxy // by pod
}

// proxy is what Istio would send to the proxy of one pod.
type proxy struct {
	node       *model.Proxy
	simulation *simulation.Simulation
	clusters   map[string]*cluster.Cluster
	policy     authn.MergedPeerAuthentication
}

func newIstio(t *testing.T, w *world) *istio {
	t.Helper()
	meshConfig, err := mesh.ApplyMeshConfigDefaults(w.meshYAML)
	if err != nil {
		t.Fatal(err)
	}
	kubernetes, configs := split(t, w)
	server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		KubernetesObjectString: kubernetes,
		Configs:                configs,
		MeshConfig:             meshConfig,
	})
	i := &istio{t: t, server: server, world: w, proxies: map[string]*proxy{}}
	i.settle()
	for _, p := range w.pods {
		if p.capture.proxied() {
			i.proxies[p.key()] = i.newProxy(p)
		}
	}
	return i
}

// split parts what istiod reads by Kubernetes clients from what it reads as configuration. The latter is
// converted with a domain, as istiod does: without it, short host names of DestinationRules stay short. All of it is
// valid, so that no answer rests on what the webhook would refuse, but for storedInvalid.
func split(t *testing.T, w *world) (string, []config.Config) {
	t.Helper()
	var kubernetes strings.Builder
	var configs []config.Config
	for _, o := range w.objects {
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(o["apiVersion"].(string), "istio.io") {
			kubernetes.Write(text)
			kubernetes.WriteString("\n---\n")
			continue
		}
		kind := crd.IstioKind{}
		if err := json.Unmarshal(text, &kind); err != nil {
			t.Fatal(err)
		}
		gvk := kind.GroupVersionKind()
		schema, found := collections.Pilot.FindByGroupVersionAliasesKind(resource.FromKubernetesGVK(&gvk))
		if !found {
			t.Fatalf("unknown kind %v", gvk)
		}
		c, err := crd.ConvertObject(schema, &kind, "cluster.local")
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if _, err := schema.ValidateConfig(*c); err != nil && !storedInvalid(err) {
			t.Fatalf("%s: %v", text, err)
		}
		configs = append(configs, *c)
	}
	return kubernetes.String(), configs
}

// storedInvalid knows the one invalid thing that worlds contain on purpose.
func storedInvalid(err error) bool {
	return strings.Contains(err.Error(), "cannot have port level mTLS")
}

// settle waits until istiod knows every endpoint, then takes one snapshot that all answers come from.
func (i *istio) settle() {
	i.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !i.complete() {
		if time.Now().After(deadline) {
			i.t.Fatal("istiod does not see all endpoints")
		}
		time.Sleep(time.Millisecond)
	}
	i.server.EnsureSynced(i.t)
	env := i.server.Env()
	push := model.NewPushContext()
	push.JwtKeyResolver = i.server.Discovery.JwtKeyResolver
	push.InitContext(env, nil, nil)
	env.SetPushContext(push)
}

func (i *istio) complete() bool {
	for _, s := range i.world.services {
		if s.exportTo == "~" {
			continue // istiod keeps no endpoints of a service that nobody sees
		}
		want := 0
		for _, p := range i.world.pods {
			for _, sp := range s.ports {
				if _, ok := sp.resolve(p); ok && s.selects(p) {
					want++
				}
			}
		}
		if i.known(s.host(), s.namespace, provider.Kubernetes) != want {
			return false
		}
	}
	for _, e := range i.world.entries {
		want := len(e.endpoints)
		for _, p := range i.world.pods {
			if e.selector != nil && e.selects(p) {
				want++
			}
		}
		if want == 0 && e.selector == nil && e.resolution == "DNS" {
			want = 1 // the host itself
		}
		for _, name := range e.hosts {
			if i.known(name, e.namespace, provider.External) != want*len(e.ports) {
				return false
			}
		}
	}
	return true
}

// known counts the endpoints, one for each port, that istiod has of a host.
func (i *istio) known(name, namespace string, registry provider.ID) int {
	have := 0
	if shards, ok := i.server.Env().EndpointIndex.ShardsForService(name, namespace); ok {
		shards.RLock()
		for key, eps := range shards.Shards {
			if key.Provider == registry {
				have += len(eps)
			}
		}
		shards.RUnlock()
	}
	return have
}

func (i *istio) newProxy(p *pod) *proxy {
	node := i.server.SetupProxy(&model.Proxy{
		Type:            model.SidecarProxy,
		ID:              p.name + "." + p.namespace,
		ConfigNamespace: p.namespace,
		IPAddresses:     []string{p.ip},
		Labels:          p.labels,
		Metadata: &model.NodeMetadata{
			Namespace: p.namespace, Labels: p.labels, ClusterID: "Kubernetes", IstioVersion: "1.31.0",
		},
	})
	if mode := node.SidecarScope.OutboundTrafficPolicy.GetMode(); mode != networking.OutboundTrafficPolicy_ALLOW_ANY {
		i.t.Fatalf("%s: outbound traffic policy %v", p.key(), mode)
	}
	sim := simulation.NewSimulation(i.t, i.server, node)
	sim.Routes = firstOfEachName(sim.Routes)
	clusters := map[string]*cluster.Cluster{}
	for _, c := range sim.Clusters {
		clusters[c.Name] = c
	}
	policies := node.SidecarScope.AuthnPolicies.GetPeerAuthenticationsForWorkload(model.PolicyMatcherForProxy(node))
	return &proxy{
		node: node, simulation: sim, clusters: clusters,
		policy: authn.ComposePeerAuthentication(i.world.rootNamespace, policies),
	}
}

// firstOfEachName undoes an artefact of the simulation: it asks once for each listener, and only the first of
// several answers under one name has virtual hosts.
func firstOfEachName(routes []*route.RouteConfiguration) []*route.RouteConfiguration {
	seen := sets.New[string]()
	return slices.Filter(routes, func(r *route.RouteConfiguration) bool { return !seen.InsertContains(r.Name) })
}

// wire is what a client puts on the wire.
type wire string

const (
	plaintext   wire = "PLAINTEXT"
	istioMutual wire = "ISTIO_MUTUAL"
	otherTLS    wire = "TLS" // with or without a client certificate, never the mesh's
)

// wireOf tells how a client's proxy speaks to an endpoint of a service: the simulation takes the call through the
// proxy's listeners and routes to a cluster, whose transport sockets and endpoint metadata say the rest.
func (i *istio) wireOf(client *pod, s *service, sp servicePort, server *pod, target int) wire {
	from, captured := i.proxies[client.key()]
	if !captured {
		return plaintext
	}
	name := i.route(from, s, sp, server)
	if name == util.PassthroughCluster {
		return plaintext // the client's proxy does not know the service
	}
	c := from.clusters[name]
	ep := i.endpoint(from, name, server.ip, target)
	if ep == nil {
		i.t.Fatalf("%s: no endpoint %s:%d for %s", name, server.ip, target, client.key())
	}
	return i.wireOfEndpoint(c, ep)
}

// wireOfEndpoint tells how a cluster speaks to an endpoint. An ORIGINAL_DST cluster never sees the endpoint's
// metadata: it treats all alike.
func (i *istio) wireOfEndpoint(c *cluster.Cluster, ep *endpoint.LbEndpoint) wire {
	if c.GetType() != cluster.Cluster_ORIGINAL_DST {
		return i.wireOfSocket(socketFor(c, ep))
	}
	if len(c.TransportSocketMatches) > 0 {
		i.t.Fatalf("%s: transport socket matches on ORIGINAL_DST", c.Name)
	}
	return i.wireOfSocket(c.TransportSocket)
}

// route names the cluster that a call to the service leaves by.
func (i *istio) route(from *proxy, s *service, sp servicePort, server *pod) string {
	call := simulation.Call{
		Address: s.clusterIP, Port: sp.number, CallMode: simulation.CallModeOutbound,
		HostHeader: s.host(), Protocol: callProtocol(sp.protocol), TLS: simulation.Plaintext,
	}
	if s.headless() {
		call.Address = server.ip
	}
	result := from.simulation.Run(call)
	own := clusterName(s, sp, "")
	if result.Error != nil || result.ClusterMatched != own && result.ClusterMatched != util.PassthroughCluster {
		i.t.Fatalf("%s:%d from %s leaves by %q: %v", s.key(), sp.number, from.node.ID, result.ClusterMatched, result.Error)
	}
	return result.ClusterMatched
}

func clusterName(s *service, sp servicePort, subset string) string {
	return model.BuildSubsetKey(model.TrafficDirectionOutbound, subset, host.Name(s.host()), sp.number)
}

// taken tells whether a client knows a ServiceEntry under the service's host instead: it does not call the service
// then, whatever it calls.
func (i *istio) taken(client *pod, s *service) bool {
	from, captured := i.proxies[client.key()]
	if !captured {
		return false
	}
	known := from.node.SidecarScope.GetService(host.Name(s.host()))
	return known != nil && known.Attributes.ServiceRegistry == provider.External
}

// knows tells whether a proxy knows a host as the entry's, or as that of the service which the entry adds to.
func knows(from *proxy, e *entry, name string) bool {
	known := from.node.SidecarScope.GetService(host.Name(name))
	if known == nil || known.Attributes.Namespace != e.namespace {
		return false
	}
	return known.Attributes.ServiceRegistry == provider.Kubernetes || known.Attributes.K8sAttributes.ObjectName == e.name
}

// wireOfEntry tells how a proxy that knows an entry speaks to an endpoint of it; false when it has no such endpoint,
// which happens under the host of a service only.
func (i *istio) wireOfEntry(from *proxy, e *entry, name string, p entryPort, l led) (wire, bool) {
	own := model.BuildSubsetKey(model.TrafficDirectionOutbound, "", host.Name(name), p.number)
	c := from.clusters[own]
	known := from.node.SidecarScope.GetService(host.Name(name))
	service := known.Attributes.ServiceRegistry == provider.Kubernetes
	if service && (c == nil || known.Resolution == model.Passthrough) {
		return "", false // a port that the service lacks; a headless service, whose pods' addresses clients dial
	}
	address := ""
	switch {
	case service:
		address = known.DefaultAddress
	case e.resolution == "NONE":
		address = l.address
	case len(e.addresses) > 0:
		address = e.addresses[0]
	}
	result := from.simulation.Run(simulation.Call{
		Address: address, Port: p.number, CallMode: simulation.CallModeOutbound,
		HostHeader: name, Protocol: callProtocol(p.protocol), TLS: simulation.Plaintext,
	})
	if result.Error != nil || result.ClusterMatched != own {
		i.t.Fatalf("%s:%d of %s from %s leaves by %q: %v", name, p.number, e.key(), from.node.ID, result.ClusterMatched, result.Error)
	}
	ep := i.entryEndpoint(from, c, l)
	switch {
	case ep == nil && service:
		return "", false
	case ep == nil && c.GetType() != cluster.Cluster_ORIGINAL_DST:
		i.t.Fatalf("%s: no endpoint %s:%d for %s", own, l.address, l.dialled, from.node.ID)
	}
	return i.wireOfEndpoint(c, ep), true
}

// entryEndpoint finds it in what the proxy is told about the cluster: a list of its own, or with names the cluster.
func (i *istio) entryEndpoint(from *proxy, c *cluster.Cluster, l led) *endpoint.LbEndpoint {
	for _, locality := range c.GetLoadAssignment().GetEndpoints() {
		for _, ep := range locality.LbEndpoints {
			address := ep.GetEndpoint().GetAddress().GetSocketAddress()
			if address.GetAddress() == l.address && int(address.GetPortValue()) == l.dialled {
				return ep
			}
		}
	}
	return i.endpoint(from, c.Name, l.address, l.dialled)
}

func callProtocol(p string) simulation.Protocol {
	switch p {
	case "tcp":
		return simulation.TCP
	case "grpc":
		return simulation.HTTP2
	default:
		return simulation.HTTP
	}
}

func (i *istio) endpoint(from *proxy, name, ip string, target int) *endpoint.LbEndpoint {
	builder := endpoints.NewEndpointBuilder(name, from.node, i.server.PushContext())
	for _, locality := range builder.BuildClusterLoadAssignment(i.server.Env().EndpointIndex).Endpoints {
		for _, ep := range locality.LbEndpoints {
			address := ep.GetEndpoint().GetAddress().GetSocketAddress()
			if address.GetAddress() == ip && int(address.GetPortValue()) == target {
				return ep
			}
		}
	}
	return nil
}

// socketFor chooses as Envoy does: the first match whose every field is in the endpoint's metadata.
func socketFor(c *cluster.Cluster, ep *endpoint.LbEndpoint) *core.TransportSocket {
	have := ep.GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"].GetFields()
	for _, m := range c.TransportSocketMatches {
		all := true
		for k, v := range m.GetMatch().GetFields() {
			all = all && proto.Equal(have[k], v)
		}
		if all {
			return m.TransportSocket
		}
	}
	return c.TransportSocket
}

func (i *istio) wireOfSocket(socket *core.TransportSocket) wire {
	if socket == nil || socket.Name == wellknown.TransportSocketRawBuffer {
		return plaintext
	}
	context := &tls.UpstreamTlsContext{}
	if err := socket.GetTypedConfig().UnmarshalTo(context); err != nil {
		i.t.Fatal(err)
	}
	for _, certificate := range context.GetCommonTlsContext().GetTlsCertificateSdsSecretConfigs() {
		if certificate.Name == "default" {
			return istioMutual
		}
	}
	return otherTLS
}

// accepts tells whether an application that speaks plaintext gets to see a connection to a port of its pod.
func (i *istio) accepts(w wire, server *pod, target int, protocol string) bool {
	to, captured := i.proxies[server.key()]
	if !captured || bypasses(server, target) {
		return w == plaintext
	}
	// The simulation takes TLS on a TCP chain without transport socket. Envoy would pass the bytes on to the
	// application, which cannot read them.
	terminated := false
	call := simulation.Call{
		Address: server.ip, Port: target, CallMode: simulation.CallModeInbound,
		HostHeader: server.app, Protocol: callProtocol(protocol), TLS: simulation.Plaintext,
		CustomListenerValidations: []simulation.CustomFilterChainValidation{
			func(c *listener.FilterChain) error {
				terminated = c.GetTransportSocket() != nil
				return nil
			},
		},
	}
	switch w {
	case istioMutual:
		call.TLS = simulation.MTLS
	case otherTLS:
		call.TLS = simulation.TLS
	}
	result := to.simulation.Run(call)
	return result.Error == nil && (w == plaintext || terminated)
}

// bypasses tells whether the iptables rules of the pod leave connections to the port alone
// (istio-iptables, handleInboundPortsInclude: excludes count only when everything is included).
func bypasses(p *pod, target int) bool {
	const prefix = "traffic.sidecar.istio.io/"
	number := fmt.Sprint(target)
	include, given := p.annotations[prefix+"includeInboundPorts"]
	if given && include != "*" {
		return !sets.New(strings.Split(include, ",")...).Contains(number)
	}
	return sets.New(strings.Split(p.annotations[prefix+"excludeInboundPorts"], ",")...).Contains(number)
}
