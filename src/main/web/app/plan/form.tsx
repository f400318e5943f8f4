import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { segment } from "../api/client";
import { useList } from "../api/store";
import {
  PLAN_DEFAULTS,
  type ApprovalRule,
  type ExceptionBody,
  type FailureRule,
  type GatesBody,
  type HookBody,
  type HookWhen,
  type IgnoredClientBody,
  type LabelSelector,
  type Namespace,
  type NoSamplesRule,
  type PlanApply,
  type PlanBody,
  type ScopeBody,
  type Start,
  type VerificationBody,
  type WaveBody,
  type Workload,
} from "../api/types";
import { Button, Check, Choice, type Option } from "../ui/parts";
import { usePodLabels } from "./labels";

const USUAL: Required<Omit<PlanBody, "name" | "scope" | "waves">> & { readonly gates: Required<Omit<GatesBody, "audit">>; readonly verification: Required<VerificationBody> } = PLAN_DEFAULTS;

/** A body while somebody writes it: as fields, or as text that need not be JSON yet. */
export interface Draft {
  readonly body: PlanBody;
  readonly text: string | null;
}

export const draftOf = (body: PlanBody): Draft => ({ body, text: null });

/** What is sent. Throws SyntaxError. */
export function bodyOf({ body, text }: Draft): PlanBody {
  if (text === null) {
    return body;
  }
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new SyntaxError("the body of a plan is an object");
  }
  return parsed as PlanBody;
}

/** The other way to write the same body; nothing is lost on the way. Throws SyntaxError. */
export function turned(draft: Draft): Draft {
  if (draft.text === null) {
    return { body: draft.body, text: JSON.stringify(draft.body, null, 2) };
  }
  const body = bodyOf(draft);
  shapely(body, SHAPE, "");
  return { body, text: null };
}

/** What has to be an object, or a list (`*`) of such or of values, for fields to show it; the rest is for the service to judge. */
interface Shape {
  readonly [key: string]: Shape | null;
}
const SELECTOR: Shape = { matchLabels: {} };
const SHAPE: Shape = {
  scope: { namespaces: { "*": null }, selector: SELECTOR },
  waves: { "*": { namespaces: { "*": null }, selector: SELECTOR } },
  gates: { changeWindows: { "*": null }, hooks: { "*": {} } },
  verification: { ignoreClients: { "*": {} } },
  exceptions: { "*": { selector: SELECTOR, plaintextPaths: { "*": null } } },
};

function shapely(value: unknown, shape: Shape, at: string): void {
  const every = "*" in shape;
  if (typeof value !== "object" || value === null || Array.isArray(value) !== every) {
    throw new SyntaxError(`${at} is not ${every ? "a list" : "an object"}`);
  }
  for (const [key, part] of Object.entries(value)) {
    const inner = shape[every ? "*" : key];
    if (inner) {
      shapely(part, inner, `${at}/${key}`);
    }
  }
}

/** @param named false where the name is given already */
export function BodyEditor({ draft, onDraft, named = true }: { draft: Draft; onDraft(draft: Draft): void; named?: boolean }) {
  return draft.text === null ? (
    <Fields body={draft.body} named={named} onBody={(body) => onDraft({ body, text: null })} />
  ) : (
    <label class="field">
      <span>Body of the plan</span>
      <textarea class="mono" rows={22} spellcheck={false} value={draft.text} onInput={(event) => onDraft({ ...draft, text: event.currentTarget.value })} />
    </label>
  );
}

function Fields({ body, named, onBody }: { body: PlanBody; named: boolean; onBody(body: PlanBody): void }) {
  const set = (part: Changed<PlanBody>): void => onBody(merged(body, part));
  const { data } = useList<Namespace>("/namespaces", 30_000);
  const namespaces = data ?? [];
  return (
    <>
      {named && (
        <label class="field">
          <span>Name</span>
          <input required pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?" maxLength={63} placeholder="q4" value={body.name} onInput={(e) => onBody({ ...body, name: e.currentTarget.value })} />
        </label>
      )}
      <WhatIsLocked body={body} set={set} namespaces={namespaces} />
      <Before body={body} set={set} />
      <After body={body} set={set} namespaces={namespaces} />
      <Exceptions exceptions={body.exceptions ?? []} onExceptions={(exceptions) => set({ exceptions })} namespaces={namespaces} />
      <Kept body={body} />
    </>
  );
}

type Set = (part: Changed<PlanBody>) => void;
type Known = readonly Namespace[];

