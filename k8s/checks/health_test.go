package checks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/google/cel-go/cel"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// As Argo CD runs it: the object is `obj`, what is returned has status and message, and of Lua's libraries there are
// those of Lua itself and of tables.
func health(t *testing.T, kind, object string) (status, message string) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("../components/argocd-health", kind+".lua"))
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.UnmarshalStrict([]byte(object), &values); err != nil {
		t.Fatal(err)
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		state.Push(state.NewFunction(open))
		state.Push(lua.LString(name))
		state.Call(1, 0)
	}
	state.SetGlobal("obj", value(state, values))
	if err := state.DoString(string(script)); err != nil {
		t.Fatal(err)
	}
	result, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("%s.lua returns %s", kind, state.Get(-1).Type())
	}
	return lua.LVAsString(result.RawGetString("status")), lua.LVAsString(result.RawGetString("message"))
}

func value(state *lua.LState, from any) lua.LValue {
	switch from := from.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, one := range from {
			table.RawSetString(key, value(state, one))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, one := range from {
			table.Append(value(state, one))
		}
		return table
	case string:
		return lua.LString(from)
	case float64:
		return lua.LNumber(from)
	case bool:
		return lua.LBool(from)
	}
	return lua.LNil
}

const (
	accepted = `{type: Accepted, status: "True", observedGeneration: 2, message: taken}`
	waits    = `{type: Ready, status: "False", message: waits}`
)

// Plans as the service writes them: to Argo CD, and to Flux by the expressions of docs/gitops.md.
var plans = map[string]struct{ object, status, message, flux string }{
	"without conditions":     {`{metadata: {generation: 1}, status: {conditions: []}}`, "Progressing", "not judged yet", "inProgress"},
	"of an older generation": {`{metadata: {generation: 3}, status: {phase: COMPLETED, conditions: [` + accepted + `, {type: Ready, status: "True", message: so}]}}`, "Progressing", "not judged yet", "inProgress"},
	"that is invalid":        {`{metadata: {generation: 2}, status: {phase: DRAFT, conditions: [{type: Accepted, status: "False", observedGeneration: 2, message: no such wave}]}}`, "Degraded", "no such wave", "failed"},
	"that is a draft":        {`{metadata: {generation: 2}, status: {phase: DRAFT, conditions: [` + accepted + `, ` + waits + `]}}`, "Suspended", "waits", "current"},
	"that runs":              {`{metadata: {generation: 2}, status: {phase: RUNNING, conditions: [` + accepted + `, ` + waits + `]}}`, "Progressing", "waits", "current"},
	"that drifted":           {`{metadata: {generation: 2}, status: {phase: COMPLETED, conditions: [` + accepted + `, {type: Degraded, status: "True", message: weakened}]}}`, "Degraded", "weakened", "failed"},
	"that is done":           {`{metadata: {generation: 2}, status: {phase: COMPLETED, conditions: [` + accepted + `, {type: Ready, status: "True", message: so}]}}`, "Healthy", "so", "current"},
	"that is being undone":   {`{metadata: {generation: 2}, status: {phase: CLEANED_UP, conditions: [` + accepted + `, ` + waits + `]}}`, "Progressing", "waits", "current"},
	"that is undone":         {`{metadata: {generation: 2}, status: {phase: CLEANED_UP, endedAt: now, conditions: [` + accepted + `, ` + waits + `]}}`, "Healthy", "waits", "current"},
	"that was stopped":       {`{metadata: {generation: 2}, status: {phase: ABORTED, endedAt: now, conditions: [` + accepted + `, ` + waits + `]}}`, "Suspended", "waits", "current"},
}

func TestHealthOfPlans(t *testing.T) {
	for name, c := range plans {
		if status, message := health(t, "MigrationPlan", c.object); status != c.status || message != c.message {
			t.Errorf("a plan %s is %s (%s), not %s (%s)", name, status, message, c.status, c.message)
		}
	}
	if status, _ := health(t, "MigrationPlan", "{metadata: {generation: 1}}"); status != "Progressing" {
		t.Errorf("a plan that nobody has looked at is %s", status)
	}
}

// Flux asks inProgress first, then failed, then current.
func TestHealthOfPlansToFlux(t *testing.T) {
	page, err := os.ReadFile("../../docs/gitops.md")
	if err != nil {
		t.Fatal(err)
	}
	var example struct{ HealthCheckExprs []map[string]string }
	block := regexp.MustCompile("(?s)```yaml\n(healthCheckExprs:.*?)```").FindStringSubmatch(string(page))
	if err := yaml.UnmarshalStrict([]byte(block[1]), &example); err != nil {
		t.Fatal(err)
	}
	env, err := cel.NewEnv(cel.Variable("metadata", cel.DynType), cel.Variable("status", cel.DynType))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range plans {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(c.object), &object); err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, word := range []string{"inProgress", "failed", "current"} {
			expression, issues := env.Compile(example.HealthCheckExprs[0][word])
			if issues.Err() != nil {
				t.Fatal(issues.Err())
			}
			program, err := env.Program(expression)
			if err != nil {
				t.Fatal(err)
			}
			result, _, err := program.Eval(object)
			if err != nil {
				t.Fatal(name, word, err)
			}
			if result.Value() == true && said == "" {
				said = word
			}
		}
		if said != c.flux {
			t.Errorf("to Flux a plan %s is %q, not %q", name, said, c.flux)
		}
	}
}

