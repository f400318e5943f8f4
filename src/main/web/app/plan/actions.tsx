import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CallError, read, readList, segment, send, versionOf, withQuery } from "../api/client";
import { refreshAll, useResource } from "../api/store";
import type { Impact, Plan, PlanPreview, PlanBody, Readiness, Report, Step, TrafficEdge } from "../api/types";
import { Dialog, Failure, notify } from "../ui/dialog";
import { counted, duration, said } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { Breaking, covers, type Seen } from "../ui/impact";
import { Obstacles } from "../ui/obstacles";
import { Button, Check, Skeleton } from "../ui/parts";
import { Changes, refText } from "../ui/policy";
import { phaseWord, resultWord } from "../ui/words";
import { go } from "../router";
import { AddException } from "./exceptions";
import { namespaceOf } from "./names";

interface Kind {
  readonly text: string;
  readonly icon: IconName;
  readonly kind: "plain" | "main" | "danger";
}

const PLAN_ACTIONS: Record<string, Kind> = {
  START: { text: "Start", icon: "play", kind: "main" },
  RESUME: { text: "Resume", icon: "play", kind: "main" },
  PAUSE: { text: "Pause", icon: "pause", kind: "plain" },
  ABORT: { text: "Abort", icon: "stop", kind: "danger" },
  ROLLBACK: { text: "Roll back", icon: "undo", kind: "danger" },
  CLEANUP: { text: "Clean up", icon: "undo", kind: "plain" },
  DELETE: { text: "Delete", icon: "cross", kind: "plain" },
};

const STEP_ACTIONS: Record<string, Kind> = {
  APPROVE: { text: "Approve", icon: "hand", kind: "main" },
  RETRY: { text: "Retry", icon: "turn", kind: "plain" },
  ROLLBACK: { text: "Roll back", icon: "undo", kind: "danger" },
  EXEMPT: { text: "Exempt", icon: "unlock", kind: "plain" },
  SKIP: { text: "Skip", icon: "skip", kind: "plain" },
  OVERRIDE: { text: "Override gates", icon: "flag", kind: "plain" },
  IGNORE: { text: "Let a client fail", icon: "flag", kind: "plain" },
  EXCEPTION: { text: "Give an exception", icon: "unlock", kind: "plain" },
};

/** What somebody has begun to ask for, of the step as it was then: what is looked at may be another one by the next second. */
export interface Asked {
  readonly plan: Plan;
  readonly step: Step;
  readonly action: string;
  readonly client: Client | null;
}

/** What may be asked of a plan now, as far as the caller has the verb; nothing for who may only read. */
export function PlanActions({ plan, can }: { plan: Plan; can(verb: string): boolean }) {
  const [asked, ask] = useState<string | null>(null);
  const actions = plan.allowedActions.filter((action) => PLAN_ACTIONS[action] && can(action));
  return (
    <>
      <div class="actions">
        {actions.map((action) => {
          const known = PLAN_ACTIONS[action] as Kind;
          return (
            <Button key={action} acts icon={known.icon} kind={known.kind} onClick={() => ask(action)}>
              {known.text}
            </Button>
          );
        })}
      </div>
      {asked && <PlanDialog plan={plan} action={asked} onClose={() => ask(null)} />}
    </>
  );
}

