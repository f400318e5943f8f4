import { useMemo } from "preact/hooks";
import { useRights, type Rights } from "../api/access";
import { segment } from "../api/client";
import { useList, useResource } from "../api/store";
import type { Event, Namespace, Plan, Step, StepPhase, Wave } from "../api/types";
import { filter, href, type Route } from "../router";
import { Events } from "../ui/events";
import { age, count, counted, duration, said, span, useNow } from "../ui/format";
import { Icon } from "../ui/icons";
import { Ago, Badge, Button, Code, Empty, InGrafana, Name, Panel, Shares, Skeleton, Tabs, Trouble } from "../ui/parts";
import { Changes } from "../ui/policy";
import { Table, type Column } from "../ui/table";
import { outcomeWord, phaseWord, PHASE_ORDER, planWord, resultWord, spaced } from "../ui/words";
import { Locked, PhaseShares, WaitingOn } from "../views/mesh";
import { Gates } from "../views/namespace";
import { PlanActions, useStep } from "./actions";
import { BacktestTab } from "./backtest";
import { Definition } from "./draft";
import { ExceptionsTab } from "./exceptions";
import { namespaceOf, stepName } from "./names";
import { NextAction, StepNext } from "./next";
import { ReportTab } from "./report";
import { TermsTab } from "./terms";
import { Timeline } from "./timeline";

const TABS = [
  { key: "waves", text: "Waves" },
  { key: "exceptions", text: "Exceptions" },
  { key: "terms", text: "Terms" },
  { key: "backtest", text: "Backtest" },
  { key: "events", text: "Events" },
  { key: "manifests", text: "Manifests" },
  { key: "report", text: "Report" },
  { key: "definition", text: "Definition" },
] as const;

export function PlanView({ name, route }: { name: string; route: Route }) {
  const path = `/plans/${segment(name)}`;
  const { data: plan, error } = useResource<Plan>(path, 2000);
  const rights = useRights(name);
  const tab = route.query["tab"] ?? "waves";
  if (error?.status === 404) {
    return (
      <Empty icon="question" title={`There is no plan ${name}`}>
        <a href={href(["plans"])}>All plans</a>
      </Empty>
    );
  }
  return (
    <>
      <div class="view-head">
        <p class="crumbs">
          <a href={href(["plans"])}>Plans</a>
        </p>
        <div class="inline spread">
          <span class="inline">
            <h1>{name}</h1>
            {plan && <Badge word={planWord(plan.phase)} />}
            {plan && <span class="dim">{plan.target === "MESH" ? "whole mesh" : "namespaces"}</span>}
          </span>
          {plan && <PlanActions plan={plan} can={rights.can} />}
        </div>
        <Trouble error={error} />
        {plan && <NextAction plan={plan} can={rights.can} />}
        {plan && <Standing plan={plan} waits={tab === "waves"} />}
        <Tabs
          label="Of this plan"
          current={tab}
          tabs={TABS.map(({ key, text }) => ({ key, text, href: href(["plans", name], key === "waves" ? {} : { tab: key }) }))}
        />
      </div>
      {!plan && !error && <Skeleton lines={8} />}
      {plan && tab === "waves" && <Waves plan={plan} rights={rights} route={route} />}
      {plan && tab === "exceptions" && <ExceptionsTab plan={plan} can={rights.can} />}
      {plan && tab === "terms" && <TermsTab plan={plan} can={rights.can} />}
      {plan && tab === "backtest" && <BacktestTab plan={plan} route={route} />}
      {plan && tab === "events" && <EventsTab plan={plan} />}
      {plan && tab === "manifests" && <ManifestsTab plan={plan} />}
      {plan && tab === "report" && <ReportTab plan={plan} />}
      {plan && tab === "definition" && <Definition plan={plan} can={rights.can} />}
    </>
  );
}

