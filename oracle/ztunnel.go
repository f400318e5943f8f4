package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	securityclient "istio.io/client-go/pkg/apis/security/v1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/ambient"
	"istio.io/istio/pilot/pkg/serviceregistry/util/xdsfake"
	"istio.io/istio/pilot/pkg/xds"
	"istio.io/istio/pkg/activenotifier"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	"istio.io/istio/pkg/config/schema/gvr"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/kclient/clienttest"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/kube/multicluster"
	"istio.io/istio/pkg/test"
	"istio.io/istio/pkg/workloadapi/security"
)

// ambientIstiod is istiod's index of what ztunnels are sent, over an API server that is not one.
type ambientIstiod struct {
	t        *testing.T
	world    *ambientWorld
	policies clienttest.TestWriter[*securityclient.PeerAuthentication]
	index    ambient.Index
	marks    int
}

const (
	ambientCluster = "Kubernetes"
	markNamespace  = "mark"
	markPod        = ambientCluster + "//Pod/" + markNamespace + "/mark-0"
	markPolicy     = markNamespace + "/converted_peer_authentication_mark"
)

// newAmbientIstiod starts one that finds these PeerAuthentications.
func newAmbientIstiod(t *testing.T, w *ambientWorld, policies []object) *ambientIstiod {
	t.Helper()
	client := kube.NewFakeClient(kubernetesObjects(t, w)...)
	for _, crd := range []schema.GroupVersionResource{
		gvr.AuthorizationPolicy, gvr.PeerAuthentication, gvr.KubernetesGateway, gvr.GatewayClass, gvr.WorkloadEntry, gvr.ServiceEntry,
	} {
		clienttest.MakeCRD(t, client, crd)
	}
	i := &ambientIstiod{t: t, world: w, policies: clienttest.NewWriter[*securityclient.PeerAuthentication](t, client)}
	for _, o := range policies {
		i.policies.Create(read[securityclient.PeerAuthentication](t, o))
	}
	i.writeMark()
	stop := test.NewStop(t)
	meshConfig := mesh.DefaultMeshConfig()
	meshConfig.RootNamespace = w.rootNamespace
	watcher := meshwatcher.NewTestWatcher(meshConfig)
	debugger := new(krt.DebugHandler)
	clusters := multicluster.NewController(multicluster.ControllerOptions{
		Client: client, ClusterID: ambientCluster, SystemNamespace: "istio-system", MeshConfig: watcher, Debugger: debugger,
	})
	i.index = ambient.New(ambient.Options{
		SystemNamespace: "istio-system", DomainSuffix: "cluster.local", ClusterID: ambientCluster, XDSUpdater: xdsfake.NewFakeXDS(),
		StatusNotifier: activenotifier.New(true), MeshConfig: watcher, Debugger: debugger, MultiClusterController: clusters,
	})
	if err := clusters.Run(stop); err != nil {
		t.Fatal(err)
	}
	go i.index.Run(stop)
	client.RunAndWait(stop)
	if !kube.WaitForCacheSync("ambient", stop, i.index.HasSynced) {
		t.Fatal("istiod does not start")
	}
	i.awaitMark()
	i.writeMark() // behind what its start has left to do
	i.awaitMark()
	return i
}

// kubernetesObjects are those of the world, and a pod whose policy marks what has been worked off.
func kubernetesObjects(t *testing.T, w *ambientWorld) []runtime.Object {
	marked := newWorld(w.seed)
	d := &dice{world: marked, ips: 200}
	marked.add("v1", "Namespace", metadata("", markNamespace, epoch, object{"labels": object{ambientLabel: "ambient"}}), object{})
	d.addAmbientPod(markNamespace, "mark")
	var all []runtime.Object
	for _, o := range slices.Concat(w.objects, marked.objects) {
		switch o["kind"] {
		case "Namespace":
			all = append(all, read[corev1.Namespace](t, o))
		case "Pod":
			all = append(all, read[corev1.Pod](t, o))
		}
	}
	return all
}

func read[T any](t *testing.T, o object) *T {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	into := new(T)
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return into
}

// write has istiod work the step off, and nothing that is written later.
func (i *ambientIstiod) write(s ambientStep) {
	i.t.Helper()
	switch {
	case s.Write != nil:
		i.policies.CreateOrUpdate(read[securityclient.PeerAuthentication](i.t, s.Write))
	case s.Delete != "":
		namespace, name := split2(s.Delete)
		i.policies.Delete(name, namespace)
	}
	i.writeMark()
	i.awaitMark()
	i.writeMark() // behind the batch that may hold both, whose results show in no order
	i.awaitMark()
}

