import { useMemo } from "preact/hooks";
import { useRights } from "../api/access";
import { useList, useResource } from "../api/store";
import type { Event, EventList, Impact, Mesh, Namespace, Plan, PlanSummary, PlanSummaryList, Progress, Traffic, TrafficEdge } from "../api/types";
import { PlanActions } from "../plan/actions";
import { NextAction } from "../plan/next";
import { href, type Route } from "../router";
import { Events } from "../ui/events";
import { Breaking } from "../ui/impact";
import { count, counted, duration, percent, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Ago, Badge, Empty, Name, Panel, Shares, Skeleton, Stat, Trouble, type Share } from "../ui/parts";
import { DecidedBy } from "../ui/policy";
import { modeWord, phaseWord, PHASE_ORDER, planeWord, planWord, POSTURE_ORDER, postureWord } from "../ui/words";
import { segment, withQuery } from "../api/client";
import { HistoryPanel } from "./history";

/** Where the mesh stands, what moves, who still sends plaintext, and what would break. */
export function MeshPage({ route }: { route: Route }) {
  const { data: mesh, error } = useResource<Mesh>("/mesh", 3000);
  return (
    <>
      <h1 class="hidden">Mesh</h1>
      <Trouble error={error} />
      {mesh ? <Headline mesh={mesh} /> : <Skeleton lines={4} />}
      <Next />
      <div class="mesh-grid">
        <div class="stack">
          <Breaks />
          <Moves />
          <HistoryPanel route={route} />
        </div>
        <div class="stack beside">
          <div class="stack">
            <Plaintext />
            {mesh && <Facts mesh={mesh} />}
          </div>
          <Latest />
        </div>
      </div>
    </>
  );
}

function Headline({ mesh }: { mesh: Mesh }) {
  const postures = mesh.counts.byPosture;
  const strict = postures["STRICT"] ?? 0;
  const governed = mesh.counts.namespaces - (postures["UNCAPTURED"] ?? 0);
  const shares: Share[] = POSTURE_ORDER.map((key) => ({
    key,
    word: postureWord(key),
    value: postures[key] ?? 0,
    href: href(["namespaces"], { posture: key }),
  }));
  return (
    <section class="headline" aria-label="Where the mesh stands">
      <div class="headline-words">
        <p class="headline-text">
          <b class="num">{count(strict)}</b> of <b class="num">{counted(governed, "namespace")}</b> with proxies{" "}
          {strict === 1 ? "takes" : "take"} mutual TLS alone.
        </p>
        <p class="headline-sub">
          Mesh-wide mode <Badge word={modeWord(mesh.mode)} /> by <DecidedBy policy={mesh.decidedBy} />
        </p>
      </div>
      <Shares label="Namespaces by posture" shares={shares} />
    </section>
  );
}

/** The plans that move now; when none does, the draft or the plan that was made last. */
function chief(plans: readonly PlanSummary[]): readonly PlanSummary[] {
  const latest = [...plans].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const moving = latest.filter((plan) => plan.phase === "RUNNING" || plan.phase === "PAUSED");
  return moving.length > 0 ? moving : [latest.find((plan) => plan.phase === "DRAFT") ?? latest[0]].filter((plan) => plan !== undefined);
}

const SHOWN_PLANS = 3;

/** What a person can do next about each plan that moves. */
function Next() {
  const { data } = useResource<PlanSummaryList>("/plans?limit=100", 3000);
  return <>{chief(data?.items ?? []).slice(0, SHOWN_PLANS).map((plan) => <NextOf key={plan.name} name={plan.name} />)}</>;
}

function NextOf({ name }: { name: string }) {
  const { data: plan } = useResource<Plan>(`/plans/${segment(name)}`, 2000);
  const { can } = useRights(name);
  return plan ? <NextAction plan={plan} can={can} /> : null;
}

