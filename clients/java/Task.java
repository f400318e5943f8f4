import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.client.ApiClient;
import io.mtlsmigration.client.ApiException;
import io.mtlsmigration.client.api.AnalysesApi;
import io.mtlsmigration.client.api.AnalysesApi.APIAnalyseRequest;
import io.mtlsmigration.client.api.EvidenceApi;
import io.mtlsmigration.client.api.EvidenceApi.APIGetConnectivityRequest;
import io.mtlsmigration.client.api.PlansApi;
import io.mtlsmigration.client.api.PlansApi.APICreatePlanRequest;
import io.mtlsmigration.client.api.PlansApi.APIDeletePlanRequest;
import io.mtlsmigration.client.api.PlansApi.APIGetPlanRequest;
import io.mtlsmigration.client.api.PlansApi.APIGetPlanSpecRequest;
import io.mtlsmigration.client.api.PlansApi.APIListPlansRequest;
import io.mtlsmigration.client.api.PlansApi.APIReplacePlanRequest;
import io.mtlsmigration.client.api.PlansApi.APIStartPlanRequest;
import io.mtlsmigration.client.model.Cell;
import io.mtlsmigration.client.model.ExceptionBody;
import io.mtlsmigration.client.model.LabelSelector;
import io.mtlsmigration.client.model.NamespacePair;
import io.mtlsmigration.client.model.Plan;
import io.mtlsmigration.client.model.PlanBody;
import io.mtlsmigration.client.model.PlanPhase;
import io.mtlsmigration.client.model.PlanPreview;
import io.mtlsmigration.client.model.ProbeOutcome;
import io.mtlsmigration.client.model.Problem;
import io.mtlsmigration.client.model.ReachableCall;
import io.mtlsmigration.client.model.ScopeBody;
import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/** Plays Istio's task with the client that is generated for Java, and meets what a client meets. */
public final class Task {

  private static final String MANIFESTS =
      """
      {"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}},
         "spec": {"containers": [{"name": "cart", "image": "cart"}]}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"},
         "spec": {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}]}
      """;

  private final ApiClient client = new ApiClient();
  private final PlansApi plans;

  private interface Call {
    void run() throws ApiException;
  }

  public static void main(String[] arguments) throws Exception {
    Task task = new Task(arguments[0]);
    task.readsTheMatrix();
    task.meetsProblemsAndDates();
    task.meetsAlternatives();
    task.readsWhatALaterReleaseAdds();
    new EveryOperation(task.client).calls();
  }

