package oracle

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// ambientWorld is a small ambient cluster, and what is written to it: PeerAuthentications come, change, are touched and
// go, in an order that matters to istiod.
type ambientWorld struct {
	seed          uint64
	rootNamespace string
	objects       []object // that stay what they are
	pods          []*pod
	steps         []ambientStep
	features      map[string]int
}

// ambientStep is one write, or a restart of istiod.
type ambientStep struct {
	Write   object `json:"write,omitempty"`
	Delete  string `json:"delete,omitempty"` // namespace/name of a PeerAuthentication
	Restart bool   `json:"restart,omitempty"`
	// Refused are ports at which plaintext is refused after it, by pod; of the others it is taken.
	Refused map[string][]int `json:"refused"`
}

// askedPorts are those that policies name, and one that none does.
var askedPorts = []int{7070, 8080, 9090, 9999}

const ambientLabel = "istio.io/dataplane-mode"

func randomAmbientWorld(seed uint64) *ambientWorld {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 0x7a74756e)), world: newWorld(seed), names: map[string]int{}}
	if d.chance(20) {
		d.rootNamespace = "mesh-root"
		d.note("root namespace other than istio-system")
	}
	d.spellOut = d.chance(30)
	d.addMeshConfig()
	d.addNamespace("istio-system", false)
	if d.rootNamespace != "istio-system" {
		d.addNamespace(d.rootNamespace, false)
	}
	d.namespaces = []string{"foo", "bar"}[:1+d.weigh(60, 40)]
	for _, namespace := range d.namespaces {
		d.add("v1", "Namespace", metadata("", namespace, epoch, object{"labels": object{ambientLabel: "ambient"}}), object{})
		for _, app := range []string{"httpbin", "curl"}[:1+d.weigh(60, 40)] {
			d.addAmbientPod(namespace, app)
		}
	}
	if d.chance(15) {
		d.addAmbientPod(d.rootNamespace, "httpbin")
		d.note("workload in the root namespace")
	}
	w := &ambientWorld{seed: seed, rootNamespace: d.rootNamespace, objects: d.objects, pods: d.pods, features: d.features}
	live := map[string]object{}
	for range 3 + d.IntN(8) {
		w.steps = append(w.steps, d.drawAmbientStep(live))
	}
	return w
}

func hasPorts(policy object) bool { return policy["spec"].(object)["portLevelMtls"] != nil }

func (d *dice) addAmbientPod(namespace, app string) {
	p := &pod{
		namespace: namespace, app: app, name: app + "-0", ip: d.ip(), labels: map[string]string{"app": app},
		annotations: map[string]string{"ambient.istio.io/redirection": "enabled"}, ports: []port{{"web", 8080, "http"}},
	}
	if namespace == d.rootNamespace {
		p.labels[ambientLabel] = "ambient" // its namespace is not
	}
	d.addPod(p)
}

// drawAmbientStep changes live, PeerAuthentications by namespace/name.
func (d *dice) drawAmbientStep(live map[string]object) ambientStep {
	keys := slices.Sorted(maps.Keys(live))
	what := d.weigh(50, 26, 7, 13, 4)
	if len(keys) == 0 {
		what = 0
	}
	switch what {
	case 1, 2:
		key := pick(d, keys...)
		if wide := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return hasPorts(live[k]) }); len(wide) > 0 && d.chance(50) {
			key = pick(d, wide...) // what encloses others
		}
		changed := copied(live[key])
		if what == 1 {
			d.note("a policy changes")
			spec := changed["spec"].(object)
			delete(spec, "mtls")
			d.drawAmbientModes(spec)
		} else {
			d.note("a policy is touched")
			changed["metadata"].(object)["annotations"] = object{"touched": fmt.Sprint(d.uids)}
			d.uids++
		}
		live[key] = changed
		return ambientStep{Write: changed}
	case 3:
		key := pick(d, keys...)
		delete(live, key)
		d.note("a policy goes")
		return ambientStep{Delete: key}
	case 4:
		d.note("istiod restarts")
		return ambientStep{Restart: true}
	}
	created := d.drawAmbientPolicy()
	meta := created["metadata"].(object)
	live[fmt.Sprint(meta["namespace"], "/", meta["name"])] = created
	return ambientStep{Write: created}
}

// drawAmbientPolicy is younger than all before: of policies of one age ztunnel's is not known beforehand
// (EQUAL_TIMESTAMPS_ON_AMBIENT).
func (d *dice) drawAmbientPolicy() object {
	spec := object{}
	at := pick(d, d.pods...)
	namespace := at.namespace
	if namespace == d.rootNamespace {
		namespace = d.namespaces[0]
	}
	switch d.weigh(17, 25, 55, 3) {
	case 0:
		namespace = d.rootNamespace
		d.note("mesh policy")
	case 1:
		d.note("namespace policy")
		if d.chance(8) {
			spec["selector"] = object{}
			d.note("namespace policy with an empty selector")
		}
	case 2:
		spec["selector"] = object{"matchLabels": object{"app": at.app}}
		d.note("workload policy")
		if d.chance(85) {
			spec["portLevelMtls"] = object{}
		}
	case 3:
		namespace = d.rootNamespace
		spec["selector"] = object{"matchLabels": object{"app": at.app}}
		spec["portLevelMtls"] = object{}
		d.note("policy with selector in the root namespace")
	}
	d.drawAmbientModes(spec)
	d.uids++
	created := fmt.Sprintf("2026-01-02T00:%02d:00Z", d.uids)
	meta := metadata(namespace, d.name("pa"), created, object{"uid": fmt.Sprintf("%d-%d", d.seed, d.uids)})
	return object{"apiVersion": securityAPI, "kind": "PeerAuthentication", "metadata": meta, "spec": spec}
}

// drawAmbientModes draws the mode, and those of ports where there are any.
func (d *dice) drawAmbientModes(spec object) {
	if mtls := d.mtls(); mtls != nil {
		spec["mtls"] = mtls
	}
	if _, has := spec["portLevelMtls"]; !has {
		return
	}
	if d.chance(60) {
		delete(spec, "mtls") // what depends on others
	}
	ports := object{}
	for range 1 + d.weigh(45, 40, 15) {
		mode := pick(d, "STRICT", "STRICT", "PERMISSIVE", "PERMISSIVE", "DISABLE", "UNSET")
		ports[fmt.Sprint(pick(d, askedPorts[1:]...))] = object{"mode": mode}
		d.note("portLevelMtls " + mode)
	}
	spec["portLevelMtls"] = ports
}

func copied(o object) object {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	var copy object
	if err := json.Unmarshal(text, &copy); err != nil {
		panic(err)
	}
	return copy
}
