// Plays Istio's task with the client that is generated for TypeScript, and meets what a client meets.
import {
  AnalysesApi,
  AnalyseReachabilityEnum,
  Configuration,
  EvidenceApi,
  PlanBodyFromJSON,
  PlanFromJSON,
  PlanPhase,
  PlansApi,
  ProblemFromJSON,
  ProbeOutcome,
  ResponseError,
  type PlanBody,
  type Problem,
} from "../../target/clients/typescript/src";
import { callEveryOperation } from "./every";

declare const process: { readonly argv: readonly string[]; exit(status: number): never };
declare function require(name: "node:fs"): { readFileSync(name: string, encoding: "utf8"): string };
const { readFileSync } = require("node:fs");

const MANIFESTS = `
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}},
   "spec": {"containers": [{"name": "cart", "image": "cart"}]}},
  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"},
   "spec": {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}]}
`;

function check(what: string, holds: boolean): void {
  if (!holds) {
    throw new Error(what);
  }
  console.log(what);
}

async function refused(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (refusal) {
    if (refusal instanceof ResponseError) {
      const type = refusal.response.headers.get("content-type") ?? "";
      check("a problem comes as problem+json", type.startsWith("application/problem+json"));
      return ProblemFromJSON(await refusal.response.json());
    }
    throw refusal;
  }
  throw new Error("the call was taken");
}

async function playTask(service: string): Promise<Configuration> {
  // begin README
  const configuration = new Configuration({ basePath: service });
  const plans = new PlansApi(configuration);
  await plans.createPlan({ planBody: PlanBodyFromJSON(JSON.parse(readFileSync("docs/task/plan.json", "utf8"))) });
  const plan = await plans.startPlan({ plan: "task" });
  console.log(plan.phase, plan.progress.percent, plan.waitingOn.map((waiting) => waiting.message));
  // end README
  const end = Date.now() + 150_000;
  while ((await plans.getPlan({ plan: "task" })).phase !== PlanPhase.Completed) {
    if (Date.now() > end) {
      throw new Error(JSON.stringify(await plans.getPlan({ plan: "task" })));
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return configuration;
}

async function main(service: string): Promise<void> {
  const configuration = await playTask(service);
  const plans = new PlansApi(configuration);

  const matrix = await new EvidenceApi(configuration).getConnectivity({ from: "bar", to: "foo/httpbin:8000" });
  const cell = matrix.cells[0];
  check("the matrix shows what the mesh allows", cell?.outcome === ProbeOutcome.Ok && cell.httpCode === 200);
  check("an instant is a Date", cell?.checkedAt instanceof Date);

  let problem = await refused(plans.createPlan({ planBody: { name: "task" } }));
  check("a name is taken once", problem.code === "ALREADY_EXISTS" && problem.status === 409);

  const made = await plans.createPlanRaw({ planBody: { name: "second", scope: { namespaces: ["bar"] } } });
  const draft = await made.value();
  check("with dryRun it is a preview, else a plan", draft.kind === "Plan" && draft.startedAt === null);
  const tag = made.raw.headers.get("ETag") ?? "";
  const spec: PlanBody = {
    ...(await plans.getPlanSpec({ plan: "second" })),
    exceptions: [
      {
        namespace: "bar",
        selector: { matchLabels: { app: "httpbin" } },
        port: 9090,
        owner: "team-a",
        reason: "scrape",
        expires: new Date("2127-03-01"),
      },
    ],
  };
  spec.gates = { ...spec.gates, soak: "PT45M" };
  const changed = await plans.replacePlan({ plan: "second", ifMatch: tag, planBody: spec });
  check("a duration is ISO-8601", changed.kind === "Plan" && changed.gates.soak === "PT45M");
  check(
    "a day is a Date",
    changed.kind === "Plan" && changed.exceptions[0]?.expires.toISOString().startsWith("2127-03-01") === true,
  );
  problem = await refused(plans.replacePlan({ plan: "second", ifMatch: tag, planBody: spec }));
  check("a stale tag is refused", problem.code === "STALE" && problem.status === 412);
  const preview = await plans.createPlan({ planBody: { name: "third" }, dryRun: true });
  check("a preview stores nothing", preview.kind === "PlanPreview" && preview.dryRun);
  await plans.deletePlan({ plan: "second", ifMatch: "*" });
  check("an instant that is there is a Date", (await plans.getPlan({ plan: "task" })).startedAt instanceof Date);

  const analyses = new AnalysesApi(configuration);
  const pairs = await analyses.analyse({ body: MANIFESTS });
  const pair = pairs.reachability[0];
  check("one form of a row", pair !== undefined && "calls" in pair && typeof pair.from === "string");
  const calls = await analyses.analyse({ body: MANIFESTS, reachability: AnalyseReachabilityEnum.Full });
  const call = calls.reachability[0];
  check("the other form of a row", call !== undefined && "clientTls" in call && typeof call.from === "object");

  const sent = await (await plans.getPlanRaw({ plan: "task" })).raw.json();
  const later = PlanFromJSON({ ...sent, phase: "LATER", added: "by a later release" });
  check("a value that is not known is kept", (later.phase as string) === "LATER");
  await callEveryOperation(configuration, check);
}

main(process.argv[2] ?? "").catch((failure: unknown) => {
  console.error(failure);
  process.exit(1);
});