  private Task(String service) throws Exception {
    // begin README
    client.updateBaseUri(service);
    PlansApi plans = new PlansApi(client);
    PlanBody body = client.getObjectMapper().readValue(new File("docs/task/plan.json"), PlanBody.class);
    plans.createPlan(APICreatePlanRequest.newBuilder().planBody(body).build());
    Plan plan = plans.startPlan(APIStartPlanRequest.newBuilder().plan("task").build());
    System.out.println(plan.getPhase() + " " + plan.getProgress().getPercent() + " " + plan.getWaitingOn());
    // end README
    Instant end = Instant.now().plus(Duration.ofSeconds(150));
    while (task(plans).getPhase() != PlanPhase.COMPLETED) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError(task(plans));
      }
      Thread.sleep(1000);
    }
    this.plans = plans;
  }

  private static Plan task(PlansApi plans) throws ApiException {
    return plans.getPlan(APIGetPlanRequest.newBuilder().plan("task").build());
  }

  static void check(String what, boolean holds) {
    if (!holds) {
      throw new AssertionError(what);
    }
    System.out.println(what);
  }

  private Problem refused(Call call) throws Exception {
    try {
      call.run();
    } catch (ApiException refusal) {
      String type = refusal.getResponseHeaders().firstValue("Content-Type").orElse("");
      check("a problem comes as problem+json", type.startsWith("application/problem+json"));
      return client.getObjectMapper().readValue(refusal.getResponseBody(), Problem.class);
    }
    throw new AssertionError("the call was taken");
  }

  private void readsTheMatrix() throws Exception {
    Cell cell =
        new EvidenceApi(client)
            .getConnectivity(APIGetConnectivityRequest.newBuilder().from("bar").to("foo/httpbin:8000").build())
            .getCells()
            .get(0);
    check("the matrix shows what the mesh allows", cell.getOutcome() == ProbeOutcome.OK && cell.getHttpCode() == 200);
    check("an instant is an OffsetDateTime", cell.getCheckedAt().toInstant().isBefore(Instant.now()));
  }

  private void meetsProblemsAndDates() throws Exception {
    Problem problem = refused(() -> plans.createPlan(creating(new PlanBody().name("task")).build()));
    check("a name is taken once", problem.getCode().equals("ALREADY_EXISTS") && problem.getStatus() == 409);
    var made =
        plans.createPlanWithHttpInfo(
            creating(new PlanBody().name("second").scope(new ScopeBody().namespaces(List.of("bar")))).build());
    Plan draft = made.getData().getPlan();
    check("null is null", draft.getStartedAt() == null && task(plans).getStartedAt() != null);
    String tag = made.getHeaders().get("etag").get(0);
    PlanBody spec =
        plans
            .getPlanSpec(APIGetPlanSpecRequest.newBuilder().plan("second").build())
            .exceptions(
                List.of(
                    new ExceptionBody()
                        .namespace("bar")
                        .selector(new LabelSelector().matchLabels(Map.of("app", "httpbin")))
                        .port(9090)
                        .owner("team-a")
                        .reason("scrape")
                        .expires(LocalDate.of(2127, 3, 1))));
    spec.getGates().soak("PT45M");
    APIReplacePlanRequest replacement =
        APIReplacePlanRequest.newBuilder().plan("second").ifMatch(tag).planBody(spec).build();
    Plan changed = plans.replacePlan(replacement).getPlan();
    check("a duration is ISO-8601", changed.getGates().getSoak().equals("PT45M"));
    check("a day is a LocalDate", changed.getExceptions().get(0).getExpires().getYear() == 2127);
    problem = refused(() -> plans.replacePlan(replacement));
    check("a stale tag is refused", problem.getCode().equals("STALE") && problem.getStatus() == 412);
    plans.deletePlan(APIDeletePlanRequest.newBuilder().plan("second").ifMatch("*").build());
  }

  private static APICreatePlanRequest.Builder creating(PlanBody body) {
    return APICreatePlanRequest.newBuilder().planBody(body);
  }

  private void meetsAlternatives() throws Exception {
    PlanPreview preview = plans.createPlan(creating(new PlanBody().name("third")).dryRun(true).build()).getPlanPreview();
    int kept = plans.listPlans(APIListPlansRequest.newBuilder().build()).getItems().size();
    check("a preview stores nothing", preview.getDryRun() && kept == 1);
    AnalysesApi analyses = new AnalysesApi(client);
    APIAnalyseRequest.Builder manifests = APIAnalyseRequest.newBuilder().body(MANIFESTS);
    Object pair = analyses.analyse(manifests.build()).getReachability().get(0).getActualInstance();
    check("one form of a row", pair instanceof NamespacePair);
    Object call = analyses.analyse(manifests.reachability("full").build()).getReachability().get(0).getActualInstance();
    check("the other form of a row", call instanceof ReachableCall);
  }

  private void readsWhatALaterReleaseAdds() throws Exception {
    ObjectNode later = client.getObjectMapper().valueToTree(task(plans));
    later.put("phase", "LATER").put("added", "by a later release");
    Plan plan = client.getObjectMapper().treeToValue(later, Plan.class);
    check("a value that is not known is one of its own", plan.getPhase() == PlanPhase.UNKNOWN_DEFAULT_OPEN_API);
  }
}
