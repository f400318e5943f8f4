import type { ComponentChildren } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { useResource } from "../api/store";
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
  type NamespaceList,
  type NoSamplesRule,
  type PlanApply,
  type PlanBody,
  type ScopeBody,
  type Start,
  type VerificationBody,
  type WaveBody,
} from "../api/types";
import { Button, Check, Choice, type Option } from "../ui/parts";

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
export const turned = (draft: Draft): Draft =>
  draft.text === null ? { body: draft.body, text: JSON.stringify(draft.body, null, 2) } : { body: bodyOf(draft), text: null };

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
  const set = (part: Changed<PlanBody>): void => onBody(lean<PlanBody>({ ...body, ...part }));
  return (
    <>
      {named && (
        <label class="field">
          <span>Name</span>
          <input required pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?" maxLength={63} placeholder="q4" value={body.name} onInput={(e) => onBody({ ...body, name: e.currentTarget.value })} />
        </label>
      )}
      <WhatIsLocked body={body} set={set} />
      <Before body={body} set={set} />
      <After body={body} set={set} />
      <Exceptions exceptions={list(body.exceptions)} onExceptions={(exceptions) => set({ exceptions })} />
      <Kept body={body} />
    </>
  );
}

type Set = (part: Changed<PlanBody>) => void;

function WhatIsLocked({ body, set }: { body: PlanBody; set: Set }) {
  const { data } = useResource<NamespaceList>("/namespaces?limit=500", 30_000);
  const offered = useMemo(() => (data?.items ?? []).filter(governed), [data]);
  const chosen = list(body.scope?.namespaces);
  const scope = (namespaces: readonly string[]): void => set({ scope: lean<ScopeBody>({ ...body.scope, namespaces }) });
  const toggle = (name: string): void => scope(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
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
          <Parts label="Namespaces" note="all when empty" values={chosen} onValues={scope} between={/[\s,]+/} join=", " placeholder="foo, bar" read={(text) => text} write={(name) => name} />
          {offered.length > 0 && offered.length <= 40 && (
            <div class="chips" role="group" aria-label="Namespaces with proxies">
              {offered.map((namespace) => (
                <button key={namespace.name} type="button" class="chip toggle" aria-pressed={chosen.includes(namespace.name)} onClick={() => toggle(namespace.name)}>
                  {namespace.name}
                </button>
              ))}
            </div>
          )}
        </>
      )}
      {list(body.waves).every((wave) => !wave.selector) && (
        <Parts
          label="Waves"
          note="one a line; in an order of our own when empty"
          values={list(body.waves)}
          onValues={(waves) => set({ waves })}
          between={/\n/}
          join={"\n"}
          placeholder={"first: foo, bar\nsecond: legacy"}
          read={waveOf}
          write={(wave) => `${wave.name}: ${list(wave.namespaces).join(", ")}`}
        />
      )}
      <Check label="Take over the mode of policies that a person manages" checked={body.adopt ?? USUAL.adopt} onChecked={(adopt) => set({ adopt })} />
    </fieldset>
  );
}

function Before({ body, set }: { body: PlanBody; set: Set }) {
  const { gates } = body;
  const change = (part: Changed<GatesBody>): void => set({ gates: lean<GatesBody>({ ...gates, ...part }) });
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
        values={list(gates?.changeWindows)}
        onValues={(changeWindows) => change({ changeWindows })}
        between={/\n/}
        join={"\n"}
        placeholder="Mon-Fri 09:00-16:00 Europe/Berlin"
        read={(text) => text}
        write={(window) => window}
      />
      <Hooks hooks={list(gates?.hooks)} onHooks={(hooks) => change({ hooks })} />
    </fieldset>
  );
}

