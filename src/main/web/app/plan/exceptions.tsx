import { useState } from "preact/hooks";
import { readList, segment, send, versionOf, withQuery } from "../api/client";
import { useList } from "../api/store";
import type { ExceptionBody, ExceptionPreview, ExceptionView, Namespace, Plan, PlanPhase, TrafficEdge } from "../api/types";
import { Failure } from "../ui/dialog";
import { count, said } from "../ui/format";
import { Breaking } from "../ui/impact";
import { Badge, Button, Empty, Panel, Skeleton, Trouble } from "../ui/parts";
import { exceptionWord } from "../ui/words";
import { Confirm, useOnce } from "./actions";
import { Cell, labelsOf, labelsText, namesOf } from "./form";
import { usePodLabels } from "./labels";

type Asked = "add" | { readonly change: ExceptionView } | { readonly end: ExceptionView };

/** The phases in which the service takes it: docs/api.md, Exceptions. */
const TAKES_MORE: ReadonlySet<PlanPhase> = new Set(["DRAFT", "RUNNING", "PAUSED"]);
const UNDONE: ReadonlySet<PlanPhase> = new Set(["ROLLED_BACK", "CLEANED_UP"]);

const pathOf = (plan: Plan): string => `/plans/${segment(plan.name)}/exceptions`;

const portOf = (one: Pick<ExceptionView, "port">): string => (one.port === null ? "all ports" : `port ${one.port}`);