function Moves() {
  const { can } = useRights();
  const { data, error } = useResource<PlanSummaryList>("/plans?limit=100", 3000);
  const plans = data ? chief(data.items) : [];
  return (
    <Panel
      title="What moves now"
      class="moves"
      aside={data && data.items.length > 1 ? <a href={href(["plans"])}>{counted(data.items.length, "plan")}</a> : undefined}
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton />}
      {data && plans.length === 0 && (
        <Empty icon="plan" title="No plan yet">
          <p>A plan says which namespaces are locked, in which order, and what has to hold before.</p>
          {can("create") && (
            <a class="button main" href={href(["plans", "new"])}>
              <Icon name="plus" />
              <span>Make a plan</span>
            </a>
          )}
        </Empty>
      )}
      {plans.slice(0, SHOWN_PLANS).map((plan) => (
        <div key={plan.name} class="moving">
          <Moving name={plan.name} />
        </div>
      ))}
      {plans.length > SHOWN_PLANS && (
        <p>
          <a href={href(["plans"])}>and {count(plans.length - SHOWN_PLANS)} more that move</a>
        </p>
      )}
    </Panel>
  );
}

function Moving({ name }: { name: string }) {
  const { data: plan, error } = useResource<Plan>(`/plans/${segment(name)}`, 2000);
  const { can } = useRights(name);
  if (!plan) {
    return error ? <Trouble error={error} /> : <Skeleton lines={5} />;
  }
  return (
    <>
      <div class="inline spread">
        <span class="inline">
          <a class="big" href={href(["plans", plan.name])}>
            {plan.name}
          </a>
          <Badge word={planWord(plan.phase)} />
          <span class="dim">{plan.target === "MESH" ? "whole mesh" : "namespaces"}</span>
        </span>
        <span class="num">
          <Locked progress={plan.progress} />
          {plan.progress.eta && <span class="dim"> about {duration(plan.progress.eta)} left</span>}
        </span>
      </div>
      <PhaseShares plan={plan} />
      <WaitingOn plan={plan} most={4} />
      <PlanActions plan={plan} can={can} />
    </>
  );
}

/** Steps of a plan by phase, each a link to those. */
export function PhaseShares({ plan }: { plan: PlanSummary | Plan }) {
  return (
    <Shares
      label={`Steps of ${plan.name} by phase`}
      shares={PHASE_ORDER.filter((key) => (plan.progress.byPhase[key] ?? 0) > 0).map((key) => ({
        key,
        word: phaseWord(key),
        value: plan.progress.byPhase[key] ?? 0,
        href: href(["plans", plan.name], { phase: key }),
      }))}
    />
  );
}

/** What counts is what is locked; what is left open on purpose is not among the steps. */
export function Locked({ progress }: { progress: Progress }) {
  return (
    <>
      <b>
        {count(progress.byPhase["LOCKED"] ?? 0)} of {count(progress.total)} locked
      </b>{" "}
      <span class="dim">{progress.percent} %</span>
    </>
  );
}

/** Why a plan is not further: it can always say. */
export function WaitingOn({ plan, most }: { plan: Plan; most: number }) {
  if (plan.waitingOn.length === 0) {
    return null;
  }
  // First what somebody can do something about; what only waits for its turn comes after it.
  const turn = (reason: string): number => Number(reason === "WAITS_FOR_WAVE" || reason === "NAMESPACES_NOT_LOCKED" || reason === "SOAKING");
  const waiting = [...plan.waitingOn].sort((a, b) => turn(a.reason) - turn(b.reason));
  return (
    <div class="waiting">
      <h3>Waits for</h3>
      <ul>
        {waiting.slice(0, most).map((one) => (
          <li key={`${one.namespace} ${one.gate}`}>
            {one.namespace ? (
              <a class="mono" href={href(["plans", plan.name], { step: one.namespace })}>
                {one.namespace}
              </a>
            ) : (
              <span class="dim">the plan</span>
            )}
            <span class="chip">{one.gate}</span>
            <span class="waiting-text" title={said(one.message)}>{said(one.message)}</span>
            <span class="dim">
              <Ago at={one.since} />
            </span>
          </li>
        ))}
      </ul>
      {plan.waitingCount > most && <p class="dim">and {count(plan.waitingCount - most)} more</p>}
    </div>
  );
}