/** The frame of every action: what will happen, a comment where one is kept, then the outcome. */
export function Confirm({
  title,
  verb,
  danger = false,
  ready = true,
  comment,
  wide = false,
  onClose,
  onSend,
  children,
}: {
  title: string;
  verb: string;
  danger?: boolean;
  ready?: boolean;
  comment?: "optional" | "required";
  wide?: boolean;
  onClose(): void;
  onSend(comment: string): Promise<string>;
  children: ComponentChildren;
}) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      notify(await onSend(text.trim()), "good");
      refreshAll(true);
      onClose();
    } catch (cause) {
      setError(cause);
      refreshAll();
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form onSubmit={(event) => void submit(event)}>
        <div class="dialog-body">
          {children}
          {comment && (
            <label class="field">
              <span>
                Comment {comment === "optional" && <span class="dim">(kept with the plan)</span>}
              </span>
              <textarea rows={2} required={comment === "required"} value={text} onInput={(e) => setText(e.currentTarget.value)} />
            </label>
          )}
          <Failure error={error} />
        </div>
        <footer class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" acts kind={danger ? "danger" : "main"} class={danger ? "solid" : ""} disabled={!ready || busy || (comment === "required" && !text.trim())}>
            {busy ? "Asking …" : verb}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Reads once what a dialog has to show; it must not change under the hand of who reads it. */
export function useOnce<T>(load: () => Promise<T>, key: string): { data: T | undefined; error: unknown } {
  const [state, set] = useState<{ data: T | undefined; error: unknown }>({ data: undefined, error: undefined });
  useEffect(() => {
    let current = true;
    load().then(
      (data) => current && set({ data, error: undefined }),
      (error: unknown) => current && set({ data: undefined, error }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  return state;
}

const EXPLAINED: Record<string, (plan: Plan) => ComponentChildren> = {
  PAUSE: (plan) => (
    <p>
      Nothing new will be locked in <b>{plan.name}</b>. What is being verified goes on, and may still be rolled back.
    </p>
  ),
  RESUME: (plan) => (
    <p>
      <b>{plan.name}</b> goes on. All gates are judged anew before anything is locked.
    </p>
  ),
  ABORT: (plan) => (
    <p>
      <b>{plan.name}</b> stops for good. {counted(plan.progress.byPhase["LOCKED"] ?? 0, "namespace stays", "namespaces stay")} locked; rolling back is
      possible afterwards.
    </p>
  ),
};

/** The terms of a plan as a dialog shows them: what is asked for is asked for by these, and is refused after a change. */
interface Terms {
  readonly body: PlanBody | undefined;
  readonly error: unknown;
  version(): Promise<string | null>;
}

function useTerms(plan: Plan): Terms {
  const path = termsPath(plan);
  const { data, error } = useOnce(async () => (await read<PlanBody>(path)).data, path);
  return { body: data, error, version: async () => (data ? versionOf(path, data, `Plan ${plan.name}`) : null) };
}

function termsPath(plan: Plan): string {
  return `/plans/${segment(plan.name)}/spec`;
}

function PlanDialog({ plan, action, onClose }: { plan: Plan; action: string; onClose(): void }) {
  const known = PLAN_ACTIONS[action] as Kind;
  const path = `/plans/${segment(plan.name)}`;
  // Whoever stops something does not have to have read its terms.
  const begins = action === "START" || action === "RESUME";
  const terms = useTerms(plan);
  const act = async (): Promise<string> => {
    if (action === "DELETE") {
      const { etag } = await read<Plan>(path);
      await send("DELETE", path, undefined, { ifMatch: etag });
      go(["plans"]);
      return `Plan ${plan.name} is gone`;
    }
    await send<Plan>("POST", `${path}/${action.toLowerCase()}`, undefined, { ifMatch: begins ? await terms.version() : null });
    return `Plan ${plan.name}: ${known.text.toLowerCase()} is taken; it is being carried out`;
  };
  return (
    <Confirm
      title={`${known.text} ${plan.name}?`}
      verb={known.text}
      danger={known.kind === "danger" || action === "CLEANUP" || action === "DELETE"}
      wide={action === "START" || action === "ROLLBACK" || action === "CLEANUP"}
      ready={!begins || terms.body !== undefined}
      onClose={onClose}
      onSend={act}
    >
      {begins && <Failure error={terms.error} />}
      {EXPLAINED[action]?.(plan)}
      {action === "DELETE" && (
        <p>
          The plan and its records are removed. No policy is touched: what is locked stays locked.
        </p>
      )}
      {action === "START" && terms.body && <StartImpact plan={plan} body={terms.body} />}
      {(action === "ROLLBACK" || action === "CLEANUP") && <UndoImpact plan={plan} cleanup={action === "CLEANUP"} />}
    </Confirm>
  );
}

/** What starting would lead to, by the mesh of now. */
function StartImpact({ plan, body }: { plan: Plan; body: PlanBody }) {
  const path = `/plans/${segment(plan.name)}`;
  const { data, error } = useOnce(async () => {
    const tag = await read<Plan>(path);
    return (await send<PlanPreview>("PUT", `${path}?dryRun=true`, body, { ifMatch: tag.etag })).data;
  }, plan.name);
  if (error) {
    return <Failure error={error} />;
  }
  if (!data) {
    return <Skeleton lines={4} />;
  }
  const namespaces = data.waves.reduce((sum, wave) => sum + wave.namespaces.length, 0);
  return (
    <>
      <p>
        {counted(namespaces, "namespace")} in {counted(data.waves.length, "wave")} will be observed from now on
        {plan.target === "MESH" ? ", and the mesh after them" : ""}. Each is locked once its gates have held for{" "}
        {duration(plan.gates.soak)}
        {plan.gates.approval === "NONE" ? ", without asking again" : ", and a person has approved"}.
      </p>
      <h3>What will be written</h3>
      <Changes changes={data.changes.slice(0, 50)} label="Writes of the plan" />
      {data.changes.length > 50 && <p class="dim">and {data.changes.length - 50} more: see the plan's manifests</p>}
      <Obstacles obstacles={data.obstacles} />
    </>
  );
}

function UndoImpact({ plan, cleanup }: { plan: Plan; cleanup: boolean }) {
  const { data, error } = useOnce(async () => (await read<Report>(`/plans/${segment(plan.name)}/report`)).data, plan.name);
  if (error) {
    return <Failure error={error} />;
  }
  if (!data) {
    return <Skeleton lines={4} />;
  }
  const lines = [...(data.mesh ? [data.mesh] : []), ...data.namespaces].filter((line) => line.policies.length > 0);
  return (
    <>
      <p>
        {cleanup
          ? "Every policy that this plan wrote is undone, the mesh's first. Plaintext is taken again where nothing else forbids it."
          : "The modes of before come back, the mesh's first, and are verified on the wire as a lock is. Plaintext is taken again."}
      </p>
      <h3>What it has written</h3>
      {lines.length === 0 ? (
        <p class="dim">Nothing yet.</p>
      ) : (
        <ul class="written">
          {lines.slice(0, 60).map((line) => (
            <li key={line.namespace}>
              <b>{line.namespace}</b> <span class="dim">{phaseWord(line.phase).text.toLowerCase()}</span>
              <span class="mono"> {line.policies.map((written) => refText(written.policy)).join(", ")}</span>
            </li>
          ))}
        </ul>
      )}
      {lines.length > 60 && <p class="dim">and {counted(lines.length - 60, "more namespace")}</p>}
    </>
  );
}

/**
 * What may be asked of a namespace of a plan, or of its mesh step.
 *
 * @param only the actions that are offered, in this order; all by default
 * @param lead true when the first of them is the one to take
 * @param onAsk opens the dialog where it outlives these buttons; beside them by default
 */
export function StepActions({ plan, step, can, only, lead = false, onAsk }: { plan: Plan; step: Step; can(verb: string): boolean; only?: readonly string[]; lead?: boolean; onAsk?(asked: Asked): void }) {
  const [asked, ask] = useState<Asked | null>(null);
  const possible = possibleActions(plan, step, can);
  const actions = only ? only.filter((action) => possible.includes(action)) : possible;
  return (
    <>
      <div class="actions">
        {actions.map((action, at) => {
          const known = STEP_ACTIONS[action] as Kind;
          return (
            <Button key={action} acts icon={known.icon} kind={lead && at === 0 ? "main" : action === "APPROVE" ? "plain" : known.kind} onClick={() => (onAsk ?? ask)({ plan, step, action, client: action === "IGNORE" ? offered(plan, step) : null })}>
              {known.text}
            </Button>
          );
        })}
      </div>
      {asked && <AskedDialog asked={asked} onClose={() => ask(null)} />}
    </>
  );
}

export function AskedDialog({ asked, onClose }: { asked: Asked; onClose(): void }) {
  const { plan, step, action, client } = asked;
  if (action === "IGNORE") {
    return client && <IgnoreDialog plan={plan} client={client} onClose={onClose} />;
  }
  return <StepDialog plan={plan} step={step} action={action} onClose={onClose} />;
}

export function possibleActions(plan: Plan, step: Step, can: (verb: string) => boolean): readonly string[] {
  const moves = plan.phase === "RUNNING" || plan.phase === "PAUSED";
  return [
    ...step.allowedActions.filter(
      // The API has no override for the mesh step, whatever it lists.
      (action) => STEP_ACTIONS[action] && can(action) && !(action === "OVERRIDE" && step.namespace === "mesh"),
    ),
    ...(moves && can("OVERRIDE") && offered(plan, step) ? ["IGNORE"] : []),
    // One for the whole namespace stands among the plan's own: here it is a port.
    ...(moves && can("UPDATE") && step.namespace !== "mesh" ? ["EXCEPTION"] : []),
  ].sort((a, b) => Number(b === "APPROVE") - Number(a === "APPROVE"));
}

interface Client {
  readonly workload?: string;
  readonly cidr?: string;
}

/** The client that holds or has undone a lock, and that a person may let fail: the service offers the call in words. */
function offered(plan: Plan, step: Step): Client | null {
  const told = [step.message, ...step.gates.map((gate) => gate.message), ...plan.waitingOn.filter((wait) => wait.namespace === step.namespace).map((wait) => wait.message)];
  for (const text of told) {
    const body = /\/ignored-clients (\{[^}]*\})/.exec(text)?.[1];
    if (body) {
      return JSON.parse(body) as Client;
    }
  }
  return null;
}

function IgnoreDialog({ plan, client, onClose }: { plan: Plan; client: Client; onClose(): void }) {
  const what: Client = client.workload ? { workload: client.workload } : { cidr: client.cidr ?? "" };
  const name = client.workload ?? client.cidr ?? "";
  return (
    <Confirm
      title={`Let ${name} fail?`}
      verb="Let it fail"
      danger
      comment="required"
      onClose={onClose}
      onSend={async (comment) => {
        await send<Plan>("POST", `/plans/${segment(plan.name)}/ignored-clients`, { ...what, comment });
        return `${name} may fail from now on`;
      }}
    >
      <p>
        It neither holds nor undoes a lock of <b>{plan.name}</b> any more, and may be refused. What was rolled back, or is held, goes on
        by Retry. Approvals that were given are void. Who did it, when and why is kept.
      </p>
    </Confirm>
  );
}

const STEP_EXPLAINED: Record<string, string> = {
  RETRY: "It goes back to the gates, and is locked once all of them have held again.",
  EXEMPT:
    "It gets an explicit PERMISSIVE policy, which holds even when the mesh is STRICT: plaintext stays possible there, and it counts as done for the mesh step.",
  SKIP: "It is left untouched. The mesh step will wait for it, for nobody knows what would become of it.",
  ROLLBACK: "The mode of before comes back and is verified on the wire. Plaintext is taken again there.",
};

function StepDialog({ plan, step, action, onClose }: { plan: Plan; step: Step; action: string; onClose(): void }) {
  const known = STEP_ACTIONS[action] as Kind;
  const mesh = step.namespace === "mesh";
  const path = `/plans/${segment(plan.name)}`;
  const subject = mesh ? "the mesh" : step.namespace;
  if (action === "APPROVE") {
    return <ApproveDialog plan={plan} namespaces={[step.namespace]} onClose={onClose} />;
  }
  if (action === "EXCEPTION") {
    return <AddException plan={plan} namespace={namespaceOf(step.namespace)} onClose={onClose} />;
  }
  if (action === "OVERRIDE") {
    return <OverrideDialog plan={plan} step={step} onClose={onClose} />;
  }
  return (
    <Confirm
      title={`${known.text} ${subject}?`}
      verb={known.text}
      danger={known.kind === "danger" || action === "EXEMPT"}
      comment="optional"
      onClose={onClose}
      onSend={async (comment) => {
        const target = mesh ? `${path}/mesh` : `${path}/namespaces/${segment(step.namespace)}`;
        await send<Step>("POST", `${target}/${action.toLowerCase()}`, { comment });
        return `${subject}: ${known.text.toLowerCase()} is taken; it is being carried out`;
      }}
    >
      <p>{STEP_EXPLAINED[action]}</p>
      {action === "ROLLBACK" && <Changes changes={step.policies} label="What was written" />}
      {action === "EXEMPT" && step.policies.length > 0 && <Changes changes={step.policies} label="What was written so far" />}
    </Confirm>
  );
}

function impactPath(plan: string, namespace: string): string {
  const path = namespace === "mesh" ? "/mesh/impact" : `/namespaces/${segment(namespaceOf(namespace))}/impact`;
  return withQuery(path, { plan, limit: 1000 });
}

interface Shown {
  readonly namespace: string;
  readonly impact: Impact;
  readonly seen: Seen;
}

async function shownOf(plan: string, namespace: string): Promise<Shown> {
  const name = namespace === "mesh" ? "" : namespaceOf(namespace);
  const [impact, traffic, readiness] = await Promise.all([
    read<Impact>(impactPath(plan, namespace)),
    readList<TrafficEdge>(withQuery("/traffic", { namespace: name, security: "plaintext" })),
    name ? read<Readiness>(withQuery(`/namespaces/${segment(name)}/readiness`, { plan })) : null,
  ]);
  return { namespace, impact: impact.data, seen: { edges: traffic.items, whole: traffic.complete, covered: readiness && covers(readiness.data.gates) } };
}

/** Impacts that are read at once: a wave may have hundreds. */
const AT_ONCE = 6;

async function impactsOf(plan: string, namespaces: readonly string[]): Promise<readonly Shown[]> {
  const shown: Shown[] = [];
  for (let at = 0; at < namespaces.length; at += AT_ONCE) {
    const part = namespaces.slice(at, at + AT_ONCE);
    shown.push(...(await Promise.all(part.map((namespace) => shownOf(plan, namespace)))));
  }
  return shown;
}

/** What became of an approval; null when it was taken. */
type Outcome = CallError | null;

/** After these nobody else is asked for: the next answer would be the same. */
function hopeless(error: CallError): boolean {
  return error.unreachable || error.status === 401 || error.status === 403;
}

/**
 * Consent to the very impacts that are shown, each by its hash: of one namespace, of a wave's namespaces, or of the mesh.
 * One that is refused does not keep the others from being taken; it is told, and shown anew before it can be repeated.
 */
export function ApproveDialog({ plan, namespaces, wave, onClose }: { plan: Plan; namespaces: readonly string[]; wave?: string; onClose(): void }) {
  // What is approved must not change under the hand of who reads it: of those that come to wait meanwhile another dialog tells.
  const [asked] = useState(namespaces);
  const [outcomes, tell] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [attempt, again] = useState(0);
  const open = asked.filter((namespace) => outcomes.get(namespace) !== null);
  const path = termsPath(plan);
  const { data, error } = useOnce(async () => {
    const terms = (await read<PlanBody>(path)).data;
    return { attempt, terms, shown: await impactsOf(plan.name, open) };
  }, `${plan.name} ${attempt}`);
  const shown = data?.attempt === attempt ? data.shown : undefined;
  const single = asked.length === 1;
  const subject = wave ? `wave ${wave}` : asked[0] === "mesh" ? "the mesh step" : (asked[0] ?? "");
  const approve = async (comment: string): Promise<string> => {
    const next = new Map(outcomes);
    for (const { namespace, impact } of shown ?? []) {
      const what = namespace === "mesh" ? { mesh: true } : { namespace };
      try {
        const ifMatch = data ? await versionOf(path, data.terms, `Plan ${plan.name}`) : null;
        await send<Plan>("POST", `/plans/${segment(plan.name)}/approvals`, { ...what, comment, impactHash: impact.hash }, { ifMatch });
        next.set(namespace, null);
      } catch (cause) {
        if (!(cause instanceof CallError)) {
          throw cause;
        }
        next.set(namespace, cause);
        if (hopeless(cause)) {
          break;
        }
      }
    }
    const done = asked.filter((namespace) => next.get(namespace) === null).length;
    const first = asked.map((namespace) => next.get(namespace)).find((outcome) => outcome instanceof CallError);
    if (done === asked.length) {
      return single ? `${subject} is approved` : `${subject}: ${counted(done, "namespace")} are approved`;
    }
    tell(next);
    again(attempt + 1);
    throw single && first ? first : new Error(`${done} of ${asked.length} are approved; look at the others before you ask again.`);
  };
  return (
    <Confirm
      title={`Approve ${subject}?`}
      verb={open.length === 1 ? "Approve this impact" : `Approve these ${open.length} impacts`}
      comment="optional"
      ready={shown !== undefined}
      wide
      onClose={onClose}
      onSend={approve}
    >
      {!single && outcomes.size > 0 && <Outcomes namespaces={asked} outcomes={outcomes} />}
      <Failure error={error} />
      {!shown && !error && <Skeleton lines={5} />}
      {shown && !single && <WaveSummary shown={shown} />}
      {shown?.map(({ namespace, impact, seen }) => (
        <div key={namespace} class="impact">
          {!single && <h3 class="mono">{namespace}</h3>}
          <Breaking impact={impact} seen={seen} />
          <Changes changes={impact.changes} label={`What will be written in ${namespace}`} />
          <p class="dim hash">
            impact <span class="mono">{impact.hash.slice(0, 12)}</span>; were it another one when it comes to writing, this approval would not count
          </p>
        </div>
      ))}
    </Confirm>
  );
}

function WaveSummary({ shown }: { shown: readonly Shown[] }) {
  const breaking = shown.filter(({ impact }) => impact.breaking > 0);
  const flows = breaking.reduce((sum, { impact }) => sum + impact.breaking, 0);
  const changes = shown.reduce((sum, { impact }) => sum + impact.changes.length, 0);
  // That nobody is refused is said only where evidence would have shown everybody.
  const unsure = shown.filter(({ seen }) => seen.covered !== true).length;
  const good = breaking.length === 0 && unsure === 0;
  return (
    <p class={`verdict tone-${good ? "good" : "warn"}`}>
      <Icon name={good ? "check" : "alert"} />
      <span>
        {counted(shown.length, "namespace")}, {counted(changes, "policy", "policies")} to write;{" "}
        {breaking.length === 0 ? "no known flow would be refused." : `${counted(flows, "known flow")} to ${breaking.length} of them would be refused.`}
        {unsure > 0 && ` Evidence of ${unsure} of them does not cover the window: somebody who calls may be missing.`}
      </span>
    </p>
  );
}

/** Which of them are approved, and why the others are not. */
function Outcomes({ namespaces, outcomes }: { namespaces: readonly string[]; outcomes: ReadonlyMap<string, Outcome> }) {
  return (
    <ul class="outcomes" aria-label="What became of each approval">
      {namespaces.map((namespace) => {
        const outcome = outcomes.get(namespace);
        const tone = outcome === null ? "good" : outcome ? "bad" : "idle";
        return (
          <li key={namespace} class={`tone-${tone}`}>
            <Icon name={outcome === null ? "check" : outcome ? "cross" : "skip"} />
            <b class="mono">{namespace}</b>
            <span>{outcome === null ? "approved" : outcome ? `not approved: ${said(outcome.message)}` : "not asked"}</span>
          </li>
        );
      })}
    </ul>
  );
}

function OverrideDialog({ plan, step, onClose }: { plan: Plan; step: Step; onClose(): void }) {
  const terms = useTerms(plan);
  const failing = step.gates.filter((gate) => gate.result !== "PASS" && gate.gate !== "sync" && gate.gate !== "approval");
  const [chosen, choose] = useState<readonly string[]>([]);
  return (
    <Confirm
      title={`Override gates of ${step.namespace}?`}
      verb="Override"
      danger
      comment="required"
      ready={chosen.length > 0 && terms.body !== undefined}
      onClose={onClose}
      onSend={async (comment) => {
        const target = `/plans/${segment(plan.name)}/namespaces/${segment(step.namespace)}`;
        await terms.version();
        await send<Step>("POST", `${target}/overrides`, { gates: chosen, comment });
        return `${step.namespace}: ${chosen.join(", ")} will pass once`;
      }}
    >
      <Failure error={terms.error} />
      <p>The chosen gates pass once for this namespace, whatever they find. Who did it, when and why is kept.</p>
      {failing.length === 0 && <p class="dim">No gate that can be overridden is failing now.</p>}
      {failing.map((gate) => (
        <div key={gate.gate} class="override">
          <Check
            label={`${gate.gate} (${resultWord(gate.result).text.toLowerCase()})`}
            checked={chosen.includes(gate.gate)}
            onChecked={(on) => choose(on ? [...chosen, gate.gate] : chosen.filter((other) => other !== gate.gate))}
          />
          <p class="dim">{said(gate.message)}</p>
        </div>
      ))}
    </Confirm>
  );
}

/** A step of a plan, kept up to date. */
export function useStep(plan: string, namespace: string | null) {
  const path = namespace === null ? null : namespace === "mesh" ? `/plans/${segment(plan)}/mesh` : `/plans/${segment(plan)}/namespaces/${segment(namespace)}`;
  return useResource<Step>(path, 2000);
}