// writeMark changes a policy that depends on no other. Informers and krt's collections work events off in the order in
// which they come: when what follows from this one is there, what follows from those of earlier batches is.
func (i *ambientIstiod) writeMark() {
	i.marks++
	mode := "PERMISSIVE"
	if i.marks%2 == 1 {
		mode = "STRICT"
	}
	policy := func(name string, spec object) *securityclient.PeerAuthentication {
		return read[securityclient.PeerAuthentication](i.t, object{
			"apiVersion": securityAPI, "kind": "PeerAuthentication", "metadata": metadata(markNamespace, name, epoch, object{}), "spec": spec,
		})
	}
	if i.marks == 1 {
		// Without it a STRICT mesh would have a say (see ambient_test.go).
		i.policies.Create(policy("default", object{"mtls": object{"mode": "PERMISSIVE"}}))
	}
	i.policies.CreateOrUpdate(policy("mark", object{
		"selector": object{"matchLabels": object{"app": "mark"}}, "mtls": object{"mode": "PERMISSIVE"},
		"portLevelMtls": object{fmt.Sprint(1000 + i.marks): object{"mode": mode}},
	}))
}

func (i *ambientIstiod) awaitMark() {
	i.t.Helper()
	port := 1000 + i.marks
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		made := i.made()
		there := slices.Contains(i.obeys()[markPod], markPolicy)
		if i.marks%2 == 1 && there && refuses(i.t, made[markPolicy], port) ||
			i.marks%2 == 0 && !there && made[markPolicy] == nil {
			return
		}
		if time.Now().After(deadline) {
			i.t.Fatalf("seed %d: istiod does not work off mark %d", i.world.seed, i.marks)
		}
	}
}

// made are the policies that istiod has for ztunnels, by namespace/name.
func (i *ambientIstiod) made() map[string]*security.Authorization {
	made := map[string]*security.Authorization{}
	for _, p := range i.index.Policies(nil) {
		made[p.Authorization.Namespace+"/"+p.Authorization.Name] = p.Authorization
	}
	return made
}

// obeys are the names of those that each workload is told to obey, by its uid.
func (i *ambientIstiod) obeys() map[string][]string {
	names := map[string][]string{}
	for _, a := range i.index.All() {
		if w := a.GetWorkload(); w != nil {
			names[w.Uid] = w.AuthorizationPolicies
		}
	}
	return names
}

// refused is what ztunnel does with plaintext: by pod, the ports at which it is refused.
func (i *ambientIstiod) refused() map[string][]int {
	made, obeys := i.made(), i.obeys()
	refused := map[string][]int{}
	for _, p := range i.world.pods {
		names, known := obeys[ambientCluster+"//Pod/"+p.key()]
		if !known {
			i.t.Fatalf("seed %d: istiod does not know %s", i.world.seed, p.key())
		}
		ports := []int{}
		for _, port := range askedPorts {
			if slices.ContainsFunc(names, func(name string) bool { return refuses(i.t, made[name], port) }) {
				ports = append(ports, port)
			}
		}
		refused[p.key()] = ports
	}
	return refused
}

// refuses tells whether a policy denies a peer without an identity (pkg/workloadapi/security/authorization.proto). One
// that is not there ztunnel passes over, with a warning.
func refuses(t *testing.T, a *security.Authorization, port int) bool {
	if a == nil {
		return false
	}
	if a.Action != security.Action_DENY {
		t.Fatalf("%v is no denial", a)
	}
	number := uint32(port)
	return slices.ContainsFunc(a.Groups, func(g *security.Group) bool {
		return !slices.ContainsFunc(g.Rules, func(r *security.Rules) bool {
			return !slices.ContainsFunc(r.Matches, func(m *security.Match) bool {
				known := &security.Match{
					NotPrincipals: m.NotPrincipals, DestinationPorts: m.DestinationPorts, NotDestinationPorts: m.NotDestinationPorts,
				}
				if known.String() != m.String() {
					t.Fatalf("%v asks for something else", m)
				}
				return (len(m.DestinationPorts) == 0 || slices.Contains(m.DestinationPorts, number)) &&
					!slices.Contains(m.NotDestinationPorts, number)
			})
		})
	})
}

// page is what istiod shows at /debug/ambientz, without the mark; its lists are sorted, for istiod's order is random.
func (i *ambientIstiod) page() object {
	environment := model.NewEnvironment()
	environment.AmbientIndexes = i.index
	server := xds.NewDiscoveryServer(environment, nil, nil)
	mux := server.InitDebug(http.NewServeMux(), false, nil)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/debug/ambientz", nil))
	var page map[string][]object
	if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil || answer.Code != http.StatusOK {
		i.t.Fatalf("%d %v: %s", answer.Code, err, answer.Body)
	}
	sorted := object{}
	for part, list := range page {
		list = slices.DeleteFunc(list, func(o object) bool { return o["namespace"] == markNamespace })
		slices.SortFunc(list, func(a, b object) int { return compareJSON(i.t, a, b) })
		sorted[part] = list
	}
	return sorted
}

func line(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func compareJSON(t *testing.T, a, b object) int { return bytes.Compare(line(t, a), line(t, b)) }

func split2(key string) (string, string) {
	namespace, name, _ := strings.Cut(key, "/")
	return namespace, name
}
