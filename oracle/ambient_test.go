package oracle

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// ambientVector is a world with what istiod has ztunnels do in it, after each step.
type ambientVector struct {
	Seed    uint64        `json:"seed"`
	Objects []object      `json:"objects"`
	Asked   []int         `json:"asked"`
	Steps   []ambientStep `json:"steps"`
	// Anew is the last step's answer of an istiod that makes all anew.
	Anew map[string][]int `json:"anew"`
	// Page is /debug/ambientz after the last step.
	Page object `json:"page"`
}

func answerAmbient(t *testing.T, w *ambientWorld) ambientVector {
	t.Helper()
	v := ambientVector{Seed: w.seed, Objects: w.objects, Asked: askedPorts}
	live := map[string]object{}
	i := newAmbientIstiod(t, w, nil)
	for _, s := range w.steps {
		switch {
		case s.Write != nil:
			meta := s.Write["metadata"].(object)
			live[fmt.Sprint(meta["namespace"], "/", meta["name"])] = s.Write
		case s.Delete != "":
			delete(live, s.Delete)
		}
		if s.Restart {
			i = newAmbientIstiod(t, w, ordered(live))
		} else {
			i.write(s)
		}
		s.Refused = i.refused()
		v.Steps = append(v.Steps, s)
	}
	v.Page = i.page()
	v.Anew = newAmbientIstiod(t, w, ordered(live)).refused()
	return v
}

func ordered(live map[string]object) []object {
	var all []object
	for _, key := range slices.Sorted(maps.Keys(live)) {
		all = append(all, live[key])
	}
	return all
}

// TestGenerateAmbient writes ambient.jsonl, as TestGenerate does the other files.
func TestGenerateAmbient(t *testing.T) {
	if *out == "" || *only != "" {
		t.Skip("no -out, or worlds by name")
	}
	counts := map[string]int{}
	var file []byte
	for n := range *worlds / 2 {
		w := randomAmbientWorld(*seed + uint64(n))
		t.Run(fmt.Sprint(w.seed), func(t *testing.T) {
			v := answerAmbient(t, w)
			file = append(file, line(t, v)...)
			countAmbient(counts, v)
			for f := range w.features {
				counts["worlds with: "+f]++
			}
		})
	}
	if err := os.WriteFile(filepath.Join(*out, "ambient.jsonl"), file, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("%7d ambient: %s\n", counts[k], k)
	}
}

func countAmbient(counts map[string]int, v ambientVector) {
	counts["worlds"]++
	counts["steps"] += len(v.Steps)
	last := v.Steps[len(v.Steps)-1].Refused
	for _, s := range v.Steps {
		for _, ports := range s.Refused {
			counts["answers"] += len(askedPorts)
			counts["answers: refused"] += len(ports)
		}
	}
	for pod, anew := range v.Anew {
		counts["answers of an istiod that makes all anew"] += len(askedPorts)
		for _, port := range askedPorts {
			if slices.Contains(anew, port) != slices.Contains(last[pod], port) {
				counts["answers that it gives otherwise than the one before"]++
			}
		}
	}
}

func TestSameSeedGivesSameAmbientBytes(t *testing.T) {
	for seed := range uint64(5) {
		first := line(t, answerAmbient(t, randomAmbientWorld(seed)))
		second := line(t, answerAmbient(t, randomAmbientWorld(seed)))
		if !bytes.Equal(first, second) {
			t.Errorf("seed %d:\n%s%s", seed, first, second)
		}
	}
}

// TestWhatIstiodDoesForZtunnel pins what README.md says of it.
func TestWhatIstiodDoesForZtunnel(t *testing.T) {
	strict, unset := object{"mtls": object{"mode": "STRICT"}}, object{}
	workload := func(mode string, ports object) object {
		spec := object{"selector": object{"matchLabels": object{"app": "httpbin"}}, "portLevelMtls": object{}}
		if mode != "" {
			spec["mtls"] = object{"mode": mode}
		}
		for port, own := range ports {
			spec["portLevelMtls"].(object)[port] = object{"mode": own}
		}
		return spec
	}
	open := workload("", object{"9999": "PERMISSIVE"})
	write := func(where string, spec object) ambientStep {
		namespace, name := split2(where)
		return ambientStep{Write: object{
			"apiVersion": securityAPI, "kind": "PeerAuthentication", "metadata": metadata(namespace, name, epoch, object{}), "spec": spec,
		}}
	}
	for name, c := range map[string]struct {
		steps []ambientStep
		want  []int
	}{
		"an open port under STRICT":   {[]ambientStep{write("foo/ns", strict), write("foo/w", open)}, []int{7070, 8080, 9090}},
		"STRICT over an open port":    {[]ambientStep{write("foo/w", open), write("foo/ns", strict)}, nil},
		"... and istiod restarts":     {[]ambientStep{write("foo/w", open), write("foo/ns", strict), {Restart: true}}, []int{7070, 8080, 9090}},
		"... and it has its own mode": {[]ambientStep{write("foo/w", workload("STRICT", object{"9999": "PERMISSIVE"})), write("foo/ns", strict)}, []int{7070, 8080, 9090}},
		"STRICT of the mesh, a namespace without a mode": {
			[]ambientStep{write("istio-system/mesh", strict), write("foo/ns", unset), write("foo/w", open)}, nil,
		},
		"a closed port of an open workload, under a STRICT mesh: open, though the policy depends on none": {
			[]ambientStep{write("istio-system/mesh", strict), write("foo/w", workload("PERMISSIVE", object{"8080": "STRICT"}))}, nil,
		},
		"... and before it": {
			[]ambientStep{write("foo/w", workload("PERMISSIVE", object{"8080": "STRICT"})), write("istio-system/mesh", strict)}, []int{8080},
		},
		"an empty selector makes a namespace's policy that converted ones do not see": {
			[]ambientStep{write("foo/ns", object{"selector": object{}, "mtls": object{"mode": "STRICT"}}), write("foo/w", open)}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := &dice{world: newWorld(0)}
			d.addMeshConfig()
			d.add("v1", "Namespace", metadata("", "foo", epoch, object{"labels": object{ambientLabel: "ambient"}}), object{})
			d.addAmbientPod("foo", "httpbin")
			v := answerAmbient(t, &ambientWorld{rootNamespace: "istio-system", objects: d.objects, pods: d.pods, steps: c.steps})
			if got := v.Steps[len(v.Steps)-1].Refused["foo/httpbin-0"]; !slices.Equal(got, c.want) {
				t.Errorf("refuses %v, want %v", got, c.want)
			}
		})
	}
}