function WhatIsLocked({ body, set, namespaces }: { body: PlanBody; set: Set; namespaces: Known }) {
  const offered = namespaces.filter(governed);
  const chosen = body.scope?.namespaces ?? [];
  const scope = (part: Changed<ScopeBody>): void => set({ scope: merged(body.scope, part) });
  const toggle = (name: string): void => scope({ namespaces: chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name] });
  const target = body.target ?? USUAL.target;
  return (
    <fieldset>
      <legend>What is locked</legend>
      <div class="inline">
        {(
          [
            ["NAMESPACES", "Namespaces"],
            ["MESH", "The whole mesh, after its namespaces"],
          ] as const
        ).map(([value, text]) => (
          <label key={value} class="check">
            <input type="radio" name="target" checked={target === value} onChange={() => set({ target: value })} />
            <span>{text}</span>
          </label>
        ))}
      </div>
      {target === "NAMESPACES" && (
        <>
          <Words label="Namespaces" note="all when empty" values={chosen} onValues={(chosen) => scope({ namespaces: chosen })} placeholder="foo, bar" candidates={namesOf(offered)} />
          {offered.length > 0 && offered.length <= 40 && (
            <div class="chips" role="group" aria-label="Namespaces with proxies">
              {offered.map((namespace) => (
                <button key={namespace.name} type="button" class="chip toggle" aria-pressed={chosen.includes(namespace.name)} onClick={() => toggle(namespace.name)}>
                  {namespace.name}
                </button>
              ))}
            </div>
          )}
          <Labels label="Labels of namespaces" note="those named above that have them all" selector={body.scope?.selector} onSelector={(selector) => scope({ selector })} candidates={labelsIn(namespaces)} />
        </>
      )}
      <Rows label="Wave" rows={body.waves ?? []} onRows={(waves) => set({ waves })} fresh={{ name: "" }}>
        {(wave: WaveBody, change) => (
          <>
            <Cell label="Wave" value={wave.name} onValue={(name) => change({ ...wave, name })} placeholder="canary" required />
            <Words label="Its namespaces" values={wave.namespaces ?? []} onValues={(names) => change(merged(wave, { namespaces: names }))} placeholder="foo, bar" candidates={namesOf(offered)} />
            <Labels label="or with labels" selector={wave.selector} onSelector={(selector) => change(merged(wave, { selector }))} candidates={labelsIn(namespaces)} />
            <Check
              label="or all that are left"
              checked={wave.selector !== undefined && Object.keys(wave.selector).length === 0}
              onChecked={(rest) => change(rest ? { ...wave, selector: {} } : merged(wave, { selector: undefined }))}
            />
          </>
        )}
      </Rows>
      <Check label="Take over the mode of policies that a person manages" checked={body.adopt ?? USUAL.adopt} onChecked={(adopt) => set({ adopt })} />
    </fieldset>
  );
}

function Before({ body, set }: { body: PlanBody; set: Set }) {
  const { gates } = body;
  const change = (part: Changed<GatesBody>): void => set({ gates: merged(gates, part) });
  const usual = USUAL.gates;
  return (
    <fieldset>
      <legend>What has to hold before</legend>
      <div class="pairs">
        <Text label="Nobody sends plaintext for" value={gates?.plaintextWindow} usual={usual.plaintextWindow} onValue={(plaintextWindow) => change({ plaintextWindow })} />
        <Text label="All gates hold for" value={gates?.soak} usual={usual.soak} onValue={(soak) => change({ soak })} />
        <Text label="A dry run of STRICT lasts" value={gates?.audit} usual="" placeholder="none" onValue={(audit) => change({ audit })} />
        <Choice label="Approval by a person" value={gates?.approval ?? usual.approval} onValue={(approval) => change({ approval })} options={APPROVALS} />
        <Choice label="A namespace without traffic" value={gates?.noSamples ?? usual.noSamples} onValue={(noSamples) => change({ noSamples })} options={SILENCE} />
        <Choice label="A draft begins" value={body.start ?? USUAL.start} onValue={(start) => set({ start })} options={STARTS} />
      </div>
      <Check label="Probes get through" checked={gates?.probes ?? usual.probes} onChecked={(probes) => change({ probes })} />
      <Parts
        label="Change windows"
        note="one a line; always when empty"
        values={gates?.changeWindows ?? []}
        onValues={(changeWindows) => change({ changeWindows })}
        between={/\n/}
        join={"\n"}
        placeholder="Mon-Fri 09:00-16:00 Europe/Berlin"
        read={(text) => text}
        write={(window) => window}
      />
      <Hooks hooks={gates?.hooks ?? []} onHooks={(hooks) => change({ hooks })} />
    </fieldset>
  );
}

