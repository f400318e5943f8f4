package checks

import (
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

// strange is what people give by mistake: a key that is empty, a number for a text, a list for an object, and so on.
var strange = []string{
	"null", `""`, `" "`, `"a b"`, "0", "-1", "1.5", "99999999999", "true", `"true"`, "[]", "{}", "[null]", `[""]`, "[1]", "[{}]", "[[]]",
	"{a: null}", "{a: 1}", "{a: {}}", `{a: ""}`, `{"a b": c}`, `{a: "not a label"}`, `"` + strings.Repeat("long-", 60) + `"`,
	`["` + strings.Repeat("long-", 60) + `x"]`, `"{{ fail }}"`, `"a\n  b: c"`, "[{name: a}, {name: a}]", `"*"`,
}

// paths returns every value that can be set, as keys with dots between them.
func paths(values map[string]any, before string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		path := before + key
		all = append(all, path)
		if inner, ok := values[key].(map[string]any); ok {
			all = append(all, paths(inner, path+".")...)
		}
	}
	return all
}

func nested(path, value string) string {
	keys := strings.Split(path, ".")
	return "{" + strings.Join(keys, ": {") + ": " + value + strings.Repeat("}", len(keys))
}

// Either the schema says what is wrong, or what is rendered is what Kubernetes takes: no object with a field of another type, no
// label that is none, nothing that comes twice, and no fault of a template.
func TestChartTakesNothingThatIsStrange(t *testing.T) {
	chart, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	decoder := strict(t)
	// Helm warns of each value that is no table.
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	everything := "{exec: {everywhere: true, ephemeralContainers: true, ephemeralImage: tcpdump}, probeAgents: {enabled: true}, monitoring: {alerts: true, podMonitor: true}}"
	taken, refused := 0, 0
	for _, path := range paths(chart.Values, "") {
		for _, value := range strange {
			var all, one map[string]any
			given := nested(path, value)
			for text, into := range map[string]*map[string]any{everything: &all, given: &one} {
				if err := yaml.Unmarshal([]byte(text), into); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			}
			if strings.HasPrefix(path, "grafana") { // large, and the same whatever else is given
				laid(all, map[string]any{"grafana": map[string]any{"dashboards": true}})
			}
			laid(all, one)
			merged, err := yaml.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			files, err := renderedOf(chart, "somewhere", string(merged))
			if err != nil {
				refused++
				if !strings.Contains(err.Error(), "schema") && !strings.Contains(err.Error(), "env names a twice") {
					t.Errorf("%s fails in a template: %v", given, err)
				}
				continue
			}
			taken++
			for _, fault := range faults(t, decoder, files) {
				t.Errorf("%s: %s", given, fault)
			}
		}
	}
	if taken < 100 || refused < 500 {
		t.Errorf("only %d were taken and %d refused", taken, refused)
	}
}

// laid sets in a tree what another one says.
func laid(tree, more map[string]any) {
	for key, value := range more {
		inner, isTree := value.(map[string]any)
		before, wasTree := tree[key].(map[string]any)
		if isTree && wasTree {
			laid(before, inner)
		} else {
			tree[key] = value
		}
	}
}

func faults(t *testing.T, decoder runtime.Decoder, files map[string]string) []string {
	t.Helper()
	var all []string
	found := objects{}
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			found.add(t, text)
		}
	}
	for key, object := range found {
		if err := wrong(t, decoder, object); err != nil {
			all = append(all, fmt.Sprintf("%s: %v", key, err))
		}
		all = append(all, faultyLabels(key, object)...)
		for _, list := range lists(object) {
			names := map[string]bool{}
			for _, item := range list {
				entry, _ := item.(map[string]any)
				name, _ := entry["name"].(string)
				if name != "" && names[name] {
					all = append(all, fmt.Sprintf("%s names %s twice", key, name))
				}
				names[name] = true
			}
		}
	}
	return all
}

// faultyLabels says which labels of an object, and of what it makes, are none.
func faultyLabels(key string, tree map[string]any) []string {
	var all []string
	for name, value := range tree {
		inner, _ := value.(map[string]any)
		switch name {
		case "labels", "matchLabels", "nodeSelector":
			for label, text := range inner {
				shown, isText := text.(string)
				if !isText || len(validation.IsValidLabelValue(shown)) > 0 || len(validation.IsQualifiedName(label)) > 0 {
					all = append(all, fmt.Sprintf("%s has the label %s=%v", key, label, text))
				}
			}
		default:
			if inner != nil {
				all = append(all, faultyLabels(key, inner)...)
			}
		}
	}
	return all
}

// lists returns those of a pod in which nothing may come twice.
func lists(object map[string]any) [][]any {
	spec, _ := object["spec"].(map[string]any)
	template, _ := spec["template"].(map[string]any)
	pod, _ := template["spec"].(map[string]any)
	if pod == nil {
		return nil
	}
	volumes, _ := pod["volumes"].([]any)
	all := [][]any{volumes}
	containers, _ := pod["containers"].([]any)
	for _, one := range containers {
		env, _ := one.(map[string]any)["env"].([]any)
		all = append(all, env)
	}
	return all
}