const PLAINTEXT = "/traffic?security=plaintext";
const MOST_EDGES = 5000;

/**
 * Namespaces with proxies of which evidence does not cover the whole window; undefined until that is known. Of many, gaps
 * are only counted, and those without a proxy, to which anybody may send plaintext, are among them: `most` is true then.
 */
function useUnknown(traffic: Traffic | undefined): { namespaces: number; most: boolean } | undefined {
  const { data: about } = useResource<Traffic>(traffic ? withQuery("/traffic", { window: traffic.window, limit: 1 }) : null, 4000);
  const { data: without, complete } = useList<Namespace>("/namespaces?posture=UNCAPTURED", 15_000);
  return useMemo(() => {
    if (!about || !without) {
      return undefined;
    }
    const names = new Set(without.map(({ name }) => name));
    const told = about.gaps.filter(({ namespace }) => !names.has(namespace)).length;
    return { namespaces: told + about.gapCount - about.gaps.length, most: about.gapCount > about.gaps.length || !complete };
  }, [about, without, complete]);
}

function Plaintext() {
  const { data: traffic, error } = useResource<Traffic>("/traffic?limit=1000", 4000);
  const unknown = useUnknown(traffic);
  const { data: plaintext, complete } = useList<TrafficEdge>(PLAINTEXT, 4000, "items", MOST_EDGES);
  const { clear, secure } = useMemo(() => share(traffic?.items ?? []), [traffic]);
  const edges = useMemo(() => callers(plaintext ?? []), [plaintext]);
  const known = clear + secure;
  const rest = traffic?.remaining ?? 0;
  const sure = known > 0 && unknown?.namespaces === 0;
  const unsaid = unknown && unknown.namespaces > 0 && `Of ${unknown.most ? "up to " : ""}${counted(unknown.namespaces, "namespace")} evidence does not cover the window: nobody can say who sends plaintext there.`;
  return (
    <Panel
      title="Who still sends plaintext"
      class="plaintext"
      aside={traffic && <span class="dim">last {duration(traffic.window)}</span>}
    >
      <Trouble error={error} />
      {(!traffic || !plaintext || !unknown) && !error && <Skeleton />}
      {traffic && plaintext && unknown && (
        <>
          {known > 0 && (
            <Shares
              label="Calls by how they were secured"
              shares={[
                { key: "m", word: { text: "Mutual TLS", tone: "good", icon: "lock" }, value: secure },
                { key: "p", word: { text: "Plaintext", tone: "bad", icon: "open" }, value: clear, href: href(["traffic"], { security: "plaintext" }) },
              ]}
            />
          )}
          {rest > 0 && (
            <p class="dim">
              Of the first {count(traffic.items.length)} of {counted(traffic.items.length + rest, "pair")} of client and server.
            </p>
          )}
          {edges.length === 0 ? (
            <p class={`verdict ${sure ? "tone-good" : "tone-warn"}`}>
              <Icon name={sure ? "check" : "question"} />
              <span>{sure ? "Nobody seen in this window." : unsaid || "No calls seen in this window, so nobody can say."}</span>
            </p>
          ) : (
            <ul class="edges" aria-label="Plaintext callers">
              {edges.slice(0, 6).map((edge) => (
                <li key={`${edge.from} ${edge.to} ${edge.port}`}>
                  <Icon name="open" />
                  <span class="edge">
                    <Name of={edge.from} />
                    <Icon name="right" size={12} />
                    <a href={href(["namespaces", edge.to.split("/")[0] ?? edge.to])}>
                      <Name of={edge.to} />
                    </a>
                  </span>
                  <span class="num">{counted(edge.count, "call")}</span>
                  <span class="dim">
                    <Ago at={edge.lastSeen} />
                  </span>
                </li>
              ))}
            </ul>
          )}
          {edges.length > 0 && unsaid && <p class="dim">{unsaid}</p>}
          <p>
            <a href={href(["traffic"], { security: "plaintext" })}>
              {edges.length > 6 ? `${complete ? "All" : "More than"} ${count(edges.length)} plaintext edges` : "All traffic"}
            </a>
            {known > 0 && <span class="dim"> · {percent(secure, known)} of {counted(known, "call")} by mutual TLS</span>}
          </p>
        </>
      )}
    </Panel>
  );
}