function After({ body, set, namespaces }: { body: PlanBody; set: Set; namespaces: Known }) {
  const { verification } = body;
  const change = (part: Changed<VerificationBody>): void => set({ verification: merged(verification, part) });
  const usual = USUAL.verification;
  const ignored = verification?.ignoreClients ?? [];
  const place = ignored.at(-1)?.workload?.split("/")[0];
  const { data: workloads } = useList<Workload>(namespaces.some(({ name }) => name === place) ? `/namespaces/${segment(place ?? "")}/workloads` : null, 60_000);
  return (
    <fieldset>
      <legend>After the lock</legend>
      <div class="pairs">
        <Text label="Watch for harm for" value={verification?.duration} usual={usual.duration} onValue={(duration) => change({ duration })} />
        <Choice label="When somebody is harmed" value={body.onFailure ?? USUAL.onFailure} onValue={(onFailure) => set({ onFailure })} options={FAILURES} />
        <Choice label="Policies are written" value={body.apply ?? USUAL.apply} onValue={(apply) => set({ apply })} options={WRITERS} />
        <Text label="Refusals that are borne" type="number" value={verification?.maxRefusals?.toString()} usual={String(usual.maxRefusals)} onValue={(text) => change({ maxRefusals: numberOf(text) })} />
        <Text label="Share of calls that may fail" type="number" value={verification?.maxClientFailureRatio?.toString()} usual={String(usual.maxClientFailureRatio)} onValue={(text) => change({ maxClientFailureRatio: numberOf(text) })} />
      </div>
      <Parts
        label="Clients that may fail"
        note="namespace/workload, namespace/* or an address range"
        values={ignored}
        onValues={(ignoreClients) => change({ ignoreClients })}
        between={/[\s,]+/}
        join={", "}
        placeholder="legacy/report, 10.8.0.0/16"
        read={(text): IgnoredClientBody => (/^[\da-f]*[.:][\da-f.:]*(\/\d+)?$/i.test(text) ? { cidr: text } : { workload: text })}
        write={(client) => client.workload ?? client.cidr ?? ""}
        candidates={[...(workloads ?? []).map((workload) => `${workload.namespace}/${workload.name}`), ...namespaces.map(({ name }) => `${name}/*`)]}
      />
    </fieldset>
  );
}

function Hooks({ hooks, onHooks }: { hooks: readonly HookBody[]; onHooks(hooks: readonly HookBody[]): void }) {
  return (
    <Rows label="Hook" rows={hooks} onRows={onHooks} fresh={{ url: "", when: "BEFORE_LOCK" }}>
      {(hook, change) => (
        <>
          <Cell label="URL" value={hook.url} onValue={(url) => change({ ...hook, url })} placeholder="https://change.example.com/ask" grow required />
          <Choice label="When" hideLabel value={hook.when} onValue={(when) => change({ ...hook, when })} options={HOOKED} />
        </>
      )}
    </Rows>
  );
}

function Exceptions({ exceptions, onExceptions, namespaces }: { exceptions: readonly ExceptionBody[]; onExceptions(exceptions: readonly ExceptionBody[]): void; namespaces: Known }) {
  return (
    <fieldset>
      <legend>What stays open</legend>
      <Rows label="Exception" rows={exceptions} onRows={onExceptions} fresh={{ namespace: "", owner: "", reason: "", expires: "" }}>
        {(one, change) => (
          <>
            <Cell label="Namespace" value={one.namespace} onValue={(namespace) => change({ ...one, namespace })} placeholder="foo" candidates={namesOf(namespaces)} required />
            <PodLabels namespace={one.namespace} selector={one.selector} onSelector={(selector) => change(merged(one, { selector }))} />
            <Cell label="Port" value={one.port === undefined ? "" : String(one.port)} onValue={(port) => change(merged(one, { port: numberOf(port) }))} placeholder="all" type="number" />
            <Cell label="Owner" value={one.owner} onValue={(owner) => change({ ...one, owner })} placeholder="team-a" required />
            <Cell label="Last day" value={one.expires} onValue={(expires) => change({ ...one, expires })} type="date" required />
            <Cell label="Reason" value={one.reason} onValue={(reason) => change({ ...one, reason })} grow required />
            <Words label="Paths for plaintext" values={one.plaintextPaths ?? []} onValues={(plaintextPaths) => change(merged(one, { plaintextPaths }))} placeholder="all" candidates={[]} />
          </>
        )}
      </Rows>
    </fieldset>
  );
}