function Standing({ plan, waits }: { plan: Plan; waits: boolean }) {
  return (
    <section class="standing-of-plan" aria-label="Where the plan stands">
      <div class="inline spread">
        <span class="dim">
          made by {plan.createdBy} <Ago at={plan.createdAt} />
          {plan.startedAt && (
            <>
              , started <Ago at={plan.startedAt} />
            </>
          )}
          {plan.endedAt && (
            <>
              , ended <Ago at={plan.endedAt} />
            </>
          )}
        </span>
        <span class="num">
          <Locked progress={plan.progress} />
          {plan.progress.eta && <span class="dim">, about {duration(plan.progress.eta)} left</span>}
        </span>
      </div>
      <PhaseShares plan={plan} />
      {waits && <WaitingOn plan={plan} most={4} />}
    </section>
  );
}

/** A namespace of a plan as the waves show it; steps with their gates are read for plans of some size only. */
interface Line {
  readonly namespace: string;
  readonly phase: StepPhase;
  readonly why: string;
  readonly step: Step | undefined;
}

/** Beyond so many steps, gates are shown for the chosen one alone: they are 2 kB each. */
const STEPS = 400;

function useLines(plan: Plan): { lines: ReadonlyMap<string, Line>; complete: boolean } {
  const many = plan.progress.total > STEPS;
  const steps = useList<Step>(many ? null : `/plans/${segment(plan.name)}/namespaces`, 2000);
  const namespaces = useList<Namespace>(many ? "/namespaces" : null, 6000);
  const lines = useMemo(() => {
    const known = new Map<string, Line>();
    for (const wave of plan.waves) {
      for (const member of wave.members) {
        known.set(stepName(member.namespace), { namespace: stepName(member.namespace), phase: "PENDING", why: member.reason, step: undefined });
      }
    }
    for (const [namespace, why] of Object.entries(plan.exempt)) {
      known.set(stepName(namespace), { namespace: stepName(namespace), phase: "EXEMPT", why, step: undefined });
    }
    for (const step of steps.data ?? []) {
      const line = known.get(step.namespace);
      known.set(step.namespace, { namespace: step.namespace, phase: step.phase, why: line?.why ?? step.message, step });
    }
    for (const namespace of namespaces.data ?? []) {
      const line = known.get(stepName(namespace.name));
      if (line && namespace.phase && namespace.plan === plan.name) {
        known.set(stepName(namespace.name), { ...line, phase: namespace.phase });
      }
    }
    return known;
  }, [plan, steps.data, namespaces.data]);
  return { lines, complete: steps.complete && namespaces.complete };
}

const DONE: ReadonlySet<string> = new Set(["LOCKED", "EXEMPT", "SKIPPED", "ROLLED_BACK"]);

type Progress = "done" | "active" | "todo" | "trouble";

function progressOf(lines: readonly Line[]): Progress {
  if (lines.some((line) => line.phase === "DRIFTED" || line.phase === "ROLLING_BACK")) {
    return "trouble";
  }
  if (lines.every((line) => DONE.has(line.phase))) {
    return "done";
  }
  return lines.every((line) => line.phase === "PENDING" || DONE.has(line.phase)) && !lines.some((line) => line.phase === "LOCKED") ? "todo" : "active";
}