function share(items: readonly TrafficEdge[]): { clear: number; secure: number } {
  let clear = 0;
  let secure = 0;
  for (const edge of items) {
    if (edge.security === "MUTUAL_TLS") {
      secure += edge.count;
    } else {
      clear += edge.count;
    }
  }
  return { clear, secure };
}

/** Those that are no probes of the service alone, the latest first. */
const callers = (edges: readonly TrafficEdge[]): readonly TrafficEdge[] => edges.filter(({ count }) => count > 0).sort((a, b) => b.lastSeen.localeCompare(a.lastSeen) || b.count - a.count);

function Breaks() {
  const { data: impact, error } = useResource<Impact>("/mesh/impact?breaking=true&limit=1000", 6000);
  const { data: edges, complete } = useList<TrafficEdge>(PLAINTEXT, 4000, "items", MOST_EDGES);
  return (
    <Panel title="What would break if the mesh were STRICT now" class="breaks" aside={impact && <span class="dim">by {impact.basis === "defaults" ? "the defaults" : `plan ${impact.basis}`}</span>}>
      <Trouble error={error} />
      {!impact && !error && <Skeleton lines={9} />}
      {impact && <Breaking impact={impact} seen={{ edges: edges ?? [], whole: edges === undefined || complete, covered: null }} />}
    </Panel>
  );
}

function Latest() {
  const { data, error } = useResource<EventList>("/events?limit=12", 5000);
  const events: readonly Event[] = data?.items ?? [];
  return (
    <Panel title="Lately" class="lately">
      <Trouble error={error} />
      {!data && !error && <Skeleton />}
      {data && events.length === 0 && <p class="dim">Nothing has happened yet.</p>}
      <Events events={events} label="Latest events" />
    </Panel>
  );
}

function Facts({ mesh }: { mesh: Mesh }) {
  const planes = Object.entries(mesh.counts.byDataPlane);
  const { data: findings } = useList<{ severity: string }>("/findings?severity=BLOCKER", 15_000, "items", 2000);
  const blockers = findings?.length ?? 0;
  return (
    <Panel title="Facts" class="facts">
      <div class="stats">
        <Stat label="Namespaces" value={count(mesh.counts.namespaces)} href={href(["namespaces"])} />
        <Stat label="Workloads" value={count(mesh.counts.workloads)} />
        <Stat label="Pods" value={count(mesh.counts.pods)} />
        <Stat label="Blocking hazards" value={blockers >= 2000 ? "2,000+" : count(blockers)} tone={blockers > 0 ? "bad" : "good"} href={href(["findings"], { severity: "BLOCKER" })} />
      </div>
      <dl class="facts-list">
        <dt>Pods by data plane</dt>
        <dd class="inline">
          {planes.map(([plane, pods]) => (
            <Badge key={plane} word={planeWord(plane)} quiet>
              {planeWord(plane).text} <b class="num">{count(pods)}</b>
            </Badge>
          ))}
        </dd>
        <dt>Auto mTLS</dt>
        <dd>{mesh.autoMtls ? "on" : "off"}</dd>
        <dt>Trust domain</dt>
        <dd class="mono">{mesh.trustDomain}</dd>
        <dt>Root namespace</dt>
        <dd class="mono">{mesh.rootNamespace}</dd>
        {mesh.sources.map((source) => (
          <FactSource key={source.source} source={source} />
        ))}
      </dl>
    </Panel>
  );
}

function FactSource({ source }: { source: Mesh["sources"][number] }) {
  return (
    <>
      <dt>Source: {source.source}</dt>
      <dd>
        {source.asOf ? <Ago at={source.asOf} /> : <span class="dim">never</span>}
        {source.problem && (
          <p class="text-warn">
            <Icon name="alert" size={14} /> {said(source.problem)} {source.source === "traffic" && <a href={href(["traffic"])}>Traffic</a>}
          </p>
        )}
      </dd>
    </>
  );
}

