package checks

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"sigs.k8s.io/yaml"
)

// commands returns the expressions of the policy mtls-migration-commands. What they ask of the API server's authorizer,
// a list of verbs answers here.
func commands(t *testing.T) []cel.Program {
	t.Helper()
	text, err := os.ReadFile("../base/admission.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Metadata struct{ Name string }
		Spec     struct{ Validations []struct{ Expression string } }
	}
	if err := yaml.Unmarshal(bytes.Split(text, []byte("\n---\n"))[0], &policy); err != nil {
		t.Fatal(err)
	}
	if policy.Metadata.Name != "mtls-migration-commands" {
		t.Fatalf("the first policy is %s", policy.Metadata.Name)
	}
	env, err := cel.NewEnv(
		cel.Variable("object", cel.DynType),
		cel.Variable("oldObject", cel.DynType),
		cel.Variable("request", cel.DynType),
		cel.Variable("variables", cel.DynType),
		cel.Function("check", cel.MemberOverload("check", []*cel.Type{cel.DynType, cel.StringType}, cel.DynType,
			cel.BinaryBinding(func(verbs, verb ref.Val) ref.Val {
				return types.Bool(strings.Contains(verbs.Value().(string), verb.Value().(string)))
			}))),
		cel.Function("allowed", cel.MemberOverload("allowed", []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(func(is ref.Val) ref.Val { return is }))),
	)
	if err != nil {
		t.Fatal(err)
	}
	var programs []cel.Program
	for _, validation := range policy.Spec.Validations {
		ast, issues := env.Compile(validation.Expression)
		if issues.Err() != nil {
			t.Fatal(issues.Err())
		}
		program, err := env.Program(ast)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, program)
	}
	return programs
}

func annotations(plan map[string]any) any {
	if metadata, is := plan["metadata"].(map[string]any); is && metadata["annotations"] != nil {
		return metadata["annotations"]
	}
	return map[string]any{}
}

func allows(t *testing.T, before, now, user, verbs string) bool {
	t.Helper()
	plan := func(text string) (plan map[string]any) {
		if err := yaml.Unmarshal([]byte(text), &plan); err != nil {
			t.Fatal(err)
		}
		return plan
	}
	values := map[string]any{
		"object":    plan(now),
		"oldObject": nil,
		"request":   map[string]any{"userInfo": map[string]any{"username": user}},
		"variables": map[string]any{"now": annotations(plan(now)), "before": annotations(plan(before)), "caller": verbs},
	}
	if before != "" {
		values["oldObject"] = plan(before)
	}
	for _, program := range commands(t) {
		allowed, _, err := program.Eval(values)
		if err != nil || allowed != types.True {
			return false
		}
	}
	return true
}

// What a start that waits will start is changed by nobody who may not start it.
func TestWaitingStart(t *testing.T) {
	const (
		starts  = "metadata: {annotations: {mtls-migration.io/action: start}}\n"
		plain   = "metadata: {}\n"
		foo     = "spec: {scope: {namespaces: [foo]}}\n"
		bar     = "spec: {scope: {namespaces: [bar]}}\n"
		draft   = "status: {phase: DRAFT}\n"
		running = "status: {phase: RUNNING}\n"
		service = "system:serviceaccount:mtls-migration:mtls-migration"
	)
	for name, one := range map[string]struct {
		before, now, user, verbs string
		allowed                  bool
	}{
		"an edit of a draft":                      {plain + foo + draft, plain + bar + draft, "ann", "", true},
		"a start by who may not":                  {plain + foo + draft, starts + foo + draft, "ann", "", false},
		"a start by who may":                      {plain + foo + draft, starts + foo + draft, "ann", "start", true},
		"an edit that waits for its start":        {starts + foo + draft, starts + bar + draft, "ann", "", false},
		"an edit of a plan that is not taken yet": {starts + foo, starts + bar, "ann", "", false},
		"the same by who may start it":            {starts + foo, starts + bar, "ann", "start", true},
		"an edit that takes the start away":       {starts + foo + draft, plain + bar + draft, "ann", "", true},
		"an edit by the service":                  {starts + foo + draft, starts + bar + draft, service, "", true},
		"a status":                                {starts + foo, starts + foo + draft, "ann", "", true},
		"an edit of a plan that has begun":        {starts + foo + running, starts + bar + running, "ann", "", true},
		"a new plan that starts":                  {"", starts + foo, "ann", "", false},
		"a new plan by who may start it":          {"", starts + foo, "ann", "start", true},
		"a new plan":                              {"", plain + foo, "ann", "", true},
	} {
		if allowed := allows(t, one.before, one.now, one.user, one.verbs); allowed != one.allowed {
			t.Errorf("%s: allowed is %v", name, allowed)
		}
	}
}
