package oracle

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	out    = flag.String("out", "", "folder to write vectors to; without it nothing is generated")
	worlds = flag.Int("worlds", 700, "number of worlds")
	seed   = flag.Uint64("seed", 1, "seed of the first world")
	only   = flag.String("only", "", "instead: worlds by their seeds, each with the places of policies to leave out, as in 4711 4711-3-5")
)

const worldsPerFile = 100

func init() {
	flag.BoolVar(&apart, "apart", false, "name the namespaces of each world after its seed")
}

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
	drawn := named(t, *only)
	for n := range *worlds {
		if *only == "" {
			drawn = append(drawn, choice{seed: *seed + uint64(n)})
		}
	}
	for n, c := range drawn {
		t.Run(c.String(), func(t *testing.T) {
			v := answer(t, c.world())
			v.Without = c.without
			count(counts, v)
			file = append(file, v.line(t)...)
		})
		if (n+1)%worldsPerFile == 0 || n+1 == len(drawn) {
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

// choice is a world without some of its policies.
type choice struct {
	seed    uint64
	without []int
}

func (c choice) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(c.seed, c.without), " ", "-"), "-[]")
}

// named reads choices as -only gives them.
func named(t *testing.T, text string) []choice {
	t.Helper()
	var choices []choice
	for _, word := range strings.Fields(text) {
		parts := strings.Split(word, "-")
		first, err := strconv.ParseUint(parts[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		c := choice{seed: first}
		for _, part := range parts[1:] {
			place, err := strconv.Atoi(part)
			if err != nil {
				t.Fatal(err)
			}
			c.without = append(c.without, place)
		}
		choices = append(choices, c)
	}
	return choices
}

// world draws it anew, so that what is left is what it was.
func (c choice) world() *world {
	w := randomWorld(c.seed)
	var kept []object
	for n, o := range w.objects {
		if !slices.Contains(c.without, n) {
			kept = append(kept, o)
		}
	}
	w.objects = kept
	w.entries = slices.DeleteFunc(w.entries, func(e *entry) bool { return slices.Contains(c.without, e.place) })
	return w
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
	for _, r := range v.Entries {
		counts["calls to an entry"]++
		counts[fmt.Sprintf("entry: clientTls %s, %s", r.ClientTLS, r.Outcome)]++
	}
	for f := range v.features {
		counts["worlds with: "+f]++
	}
}