function After({ body, set }: { body: PlanBody; set: Set }) {
  const { verification } = body;
  const change = (part: Changed<VerificationBody>): void => set({ verification: lean<VerificationBody>({ ...verification, ...part }) });
  return (
    <fieldset>
      <legend>After the lock</legend>
      <div class="pairs">
        <Text label="Watch for harm for" value={verification?.duration} usual={USUAL.verification.duration} onValue={(duration) => change({ duration })} />
        <Choice label="When somebody is harmed" value={body.onFailure ?? USUAL.onFailure} onValue={(onFailure) => set({ onFailure })} options={FAILURES} />
        <Choice label="Policies are written" value={body.apply ?? USUAL.apply} onValue={(apply) => set({ apply })} options={WRITERS} />
      </div>
      <Parts
        label="Clients that may fail"
        note="namespace/workload, namespace/* or an address range; one a line"
        values={list(verification?.ignoreClients)}
        onValues={(ignoreClients) => change({ ignoreClients })}
        between={/\n/}
        join={"\n"}
        placeholder={"legacy/report\n10.8.0.0/16"}
        read={(text): IgnoredClientBody => (/^[\da-f]*[.:][\da-f.:]*(\/\d+)?$/i.test(text) ? { cidr: text } : { workload: text })}
        write={(client) => client.workload ?? client.cidr ?? ""}
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

function Exceptions({ exceptions, onExceptions }: { exceptions: readonly ExceptionBody[]; onExceptions(exceptions: readonly ExceptionBody[]): void }) {
  return (
    <fieldset>
      <legend>What stays open</legend>
      <Rows label="Exception" rows={exceptions} onRows={onExceptions} fresh={{ namespace: "", owner: "", reason: "", expires: "" }}>
        {(one, change) => (
          <>
            <Cell label="Namespace" value={one.namespace} onValue={(namespace) => change({ ...one, namespace })} placeholder="foo" required />
            {!one.selector?.matchExpressions && (
              <Cell label="Labels of its pods" value={labelsText(one)} onValue={(text) => change(lean<ExceptionBody>({ ...one, selector: labelsOf(text) }))} placeholder="app=httpbin" />
            )}
            <Cell label="Port" value={one.port === undefined ? "" : String(one.port)} onValue={(port) => change(lean<ExceptionBody>({ ...one, port: port === "" ? undefined : Number(port) }))} placeholder="all" type="number" />
            <Cell label="Owner" value={one.owner} onValue={(owner) => change({ ...one, owner })} placeholder="team-a" required />
            <Cell label="Last day" value={one.expires} onValue={(expires) => change({ ...one, expires })} type="date" required />
            <Cell label="Reason" value={one.reason} onValue={(reason) => change({ ...one, reason })} grow required />
          </>
        )}
      </Rows>
    </fieldset>
  );
}

/** What the fields do not show: it is not lost. */
function Kept({ body }: { body: PlanBody }) {
  const kept = [
    body.scope?.selector && "labels of namespaces in scope",
    body.scope && body.target === "MESH" && "a scope, which a plan for the whole mesh must not have",
    list(body.waves).some((wave) => wave.selector) && "waves, which choose by labels",
    list(body.exceptions).some((one) => one.selector?.matchExpressions) && "exceptions' expressions over labels",
    list(body.exceptions).some((one) => one.plaintextPaths) && "paths that exceptions leave open",
    body.verification?.maxRefusals !== undefined && body.verification.maxRefusals !== USUAL.verification.maxRefusals && "the number of refusals that are borne",
  ].filter(Boolean);
  return kept.length > 0 ? <p class="dim">Also in the body, and changed as JSON: {kept.join("; ")}.</p> : null;
}

const governed = (namespace: Namespace): boolean => namespace.captured > 0;

/** A body that somebody wrote as JSON may hold anything; the service says what is wrong with it. */
const list = <T,>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);

type Changed<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Without what says nothing, so that a default stays a default. */
function lean<T extends object>(value: Changed<T>): T {
  const says = (part: unknown): boolean => part !== undefined && part !== "" && !(typeof part === "object" && part !== null && Object.keys(part).length === 0);
  return Object.fromEntries(Object.entries(value).filter(([key, part]) => key === "name" || REQUIRED.has(key) || says(part))) as T;
}

/** Of an exception: an empty one is told by the service, with its place. */
const REQUIRED = new Set(["namespace", "owner", "reason", "expires"]);

function waveOf(line: string): WaveBody {
  const [name = "", members = ""] = line.split(/:(.*)/);
  return { name: name.trim(), namespaces: members.split(/[\s,]+/).filter(Boolean) };
}

export const labelsText = ({ selector }: Pick<ExceptionBody, "selector">): string =>
  Object.entries(selector?.matchLabels ?? {})
    .map(([key, value]) => (value === "" ? key : `${key}=${value}`))
    .join(",");

export function labelsOf(text: string): LabelSelector | undefined {
  const labels = text.split(/[\s,]+/).filter(Boolean);
  return labels.length === 0 ? undefined : { matchLabels: Object.fromEntries(labels.map((label) => label.split(/=(.*)/).slice(0, 2) as [string, string]).map(([key, value = ""]) => [key, value])) };
}

function Text({ label, value, usual, placeholder, onValue }: { label: string; value: string | undefined; usual: string; placeholder?: string; onValue(value: string): void }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <input value={value ?? ""} placeholder={placeholder ?? short(usual)} size={7} class="num" onInput={(e) => onValue(e.currentTarget.value)} />
    </label>
  );
}

/** A duration as people type it: `24h` of `PT24H`. */
const short = (iso: string): string => iso.replace(/[PT]/g, "").toLowerCase();

/** Several values as one text, which is the typist's own until it says something else than they do. */
function Parts<T>({
  label,
  note,
  values,
  onValues,
  between,
  join,
  placeholder,
  read,
  write,
}: {
  label: string;
  note: string;
  values: readonly T[];
  onValues(values: readonly T[]): void;
  between: RegExp;
  join: string;
  placeholder: string;
  read(text: string): T;
  write(value: T): string;
}) {
  const parse = (text: string): readonly T[] => text.split(between).map((part) => part.trim()).filter(Boolean).map(read);
  const [typed, type] = useState("");
  const shown = JSON.stringify(parse(typed)) === JSON.stringify(values) ? typed : values.map(write).join(join);
  const change = (text: string): void => {
    type(text);
    onValues(parse(text));
  };
  return (
    <label class="field">
      <span>
        {label} <span class="dim">({note})</span>
      </span>
      {join === "\n" ? (
        <textarea class="mono" rows={Math.max(2, shown.split("\n").length)} spellcheck={false} placeholder={placeholder} value={shown} onInput={(e) => change(e.currentTarget.value)} />
      ) : (
        <input class="mono" placeholder={placeholder} value={shown} onInput={(e) => change(e.currentTarget.value)} />
      )}
    </label>
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

export function Cell({ label, value, onValue, grow = false, ...rest }: { label: string; value: string; onValue(value: string): void; grow?: boolean; placeholder?: string; type?: string; required?: boolean }) {
  const id = useId();
  return (
    <span class={`field${grow ? " grow" : ""}`}>
      <label for={id} class="dim">
        {label}
      </label>
      <input id={id} value={value} onInput={(e) => onValue(e.currentTarget.value)} {...rest} />
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