/** What the fields do not show: it is not lost. */
function Kept({ body }: { body: PlanBody }) {
  const selectors = [body.scope?.selector, ...(body.waves ?? []).map((wave) => wave.selector), ...(body.exceptions ?? []).map((one) => one.selector)];
  const kept = [
    body.scope && body.target === "MESH" && "a scope, which a plan for the whole mesh must not have",
    selectors.some((selector) => selector?.matchExpressions) && "expressions over labels",
  ].filter(Boolean);
  return kept.length > 0 ? <p class="dim">Also in the body, and changed as JSON: {kept.join("; ")}.</p> : null;
}

const governed = (namespace: Namespace): boolean => namespace.captured > 0;

export const namesOf = (namespaces: Known): readonly string[] => namespaces.map(({ name }) => name);

const labelsIn = (namespaces: Known): readonly string[] => [...new Set(namespaces.flatMap(({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`)))].sort();

const numberOf = (text: string): number | undefined => (text === "" ? undefined : Number(text));

type Changed<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** With the part changed, and without what says nothing there, so that a default stays a default; the rest is as it was. */
function merged<T extends object>(old: T | undefined, part: Changed<T>): T {
  const says = (value: unknown): boolean => value !== undefined && value !== "" && !(typeof value === "object" && value !== null && Object.keys(value).length === 0);
  const next: Record<string, unknown> = { ...old };
  for (const [key, value] of Object.entries(part)) {
    if (says(value)) {
      next[key] = value;
    } else {
      delete next[key];
    }
  }
  return next as T;
}

export const labelsText = ({ selector }: Pick<ExceptionBody, "selector">): string =>
  Object.entries(selector?.matchLabels ?? {})
    .map(([key, value]) => (value === "" ? key : `${key}=${value}`))
    .join(",");

const labelOf = (text: string): [string, string] => {
  const [key = "", value = ""] = text.split(/=(.*)/);
  return [key, value];
};

export function labelsOf(text: string): LabelSelector | undefined {
  const labels = text.split(/[\s,]+/).filter(Boolean);
  return labels.length === 0 ? undefined : { matchLabels: Object.fromEntries(labels.map(labelOf)) };
}

function Text({ label, value, usual, placeholder, type = "text", onValue }: { label: string; value: string | undefined; usual: string; placeholder?: string; type?: "text" | "number"; onValue(value: string): void }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <input value={value ?? ""} placeholder={placeholder ?? short(usual)} type={type} step="any" min={0} size={7} class="num" onInput={(e) => onValue(e.currentTarget.value)} />
    </label>
  );
}

/** A duration as people type it: `24h` of `PT24H`. */
export const short = (iso: string): string => iso.replace(/[PT]/g, "").toLowerCase();

interface PartsProperties<T> {
  label: string;
  note?: string;
  values: readonly T[];
  onValues(values: readonly T[]): void;
  between: RegExp;
  join: string;
  placeholder: string;
  read(text: string): T;
  write(value: T): string;
  /** What a part may be: offered while it is typed. */
  candidates?: readonly string[];
}

/** Several values as one text, which is the typist's own until it says something else than they do. */
function Parts<T>({ label, note, values, onValues, between, join, placeholder, read, write, candidates = [] }: PartsProperties<T>) {
  const parse = (text: string): readonly T[] => text.split(between).map((part) => part.trim()).filter(Boolean).map(read);
  const [typed, type] = useState("");
  const shown = JSON.stringify(parse(typed)) === JSON.stringify(values) ? typed : values.map(write).join(join);
  const list = useId();
  const change = (text: string): void => {
    type(text);
    onValues(parse(text));
  };
  return (
    <label class="field grow">
      <span>
        {label} {note && <span class="dim">({note})</span>}
      </span>
      {join === "\n" ? (
        <textarea class="mono" rows={Math.max(2, shown.split("\n").length)} spellcheck={false} placeholder={placeholder} value={shown} onInput={(e) => change(e.currentTarget.value)} />
      ) : (
        <input class="mono" list={list} placeholder={placeholder} value={shown} onInput={(e) => change(e.currentTarget.value)} />
      )}
      {candidates.length > 0 && <Offers id={list} text={shown} between={between} candidates={candidates} />}
    </label>
  );
}

/** Names, or other words without blanks. */
const Words = (rest: Omit<PartsProperties<string>, "between" | "join" | "read" | "write">) => <Parts between={/[\s,]+/} join=", " read={(text) => text} write={(word) => word} {...rest} />;

/** What labels have to be; expressions are kept as they are. */
function Labels({ selector, onSelector, placeholder = "team=a", ...rest }: { label: string; note?: string; selector: LabelSelector | undefined; onSelector(selector: LabelSelector | undefined): void; placeholder?: string; candidates: readonly string[] }) {
  return (
    <Parts
      between={/[\s,]+/}
      join=", "
      placeholder={placeholder}
      values={Object.entries(selector?.matchLabels ?? {})}
      onValues={(labels) => onSelector(merged(selector, { matchLabels: Object.fromEntries(labels) }))}
      read={labelOf}
      write={([key, value]) => (value === "" ? key : `${key}=${value}`)}
      {...rest}
    />
  );
}

function PodLabels({ namespace, ...rest }: { namespace: string; selector: LabelSelector | undefined; onSelector(selector: LabelSelector | undefined): void }) {
  const candidates = usePodLabels(namespace);
  return <Labels label="Labels of its pods" placeholder="app=httpbin" candidates={candidates} {...rest} />;
}

/** The first few that the last part may become; each is the whole text, for that is what the browser puts in. */
function Offers({ id, text, between, candidates }: { id: string; text: string; between: RegExp; candidates: readonly string[] }) {
  const part = text.split(between).at(-1) ?? "";
  const before = text.slice(0, text.length - part.length);
  return (
    <datalist id={id}>
      {candidates
        .filter((one) => one.includes(part) && one !== part)
        .slice(0, 20)
        .map((one, at) => (
          <option key={at} value={before + one} />
        ))}
    </datalist>
  );
}

function Rows<T>({ label, rows, onRows, fresh, children }: { label: string; rows: readonly T[]; onRows(rows: readonly T[]): void; fresh: T; children(row: T, change: (row: T) => void): ComponentChildren }) {
  return (
    <>
      {rows.map((row, index) => (
        <div key={index} class="row" role="group" aria-label={`${label} ${index + 1}`}>
          {children(row, (changed) => onRows(rows.map((one, at) => (at === index ? changed : one))))}
          <Button kind="bare" icon="cross" onClick={() => onRows(rows.filter((_, at) => at !== index))} aria-label={`Take ${label.toLowerCase()} ${index + 1} out`} />
        </div>
      ))}
      <div>
        <Button kind="bare" icon="plus" onClick={() => onRows([...rows, fresh])}>
          Add {/^[aeiou]/i.test(label) ? "an" : "a"} {label.toLowerCase()}
        </Button>
      </div>
    </>
  );
}

export function Cell({ label, value, onValue, grow = false, candidates, between = /\n/, ...rest }: { label: string; value: string; onValue(value: string): void; grow?: boolean; placeholder?: string; type?: string; required?: boolean; candidates?: readonly string[]; between?: RegExp }) {
  const id = useId();
  return (
    <span class={`field${grow ? " grow" : ""}`}>
      <label for={id} class="dim">
        {label}
      </label>
      <input id={id} list={`${id}-offers`} value={value} onInput={(e) => onValue(e.currentTarget.value)} {...rest} />
      {candidates && <Offers id={`${id}-offers`} text={value} between={between} candidates={candidates} />}
    </span>
  );
}

const APPROVALS: readonly Option<ApprovalRule>[] = [
  { value: "NONE", text: "not asked for" },
  { value: "WAVE", text: "of each wave" },
  { value: "NAMESPACE", text: "of each namespace" },
];
const SILENCE: readonly Option<NoSamplesRule>[] = [
  { value: "HOLD", text: "holds" },
  { value: "PASS", text: "passes" },
];
const STARTS: readonly Option<Start>[] = [
  { value: "ON_COMMAND", text: "when somebody starts it" },
  { value: "WHEN_ACCEPTED", text: "as soon as it is accepted" },
];
const FAILURES: readonly Option<FailureRule>[] = [
  { value: "ROLLBACK", text: "roll back by itself" },
  { value: "HOLD", text: "hold for a person" },
];
const WRITERS: readonly Option<PlanApply>[] = [
  { value: "DIRECT", text: "by the service" },
  { value: "MANIFEST", text: "by you, from its manifests" },
];
const HOOKED: readonly Option<HookWhen>[] = [
  { value: "BEFORE_LOCK", text: "asked before a lock" },
  { value: "AFTER_LOCK", text: "told after a lock" },
  { value: "AFTER_ROLLBACK", text: "told after a rollback" },
];
