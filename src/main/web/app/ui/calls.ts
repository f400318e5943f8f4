/** What the page offers in place of a call of the API. */
interface Offer {
  /** As it is asked for: `roll foo back`. A noun for what is only looked at, which has no other way to be said. */
  readonly ask: string;
  /** What does it: `“Roll back” of foo`. */
  readonly by: string;
}

const CALL = /(\bby )?\b(GET|HEAD|POST|PUT|PATCH|DELETE) (\/[^\s,;)?]*?)(?:\?[^\s,;)]*)?(?: \{[^}]*\})?(?=[:.]?(?:[\s,;)]|$))/g;

const ACTIONS: Record<string, readonly [verb: string, button: string]> = {
  rollback: ["roll back", "Roll back"],
  retry: ["retry", "Retry"],
  exempt: ["exempt", "Exempt"],
  skip: ["skip", "Skip"],
  pause: ["pause", "Pause"],
  resume: ["resume", "Resume"],
  start: ["start", "Start"],
  abort: ["abort", "Abort"],
  cleanup: ["clean up", "Clean up"],
};

/** By the path below a plan; what is left of it names the subject. */
const OF_A_PLAN: readonly (readonly [path: RegExp, offer: Offer])[] = [
  [/^windows$/, { ask: "change it under Terms", by: "“Change” under Terms" }],
  [/^ignored-clients$/, { ask: "let the client fail", by: "“Let a client fail”" }],
  [/^exceptions\/[^/]+$/, { ask: "end it under Exceptions", by: "“End” under Exceptions" }],
  [/^exceptions$/, { ask: "leave the port open under Exceptions", by: "“Leave a port open” under Exceptions" }],
  [/^approvals$/, { ask: "approve", by: "“Approve”" }],
];

/** Views by the first part of the path. */
const VIEWS: Record<string, string> = {
  mesh: "Mesh",
  connectivity: "Connectivity",
  traffic: "Traffic",
  "wire-checks": "Wire",
  namespaces: "Namespaces",
  findings: "Findings",
  worklist: "To do",
  plans: "Plans",
  analyses: "Analyse",
  audit: "Audit",
};

function offerOf(method: string, path: string): Offer {
  const [first = "", name, ...below] = path.replace(/^\/api\/v1/, "").split("/").filter(Boolean);
  const view = VIEWS[first] ? `the view ${VIEWS[first]}` : "the API";
  if (first === "plans" && name && method !== "GET" && method !== "HEAD") {
    const known = OF_A_PLAN.find(([form]) => form.test(below.join("/")));
    const action = ACTIONS[below.at(-1) ?? ""];
    if (known) {
      return known[1];
    }
    if (action) {
      const subject = below.length === 1 ? "the plan" : below[0] === "mesh" ? "the mesh step" : (below[1] ?? "");
      return { ask: `${action[0]} ${subject}`, by: `“${action[1]}” of ${subject}` };
    }
  }
  return { ask: view, by: view };
}

/** A text of the service as it reads here: each call that it names is what the page has for it, a button or a view. */
export function withoutCalls(text: string): string {
  return text
    .replace(CALL, (_, by: string | undefined, method: string, path: string) => {
      const offer = offerOf(method, path);
      return by ? `by ${offer.by}` : offer.ask;
    })
    .replace(/\bDELETE (?=the exception\b)/g, "end ");
}
