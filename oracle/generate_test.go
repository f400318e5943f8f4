package oracle

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var (
	out    = flag.String("out", "", "folder to write vectors to; without it nothing is generated")
	worlds = flag.Int("worlds", 700, "number of worlds")
	seed   = flag.Uint64("seed", 1, "seed of the first world")
)

const worldsPerFile = 100

// TestGenerate writes the vectors. It is a test because Istio's fake control plane and its simulation want one.
func TestGenerate(t *testing.T) {
	if *out == "" {
		t.Skip("no -out")
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	var file []byte
	for n := range *worlds {
		t.Run(fmt.Sprint(*seed+uint64(n)), func(t *testing.T) {
			v := answer(t, randomWorld(*seed+uint64(n)))
			count(counts, v)
			file = append(file, v.line(t)...)
		})
		if (n+1)%worldsPerFile == 0 || n+1 == *worlds {
			name := filepath.Join(*out, fmt.Sprintf("worlds-%03d.jsonl", n/worldsPerFile+1))
			if err := os.WriteFile(name, file, 0o644); err != nil {
				t.Fatal(err)
			}
			counts["bytes"] += len(file)
			file = nil
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(counts), cmp.Compare[string]) {
		fmt.Printf("%7d %s\n", counts[k], k)
	}
}

func count(counts map[string]int, v vector) {
	counts["worlds"]++
	for _, m := range v.Modes {
		counts["mode "+m.Mode]++
		for _, p := range m.Ports {
			counts["mode of a port "+p]++
		}
	}
	for _, r := range v.Reachability {
		counts["calls"]++
		counts["outcome "+r.Outcome]++
		counts[fmt.Sprintf("clientTls %s, %s", r.ClientTLS, r.Outcome)]++
	}
	counts["calls to a subset"] += len(v.Subsets)
	for f := range v.features {
		counts["worlds with: "+f]++
	}
}