function Waves({ plan, rights, route }: { plan: Plan; rights: Rights; route: Route }) {
  const { lines } = useLines(plan);
  const chosen = route.query["step"] ?? null;
  const phase = route.query["phase"] ?? "";
  const exempt = [...lines.values()].filter((line) => plan.exempt[line.namespace] !== undefined);
  return (
    <div class={`waves-view${chosen ? " with-step" : ""}`}>
      <div>
        {phase && (
          <p class="inline">
            Only <Badge word={phaseWord(phase)} />
            <Button kind="bare" icon="cross" onClick={() => filter({ phase: undefined })}>
              Show all
            </Button>
          </p>
        )}
        <Timeline plan={plan} />
        <ol class="waves" aria-label="Waves, in their order">
          {plan.waves.map((wave, index) => (
            <WaveCard key={wave.name} number={index + 1} wave={wave} plan={plan} lines={lines} chosen={chosen} phase={phase} />
          ))}
          {plan.target === "MESH" && <MeshCard number={plan.waves.length + 1} plan={plan} chosen={chosen} />}
        </ol>
        {exempt.length > 0 && (
          <details class="exempt">
            <summary>{counted(exempt.length, "namespace")} left open from the beginning</summary>
            <ul>
              {exempt.slice(0, 200).map((line) => (
                <li key={line.namespace}>
                  <b class="mono">{line.namespace}</b> <span class="dim">{said(line.why)}</span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      {chosen && <StepPanel plan={plan} namespace={chosen} rights={rights} />}
    </div>
  );
}

function WaveNumber({ value, progress }: { value: number; progress: Progress }) {
  return (
    <span class={`wave-number ${progress}`}>
      {progress === "done" ? <Icon name="check" /> : progress === "trouble" ? <Icon name="alert" /> : value}
    </span>
  );
}

const WORDS: Record<Progress, string> = { done: "done", active: "under way", todo: "to come", trouble: "in trouble" };

function WaveCard({ number, wave, plan, lines, chosen, phase }: { number: number; wave: Wave; plan: Plan; lines: ReadonlyMap<string, Line>; chosen: string | null; phase: string }) {
  const columns = useMemo(() => columnsOf(plan.name), [plan.name]);
  const members = useMemo(
    () => wave.namespaces.map((name) => lines.get(stepName(name))).filter((line): line is Line => line !== undefined),
    [wave, lines],
  );
  const shown = phase ? members.filter((line) => line.phase === phase) : members;
  const progress = progressOf(members);
  const byPhase = new Map<string, number>();
  members.forEach((line) => byPhase.set(line.phase, (byPhase.get(line.phase) ?? 0) + 1));
  if (phase && shown.length === 0) {
    return null;
  }
  return (
    <li class={`wave ${progress}`}>
      <header class="wave-head">
        <WaveNumber value={number} progress={progress} />
        <div>
          <h2>{wave.name}</h2>
          <p class="dim">
            {counted(members.length, "namespace")}, {WORDS[progress]}
          </p>
        </div>
      </header>
      {byPhase.size > 1 && (
        <Shares
          label={`${wave.name} by phase`}
          shares={PHASE_ORDER.filter((key) => byPhase.has(key)).map((key) => ({ key, word: phaseWord(key), value: byPhase.get(key) ?? 0 }))}
        />
      )}
      {shown.length > TILES ? (
        <Table
          label={`Namespaces of ${wave.name}`}
          columns={columns}
          rows={shown}
          id={(line) => line.namespace}
          height={420}
          empty="None"
          rowClass={(line) => (line.namespace === chosen ? "row-chosen" : "")}
        />
      ) : (
        <ul class="tiles" aria-label={`Namespaces of ${wave.name}`}>
          {shown.map((line) => (
            <Tile key={line.namespace} plan={plan.name} line={line} chosen={line.namespace === chosen} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** Beyond so many namespaces a wave is a table, of which only the rows in view are drawn. */
const TILES = 60;

function Tile({ plan, line, chosen }: { plan: string; line: Line; chosen: boolean }) {
  return (
    <li class={`tile tone-${phaseWord(line.phase).tone}${chosen ? " chosen" : ""}`}>
      <div class="inline spread">
        <a class="mono strong" title={said(line.why)} href={href(["plans", plan], { step: line.namespace })} aria-current={chosen ? "true" : undefined}>
          {line.namespace}
        </a>
        <Badge word={phaseWord(line.phase)} />
      </div>
      <div class="inline spread tile-gates">
        <GateMarks step={line.step} />
        <span class="dim">{line.step && <Ago at={line.step.since} />}</span>
      </div>
    </li>
  );
}

function columnsOf(plan: string): readonly Column<Line>[] {
  return [
    {
      key: "namespace",
      title: "Namespace",
      width: "minmax(7rem, 2fr)",
      cell: (line) => (
        <a class="mono strong" title={said(line.why)} href={href(["plans", plan], { step: line.namespace })}>
          {line.namespace}
        </a>
      ),
    },
    { key: "phase", title: "Phase", width: "10.5rem", cell: (line) => <Badge word={phaseWord(line.phase)} /> },
    { key: "gates", title: "Gates", width: "minmax(7rem, 1.5fr)", cell: (line) => <GateMarks step={line.step} />, rank: 1 },
    { key: "since", title: "Since", width: "7rem", cell: (line) => line.step && <Ago at={line.step.since} />, rank: 1 },
  ];
}

/** Each gate as a mark; those that do not pass are named. */
function GateMarks({ step }: { step: Step | undefined }) {
  if (!step) {
    return <span class="dim">–</span>;
  }
  if (step.gates.length === 0) {
    return <span class="dim">{step.phase === "PENDING" ? "waits for its turn" : spaced(step.reason)}</span>;
  }
  const open = step.gates.filter((gate) => gate.result !== "PASS");
  return (
    <span class="inline tight" title={step.gates.map((gate) => `${gate.gate}: ${gate.result.toLowerCase()}`).join("\n")}>
      <span class="num dim">
        {step.gates.length - open.length}/{step.gates.length} gates
      </span>
      {open.filter((gate) => gate.gate !== "soak" || open.length === 1).slice(0, 2).map((gate) => (
        <span key={gate.gate} class={`mini tone-${resultWord(gate.result).tone}`}>
          <Icon name={resultWord(gate.result).icon} size={12} />
          {gate.gate}
        </span>
      ))}
    </span>
  );
}

function MeshCard({ number, plan, chosen }: { number: number; plan: Plan; chosen: string | null }) {
  const { data: step } = useStep(plan.name, "mesh");
  const progress: Progress = step ? progressOf([{ namespace: "mesh", phase: step.phase, why: "", step }]) : "todo";
  return (
    <li class={`wave ${progress}${chosen === "mesh" ? " chosen" : ""}`}>
      <header class="wave-head">
        <WaveNumber value={number} progress={progress} />
        <div>
          <h2>
            <a href={href(["plans", plan.name], { step: "mesh" })}>The mesh</a>
          </h2>
          <p class="dim">the root namespace, last</p>
        </div>
        {step && <Badge word={phaseWord(step.phase)} />}
      </header>
      {step && <p>{said(step.message)}</p>}
    </li>
  );
}

function StepPanel({ plan, namespace, rights }: { plan: Plan; namespace: string; rights: Rights }) {
  const { data: step, error } = useStep(plan.name, namespace);
  return (
    <aside class="step" aria-label={`Step ${namespace}`}>
      <Panel
        title={<span class="mono">{namespace === "mesh" ? "the mesh" : namespace}</span>}
        aside={<Button kind="bare" icon="cross" aria-label="Close this step" onClick={() => filter({ step: undefined })} />}
      >
        {error?.status === 404 ? <p class="dim">It has no step yet: the plan has not been started.</p> : <Trouble error={error} />}
        {!step && !error && <Skeleton lines={6} />}
        {step && (
          <>
            <p class="inline">
              <Badge word={phaseWord(step.phase)} />
              <span class="dim">
                since <Ago at={step.since} />
              </span>
              {step.wave && <span class="dim">in {step.wave}</span>}
              {namespace !== "mesh" && <a href={href(["namespaces", namespaceOf(namespace)])}>the namespace</a>}
            </p>
            <p>{said(step.message)}</p>
            <Clock step={step} soak={plan.gates.soak} />
            {step.request && (
              <p class="callout tone-info">
                <Icon name="clock" />
                <span>
                  {step.request.action.toLowerCase()} was asked for by {step.request.by} and is being carried out
                  {step.request.comment && `: “${step.request.comment}”`}
                </span>
              </p>
            )}
            <StepNext plan={plan} step={step} can={rights.can} />
            <h3>Gates</h3>
            <Gates gates={step.gates} />
            {step.overrides.length > 0 && (
              <>
                <h3>Overrides</h3>
                <ul class="lines">
                  {step.overrides.map((override) => (
                    <li key={override.at}>
                      <b>{override.gates.join(", ")}</b> by {override.by} <Ago at={override.at} />: “{override.comment}”{override.used ? "" : " (not used yet)"}
                      {Object.values(override.covers).map((found) => (
                        <div>lets pass: {found.join("; ")}</div>
                      ))}
                      {override.force && <div>lets pass whatever is found until the lock</div>}
                    </li>
                  ))}
                </ul>
              </>
            )}
            {step.policies.length > 0 && (
              <>
                <h3>Written</h3>
                <Changes changes={step.policies} label="Policies that were written" />
              </>
            )}
            {step.lastProbe.length > 0 && (
              <>
                <h3>Last probes</h3>
                <ul class="probes">
                  {step.lastProbe.slice(0, 30).map((cell) => (
                    <li key={`${cell.from} ${cell.to} ${cell.endpoint}`}>
                      <Name of={cell.from} />
                      <Icon name="right" size={12} />
                      <Name of={cell.to} />
                      <Badge word={outcomeWord(cell.outcome)} quiet={cell.expected === cell.outcome} />
                      {cell.expected && cell.expected !== cell.outcome && <span class="text-bad">expected {outcomeWord(cell.expected).text.toLowerCase()}</span>}
                    </li>
                  ))}
                </ul>
                {step.lastProbe.length > 30 && <p class="dim">and {count(step.lastProbe.length - 30)} more</p>}
              </>
            )}
          </>
        )}
      </Panel>
    </aside>
  );
}

/** What runs against the clock: the soak of the gates, and the verification after the lock. */
function Clock({ step, soak }: { step: Step; soak: string | undefined }) {
  const now = useNow();
  if (step.verifyingUntil && step.phase === "VERIFYING") {
    return (
      <p class="callout tone-busy">
        <Icon name="turn" />
        <span class="num">Watched for harm for another {span((Date.parse(step.verifyingUntil) - now) / 1000)}</span>
      </p>
    );
  }
  if (step.heldSince && ["OBSERVING", "READY", "AWAITING_APPROVAL"].includes(step.phase)) {
    return (
      <p class="callout tone-info">
        <Icon name="clock" />
        <span class="num">
          Gates have held for {age(step.heldSince, now)} of {duration(soak)}
        </span>
      </p>
    );
  }
  return null;
}

function EventsTab({ plan }: { plan: Plan }) {
  const { data, error, complete } = useList<Event>(`/plans/${segment(plan.name)}/events`, 3000, "items", 1000);
  return (
    <Panel title="Events" aside={data && <span class="dim num"><InGrafana dashboard="plans">In Grafana</InGrafana> {count(data.length)} kept{complete ? "" : ", reading more …"}</span>}>
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={8} />}
      {data && <Events events={data.slice(0, 300)} label="Events of the plan, newest first" plan={plan.name} />}
    </Panel>
  );
}

function ManifestsTab({ plan }: { plan: Plan }) {
  const { data, error } = useResource<string>(`/plans/${segment(plan.name)}/manifests`, 5000, "application/yaml");
  const lines = data?.split("\n").length ?? 0;
  const cut = lines > 3000 ? data?.split("\n").slice(0, 3000).join("\n") : data;
  return (
    <Panel title="What was or would be applied" aside={<span class="dim">{plan.apply === "MANIFEST" ? "for Git: the service writes nothing itself" : "written by the service"}</span>}>
      <Trouble error={error} />
      {data === undefined && !error && <Skeleton lines={8} />}
      {cut !== undefined && <Code text={cut} name={`${plan.name}.yaml`} label="Policies as YAML" />}
      {lines > 3000 && <p class="dim">The first 3,000 of {count(lines)} lines.</p>}
    </Panel>
  );
}