// By Flux's own library, where no expressions are given: plans as a service has written them, and steps as StepConditionsTest holds them.
func TestHealthToKstatus(t *testing.T) {
	recorded, err := os.ReadFile("../../contract/v0.1.0/resources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Items []map[string]any }
	if err := yaml.Unmarshal(recorded, &list); err != nil {
		t.Fatal(err)
	}
	plans := 0
	for _, item := range list.Items {
		if item["kind"] != "MigrationPlan" {
			continue
		}
		plans++
		expected := map[any]status.Status{"COMPLETED": status.CurrentStatus, "RUNNING": status.InProgressStatus}[item["status"].(map[string]any)["phase"]]
		if found := kstatus(t, item); found != expected {
			t.Errorf("%s is %s, not %s", item["metadata"].(map[string]any)["name"], found, expected)
		}
		item["metadata"].(map[string]any)["generation"] = int64(2)
		if found := kstatus(t, item); found != status.InProgressStatus {
			t.Errorf("a plan that was changed is %s", found)
		}
	}
	if plans != 2 {
		t.Errorf("%d plans are recorded", plans)
	}
	for conditions, expected := range map[string]status.Status{
		`{type: Ready, status: "True"}`:                                   status.CurrentStatus,
		`{type: Ready, status: "False"}`:                                  status.InProgressStatus,
		`{type: Ready, status: "False"}, {type: Stalled, status: "True"}`: status.FailedStatus,
	} {
		var step map[string]any
		text := `{apiVersion: mtls-migration.io/v1, kind: NamespaceMigration, metadata: {name: a, generation: 1}, status: {observedGeneration: 1, conditions: [` + conditions + `]}}`
		if err := yaml.Unmarshal([]byte(text), &step); err != nil {
			t.Fatal(err)
		}
		if found := kstatus(t, step); found != expected {
			t.Errorf("a step with %s is %s, not %s", conditions, found, expected)
		}
	}
}

func kstatus(t *testing.T, object map[string]any) status.Status {
	t.Helper()
	// Numbers as an API server's client has them.
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	read := &unstructured.Unstructured{}
	if err := read.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	result, err := status.Compute(read)
	if err != nil {
		t.Fatal(err)
	}
	return result.Status
}

// Each phase that the code knows, by the page that is written from it.
func TestHealthOfSteps(t *testing.T) {
	expected := map[string]string{
		"LOCKED": "Healthy", "EXEMPT": "Healthy", "DRIFTED": "Degraded", "BLOCKED": "Degraded", "ROLLED_BACK": "Degraded",
		"SKIPPED": "Suspended", "AWAITING_APPROVAL": "Suspended", "PENDING": "Progressing", "OBSERVING": "Progressing",
		"AUDITING": "Progressing", "READY": "Progressing", "LOCKING": "Progressing", "VERIFYING": "Progressing",
		"ROLLING_BACK": "Progressing",
	}
	phases := catalogue(t)["mtls_migration_steps"]["phase"]
	for _, phase := range phases {
		status, message := health(t, "NamespaceMigration", `{status: {phase: `+phase+`, message: why}}`)
		if status != expected[phase] || message != phase+": why" {
			t.Errorf("%s is %s (%s), not %s", phase, status, message, expected[phase])
		}
	}
	if len(phases) != len(expected) {
		t.Errorf("there are %d phases, of which %d are expected", len(phases), len(expected))
	}
	harmed := "{status: {phase: LOCKED, message: verified, health: {reason: CLIENTS_REFUSED, message: bar is refused}}}"
	if status, message := health(t, "NamespaceMigration", harmed); status != "Degraded" || message != "LOCKED: bar is refused" {
		t.Errorf("a locked step that refuses its clients is %s (%s)", status, message)
	}
	if status, _ := health(t, "NamespaceMigration", "{}"); status != "Progressing" {
		t.Errorf("a step that has not begun is %s", status)
	}
}

// What a script names has to be written by the code: conditions on one page, phases on the other.
func TestHealthKnowsOnlyWhatThereIs(t *testing.T) {
	page, err := os.ReadFile("../../docs/kubectl.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("../components/argocd-health/MigrationPlan.lua")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`found\["(\w+)"]`).FindAllStringSubmatch(string(script), -1) {
		if !strings.Contains(string(page), "\n| `"+name[1]+"` |") {
			t.Errorf("%s is no condition of docs/kubectl.md", name[1])
		}
	}
	phases := strings.Join(catalogue(t)["mtls_migration_plans"]["phase"], " ")
	for _, name := range regexp.MustCompile(`phase == "(\w+)"`).FindAllStringSubmatch(string(script), -1) {
		if !strings.Contains(phases, name[1]) {
			t.Errorf("%s is no phase of a plan", name[1])
		}
	}
}