/** What the plan leaves open, until when, and who answers for it. */
export function ExceptionsTab({ plan, can }: { plan: Plan; can(verb: string): boolean }) {
  const path = pathOf(plan);
  const { data, error } = useList<ExceptionView>(path, 5000);
  const [asked, ask] = useState<Asked | null>(null);
  const update = can("update");
  const close = (): void => ask(null);
  return (
    <Panel
      title="What stays open"
      aside={
        update &&
        TAKES_MORE.has(plan.phase) && (
          <Button acts icon="plus" onClick={() => ask("add")}>
            Leave a port open
          </Button>
        )
      }
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={4} />}
      {data?.length === 0 && (
        <Empty icon="lock" title="Nothing is excepted">
          <p>Every port of the plan's namespaces is locked with them.</p>
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul class="changes" aria-label="Exceptions">
          {data.map((one) => (
            <li key={one.id}>
              <div class="inline spread">
                <span class="inline">
                  <b class="mono">
                    {one.namespace}, {labelsText(one)}
                  </b>
                  <span>{portOf(one)}</span>
                  <Badge word={exceptionWord(one.state)} />
                </span>
                {update && !UNDONE.has(plan.phase) && (
                  <span class="actions">
                    <Button acts icon="clock" onClick={() => ask({ change: one })}>
                      Change
                    </Button>
                    <Button acts icon="cross" onClick={() => ask({ end: one })}>
                      End
                    </Button>
                  </span>
                )}
              </div>
              <p>{one.reason}</p>
              <p class="dim">
                {one.owner} answers for it until <span class="num">{one.expires}</span>
                {one.plaintextPaths.length > 0 && (
                  <>
                    ; plaintext may ask for <span class="mono">{one.plaintextPaths.join(", ")}</span>
                  </>
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
      {data && data.length > 0 && plan.phase !== "DRAFT" && !UNDONE.has(plan.phase) && (
        <p class="dim">
          {count(data.length)} in all. To close a port is to lock it: once its namespace is rolled back, an exception ends, and the
          namespace is locked without it.
        </p>
      )}
      {asked === "add" && <AddException plan={plan} onClose={close} />}
      {asked !== null && asked !== "add" && "change" in asked && <ChangeDialog path={path} one={asked.change} onClose={close} />}
      {asked !== null && asked !== "add" && "end" in asked && <EndDialog path={path} one={asked.end} onClose={close} />}
    </Panel>
  );
}

interface Agreement {
  readonly owner: string;
  readonly reason: string;
  readonly expires: string;
  readonly paths: string;
}

function Agreed({ value, onValue }: { value: Agreement; onValue(value: Agreement): void }) {
  return (
    <div class="row">
      <Cell label="Last day" value={value.expires} onValue={(expires) => onValue({ ...value, expires })} type="date" required />
      <Cell label="Owner" value={value.owner} onValue={(owner) => onValue({ ...value, owner })} placeholder="team-a" required />
      <Cell label="Reason" value={value.reason} onValue={(reason) => onValue({ ...value, reason })} grow required />
      <Cell label="Paths that plaintext may ask for" value={value.paths} onValue={(paths) => onValue({ ...value, paths })} placeholder="all" grow />
    </div>
  );
}

function agreed(value: Agreement): Pick<ExceptionBody, "owner" | "reason" | "expires" | "plaintextPaths"> {
  const { owner, reason, expires } = value;
  return { owner, reason, expires, plaintextPaths: value.paths.split(/[\s,]+/).filter(Boolean) };
}

/** @param namespace the one to begin with */
export function AddException({ plan, namespace: first = "", onClose }: { plan: Plan; namespace?: string; onClose(): void }) {
  const [where, setWhere] = useState({ namespace: first, labels: "", port: "" });
  const [agreement, setAgreement] = useState<Agreement>({ owner: "", reason: "", expires: "", paths: "" });
  const pods = usePodLabels(where.namespace);
  const { data: namespaces } = useList<Namespace>("/namespaces", 30_000);
  const add = async (): Promise<string> => {
    const selector = labelsOf(where.labels);
    const body: ExceptionBody = {
      namespace: where.namespace,
      ...(selector && { selector }),
      ...(where.port !== "" && { port: Number(where.port) }),
      ...agreed(agreement),
    };
    const made = (await send<ExceptionView>("POST", pathOf(plan), body)).data;
    return `${made.namespace}: ${portOf(made)} stays open until ${made.expires}`;
  };
  return (
    <Confirm title={`Leave a port open in ${plan.name}`} verb="Leave it open" danger={plan.phase !== "DRAFT"} wide onClose={onClose} onSend={add}>
      <p>
        The port takes plaintext as well as mutual TLS.{" "}
        {plan.phase === "DRAFT" ? "Nothing is written before the plan is started." : "Where the namespace is locked already, it is opened at once; approvals are void then."}
      </p>
      <div class="row">
        <Cell label="Namespace" value={where.namespace} onValue={(namespace) => setWhere({ ...where, namespace })} placeholder="foo" candidates={namesOf(namespaces ?? [])} required />
        <Cell label="Labels of its pods" value={where.labels} onValue={(labels) => setWhere({ ...where, labels })} placeholder="app=httpbin" candidates={pods} between={/[\s,]+/} required />
        <Cell label="Container port" value={where.port} onValue={(port) => setWhere({ ...where, port })} placeholder="all" type="number" />
      </div>
      <Agreed value={agreement} onValue={setAgreement} />
    </Confirm>
  );
}

function versionNow(path: string, shown: ExceptionView): Promise<string | null> {
  return versionOf(path, shown, "The exception", (one) => ({ ...one, state: null }));
}

function ChangeDialog({ path, one, onClose }: { path: string; one: ExceptionView; onClose(): void }) {
  const [agreement, setAgreement] = useState<Agreement>({ owner: one.owner, reason: one.reason, expires: one.expires, paths: one.plaintextPaths.join(", ") });
  const itself = `${path}/${segment(one.id)}`;
  const change = async (): Promise<string> => {
    const ifMatch = await versionNow(itself, one);
    const body: ExceptionBody = { namespace: one.namespace, selector: one.selector, ...(one.port !== null && { port: one.port }), ...agreed(agreement) };
    const made = (await send<ExceptionView>("PUT", itself, body, { ifMatch })).data;
    return `${made.namespace}: ${portOf(made)} stays open until ${made.expires}`;
  };
  return (
    <Confirm title={`Change the exception of ${one.namespace}`} verb="Agree" wide onClose={onClose} onSend={change}>
      <p>
        What stays open is the same: <b class="mono">{labelsText(one)}</b>, {portOf(one)}. Nothing is written to the mesh.
      </p>
      <Agreed value={agreement} onValue={setAgreement} />
    </Confirm>
  );
}

/** Who would be refused, and what comes first: the service tells both, and stores nothing. */
function EndDialog({ path, one, onClose }: { path: string; one: ExceptionView; onClose(): void }) {
  const itself = `${path}/${segment(one.id)}`;
  const { data, error } = useOnce(async () => {
    const [preview, traffic] = await Promise.all([
      send<ExceptionPreview>("DELETE", withQuery(itself, { dryRun: true, limit: 1000 }), undefined, { ifMatch: "*" }),
      readList<TrafficEdge>(withQuery("/traffic", { namespace: one.namespace, security: "plaintext" })),
    ]);
    return { ...preview.data, seen: { edges: traffic.items, whole: traffic.complete, covered: null } };
  }, itself);
  const end = async (): Promise<string> => {
    await send<Plan>("DELETE", itself, undefined, { ifMatch: await versionNow(itself, one) });
    return `${one.namespace}: ${portOf(one)} is no exception any more`;
  };
  return (
    <Confirm
      title={`End the exception of ${one.namespace}?`}
      verb="End it"
      danger
      wide
      ready={data?.hindrance === null}
      onClose={onClose}
      onSend={end}
    >
      <p>
        <b class="mono">{labelsText(one)}</b>, {portOf(one)}, is locked with its namespace then, through all gates. Nothing is written now;
        approvals and overrides are void.
      </p>
      <Failure error={error} />
      {!data && !error && <Skeleton lines={3} />}
      {data && data.hindrance !== null && <p role="status">Not yet: {said(data.hindrance)}.</p>}
      {data && <Breaking impact={data.impact} seen={data.seen} />}
    </Confirm>
  );
}
