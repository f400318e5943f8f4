// Plays Istio's task with the client that is generated for Go, and meets what a client meets.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	mtls "mtls-migration.io/clients/go"
)

const manifests = `
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}},
   "spec": {"containers": [{"name": "cart", "image": "cart"}]}},
  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"},
   "spec": {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}]}
`

func check(what string, holds bool) {
	if !holds {
		log.Fatal(what)
	}
	fmt.Println(what)
}

func must(err error) {
	if err != nil {
		var refusal *mtls.GenericOpenAPIError
		if errors.As(err, &refusal) {
			log.Fatal(err, " ", string(refusal.Body()))
		}
		log.Fatal(err)
	}
}

// refused wants a call to end in a problem.
func refused(response *http.Response, err error) mtls.Problem {
	var refusal *mtls.GenericOpenAPIError
	if !errors.As(err, &refusal) {
		log.Fatal("the call was taken ", response, err)
	}
	problem, typed := refusal.Model().(mtls.Problem)
	check("a problem comes as a Problem", typed)
	return problem
}

func playTask(ctx context.Context, service string) *mtls.APIClient {
	file, err := os.ReadFile("docs/task/plan.json")
	must(err)
	var body mtls.PlanBody
	must(json.Unmarshal(file, &body))
	// begin README
	configuration := mtls.NewConfiguration()
	configuration.Servers = mtls.ServerConfigurations{{URL: service}}
	client := mtls.NewAPIClient(configuration)
	_, _, err = client.PlansAPI.CreatePlan(ctx).PlanBody(body).Execute()
	plan, _, err := client.PlansAPI.StartPlan(ctx, "task").Execute()
	// end README
	must(err)
	for end := time.Now().Add(150 * time.Second); plan.Phase != mtls.PLANPHASE_COMPLETED; time.Sleep(time.Second) {
		plan, _, err = client.PlansAPI.GetPlan(ctx, "task").Execute()
		must(err)
		if time.Now().After(end) {
			log.Fatal("not completed: ", plan.WaitingOn)
		}
	}
	return client
}

func main() {
	ctx := context.Background()
	client := playTask(ctx, os.Args[1])
	plans := client.PlansAPI

	matrix, _, err := client.EvidenceAPI.GetConnectivity(ctx).From("bar").To("foo/httpbin:8000").Execute()
	must(err)
	check("the matrix shows what the mesh allows", matrix.Cells[0].Outcome == mtls.PROBEOUTCOME_OK && matrix.Cells[0].GetHttpCode() == 200)
	check("an instant is a time", time.Since(matrix.Cells[0].CheckedAt) < time.Hour)

	_, response, err := plans.CreatePlan(ctx).PlanBody(*mtls.NewPlanBody("task")).Execute()
	problem := refused(response, err)
	check("a name is taken once", problem.Code == "ALREADY_EXISTS" && problem.Status == 409)

	draft := mtls.NewPlanBody("second")
	draft.SetScope(mtls.ScopeBody{Namespaces: []string{"bar"}})
	made, response, err := plans.CreatePlan(ctx).PlanBody(*draft).Execute()
	must(err)
	check("with dryRun it is a preview, else a plan", made.Plan != nil && made.PlanPreview == nil)
	tag := response.Header.Get("ETag")
	spec, _, err := plans.GetPlanSpec(ctx, "second").Execute()
	must(err)
	spec.Gates.SetSoak("PT45M")
	spec.SetExceptions([]mtls.ExceptionBody{{
		Namespace: "bar",
		Selector:  &mtls.LabelSelector{MatchLabels: map[string]string{"app": "httpbin"}},
		Port:      mtls.PtrInt32(9090),
		Owner:     "team-a",
		Reason:    "scrape",
		Expires:   "2127-03-01",
	}})
	changed, _, err := plans.ReplacePlan(ctx, "second").IfMatch(tag).PlanBody(*spec).Execute()
	must(err)
	check("a duration is ISO-8601", changed.Plan.Gates.GetSoak() == "PT45M")
	check("a day is a date", changed.Plan.Exceptions[0].Expires == "2127-03-01")
	_, response, err = plans.ReplacePlan(ctx, "second").IfMatch(tag).PlanBody(*spec).Execute()
	problem = refused(response, err)
	check("a stale tag is refused", problem.Code == "STALE" && problem.Status == 412)

	task, _, err := plans.GetPlan(ctx, "task").Execute()
	must(err)
	check("null is nil", changed.Plan.StartedAt.Get() == nil && task.StartedAt.Get() != nil)
	preview, _, err := plans.CreatePlan(ctx).PlanBody(*mtls.NewPlanBody("third")).DryRun(true).Execute()
	must(err)
	check("a preview stores nothing", preview.Plan == nil && preview.PlanPreview.Kind == "PlanPreview")
	_, err = plans.DeletePlan(ctx, "second").IfMatch("*").Execute()
	must(err)

	pairs, _, err := client.AnalysesAPI.Analyse(ctx).Body(manifests).Execute()
	must(err)
	check("one form of a row", pairs.Reachability[0].NamespacePair != nil && pairs.Reachability[0].ReachableCall == nil)
	calls, _, err := client.AnalysesAPI.Analyse(ctx).Body(manifests).Reachability("full").Execute()
	must(err)
	check("the other form of a row", calls.Reachability[0].NamespacePair == nil && calls.Reachability[0].ReachableCall != nil)

	sent, err := json.Marshal(task)
	must(err)
	var later mtls.Plan
	must(json.Unmarshal([]byte(strings.Replace(string(sent), `"phase":"COMPLETED"`, `"phase":"LATER"`, 1)), &later))
	check("a value that is not known is one of its own", later.Phase == mtls.PLANPHASE_UNKNOWN_DEFAULT_OPEN_API)
	callEveryOperation(ctx, client)
}
