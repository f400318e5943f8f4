import { segment, withQuery } from "../api/client";
import { useRights } from "../api/access";
import { useList, useResource } from "../api/store";
import type { Finding, GateResult, Impact, Namespace, Plan, Policy, Readiness, Traffic, TrafficClient, TrafficEdge, Workload } from "../api/types";
import { useStep } from "../plan/actions";
import { stepName } from "../plan/names";
import { StepNext } from "../plan/next";
import { href, type Route } from "../router";
import { count, counted, duration, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Breaking, Flows, covers } from "../ui/impact";
import { Ago, At, Badge, Code, Empty, InGrafana, Name, Panel, Skeleton, Tabs, Trouble } from "../ui/parts";
import { Changes, DecidedBy, draftOf, refText } from "../ui/policy";
import { Table, type Column } from "../ui/table";
import { modeWord, phaseWord, planeWord, postureWord, resultWord, securityWord, SEVERITY_ORDER, severityWord, spaced, verdictWord } from "../ui/words";
import { Findings } from "../ui/findings";
import { WindowPanel } from "./window";
import { WireChecks } from "./wire";

const TABS = ["overview", "workloads", "policies", "findings", "traffic", "window", "wire"] as const;

export function NamespaceView({ name, route }: { name: string; route: Route }) {
  const path = `/namespaces/${segment(name)}`;
  const { data, error } = useResource<Namespace>(path, 3000);
  const { can } = useRights();
  const tab = route.query["tab"] ?? "overview";
  if (error?.status === 404) {
    return (
      <Empty icon="question" title={`There is no namespace ${name}`}>
        <a href={href(["namespaces"])}>All namespaces</a>
      </Empty>
    );
  }
  const found = data ? Object.values(data.findings).reduce((sum, value) => sum + value, 0) : undefined;
  const counts: Record<string, number | undefined> = { workloads: data?.workloads, findings: found };
  return (
    <>
      <div class="view-head">
        <p class="crumbs">
          <a href={href(["namespaces"])}>Namespaces</a>
        </p>
        <div class="inline spread">
          <h1 class="mono">{name}</h1>
          {data && (
            <span class="inline">
              <Badge word={postureWord(data.posture)} />
              {data.phase && <Badge word={phaseWord(data.phase)} quiet />}
              {data.plan && <a href={href(["plans", data.plan], { step: name })}>plan {data.plan}</a>}
            </span>
          )}
        </div>
        {data && (
          <p class="dim inline">
            <span>
              mode <Badge word={modeWord(data.mode)} quiet /> by <DecidedBy policy={data.decidedBy} />
            </span>
            <span>
              {count(data.capturedPods)} of {counted(data.pods, "pod")} with a proxy
            </span>
            {found ? <Findings findings={data.findings} /> : <span class="dim">no findings</span>}
          </p>
        )}
        <Tabs
          label="Of this namespace"
          current={tab}
          tabs={TABS.filter((key) => key !== "wire" || can("capture")).map((key) => ({ key, text: spaced(key), href: href(["namespaces", name], key === "overview" ? {} : { tab: key }), count: counts[key] }))}
        />
      </div>
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={6} />}
      {data && tab === "overview" && <Overview namespace={data} />}
      {data && tab === "workloads" && <Workloads name={name} />}
      {data && tab === "policies" && <Policies name={name} />}
      {data && tab === "findings" && <FindingList name={name} />}
      {data && tab === "traffic" && <TrafficHere name={name} />}
      {data && tab === "window" && <WindowPanel namespace={name} route={route} />}
      {data && tab === "wire" && <WireChecks namespace={name} start={route.query["start"]} />}
    </>
  );
}

function Overview({ namespace }: { namespace: Namespace }) {
  const path = `/namespaces/${segment(namespace.name)}`;
  const impact = useResource<Impact>(withQuery(`${path}/impact`, { limit: 500 }), 4000);
  const readiness = useResource<Readiness>(`${path}/readiness`, 3000);
  const { data: edges, complete: edgesWhole } = useList<TrafficEdge>(withQuery("/traffic", { namespace: namespace.name, security: "plaintext" }), 4000);
  const plan = useResource<Plan>(namespace.plan ? `/plans/${segment(namespace.plan)}` : null, 3000);
  const step = useStep(namespace.plan ?? "", namespace.plan ? stepName(namespace.name) : null);
  const { can } = useRights(namespace.plan ?? undefined);
  return (
    <div class="columns">
      <Panel
        title="Would it be locked now?"
        aside={readiness.data && <Badge word={verdictWord(readiness.data.verdict)} />}
      >
        <Trouble error={readiness.error} />
        {!readiness.data && !readiness.error && <Skeleton lines={6} />}
        {readiness.data && (
          <>
            <p class="dim">Gates by {readiness.data.basis === "defaults" ? "the defaults" : `plan ${readiness.data.basis}`}</p>
            <Gates gates={readiness.data.gates} />
            {readiness.data.warnings.map((warning) => (
              <p key={warning} class="trouble">
                <Icon name="alert" />
                <span>{said(warning)}</span>
              </p>
            ))}
          </>
        )}
        {plan.data && step.data && <StepNext plan={plan.data} step={step.data} can={can} />}
      </Panel>
      <Panel title="What STRICT would change">
        <Trouble error={impact.error} />
        {!impact.data && !impact.error && <Skeleton lines={6} />}
        {impact.data && (
          <>
            <Breaking impact={impact.data} seen={{ edges: edges ?? [], whole: edges === undefined || edgesWhole, covered: covers(readiness.data?.gates ?? []) }} />
            <details>
              <summary>All flows, now and then</summary>
              <Flows flows={impact.data.flows} label={`Flows to ${namespace.name}`} />
              {impact.data.continue && <p class="dim">The first {count(impact.data.flows.length)} of {count(impact.data.total)} flows</p>}
            </details>
            <h3>What would be written</h3>
            <Changes changes={impact.data.changes} label="Drafted policies" />
            {impact.data.changes.length > 0 && (
              <Code text={draftOf(impact.data.changes)} name={`${namespace.name}.yaml`} label="Drafted policies as YAML" />
            )}
          </>
        )}
      </Panel>
    </div>
  );
}

/** Gates, each with its result, why, and on which facts. */
export function Gates({ gates }: { gates: readonly GateResult[] }) {
  if (gates.length === 0) {
    return <p class="dim">No gate has been judged yet.</p>;
  }
  const open = gates.filter((gate) => gate.result !== "PASS");
  const held = gates.filter((gate) => gate.result === "PASS");
  return (
    <ul class="gates">
      {[...open, ...held].map((gate) => (
        <li key={gate.gate} class={`gate gate-${gate.result.toLowerCase()}`}>
          <div class="inline spread">
            <b class="gate-name">{gate.gate}</b>
            <Badge word={resultWord(gate.result)} quiet={gate.result === "PASS"} />
          </div>
          <p>{said(gate.message)}</p>
          {gate.evidence.length > 0 && (
            <details>
              <summary>{counted(gate.evidence.length, "fact")}</summary>
              <ul class="evidence-list mono">
                {gate.evidence.map((line) => (
                  <li key={line}>{said(line)}</li>
                ))}
              </ul>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

const WORKLOAD_COLUMNS: readonly Column<Workload>[] = [
  {
    key: "name",
    title: "Workload",
    width: "minmax(9rem, 2fr)",
    cell: (row) => (
      <span>
        <span class="mono strong">{row.name}</span> <span class="dim">{row.kind}</span>
      </span>
    ),
    by: (row) => row.name,
  },
  { key: "plane", title: "Data plane", width: "7.5rem", cell: (row) => <Badge word={planeWord(row.dataPlane)} quiet />, rank: 1 },
  { key: "mode", title: "Mode", width: "8.5rem", cell: (row) => (row.mode ? <Badge word={modeWord(row.mode)} /> : <span class="dim">not governed</span>) },
  {
    key: "ports",
    title: "Ports",
    width: "minmax(8rem, 2fr)",
    cell: (row) => (
      <span class="inline tight">
        {row.ports.length === 0 && <span class="dim">none</span>}
        {row.ports.map((port) => (
          <span key={port.port} class={`port tone-${modeWord(port.bypassed ? "DISABLE" : (port.mode ?? "UNSET")).tone}`} title={port.bypassed ? "Bypasses the proxy: STRICT does not protect it" : `${port.protocol}, ${port.mode ?? "not governed"}`}>
            <Icon name={port.bypassed ? "alert" : modeWord(port.mode ?? "UNSET").icon} size={12} />
            <span class="num">{port.port}</span>
            <span class="hidden">{port.bypassed ? "bypasses the proxy" : port.mode}</span>
          </span>
        ))}
      </span>
    ),
  },
  { key: "decided", title: "Decided by", width: "minmax(8rem, 1.5fr)", cell: (row) => <DecidedBy policy={row.decidedBy} />, rank: 2 },
  {
    key: "losers",
    title: "Without effect",
    width: "minmax(7rem, 1.5fr)",
    cell: (row) =>
      row.losingPolicies.length === 0 ? (
        <span class="dim">–</span>
      ) : (
        <span class="text-warn" title={row.losingPolicies.map((loser) => `${refText(loser.policy)}: ${said(loser.whyNot)}`).join("\n")}>
          {row.losingPolicies.map((loser) => refText(loser.policy)).join(", ")}
        </span>
      ),
    rank: 2,
  },
  {
    key: "pods",
    title: "Pods",
    width: "5rem",
    numeric: true,
    cell: (row) => (
      <span>
        {row.capturedPods}
        <span class="dim"> / {row.pods}</span>
      </span>
    ),
    rank: 1,
  },
];

/** For who may capture. */
const WIRE_COLUMN: Column<Workload> = {
  key: "wire",
  title: "Wire",
  width: "5rem",
  cell: (row) => (
    <a href={href(["namespaces", row.namespace], { tab: "wire", start: row.name })} aria-label={`Look at the wire of ${row.name}`}>
      Look
    </a>
  ),
  rank: 1,
};

const CAPTURED_COLUMNS: readonly Column<Workload>[] = [...WORKLOAD_COLUMNS, WIRE_COLUMN];

function Workloads({ name }: { name: string }) {
  const { data, error, complete } = useList<Workload>(`/namespaces/${segment(name)}/workloads`, 4000);
  const { can } = useRights();
  const columns = can("capture") ? CAPTURED_COLUMNS : WORKLOAD_COLUMNS;
  return (
    <Panel title="Workloads and their ports" aside={!complete && <span class="dim">reading more …</span>}>
      <Trouble error={error} />
      {!data && !error && <Skeleton />}
      {data && <Table label="Workloads" columns={columns} rows={data} id={(row) => `${row.kind}/${row.name}`} empty="No workload has a live pod." />}
    </Panel>
  );
}

function Policies({ name }: { name: string }) {
  const { data, error } = useList<Policy>(withQuery("/policies", { namespace: name }), 4000);
  const drafts = useResource<string>(`/namespaces/${segment(name)}/authorization-policies`, 10_000, "application/yaml");
  return (
    <>
      <Panel title="PeerAuthentications">
        <Trouble error={error} />
        {!data && !error && <Skeleton />}
        {data && data.length === 0 && <p class="dim">There is none: the mesh's mode counts.</p>}
        <ul class="policies">
          {data?.map((policy) => (
            <li key={policy.name} class={policy.effective ? "" : "without-effect"}>
              <div class="inline spread">
                <span class="inline">
                  <b class="mono">{policy.name}</b>
                  {policy.mode ? <Badge word={modeWord(policy.mode)} /> : <span class="badge tone-bad">unreadable</span>}
                  {Object.entries(policy.portLevelMtls).map(([port, mode]) => (
                    <span key={port} class="inline tight">
                      <span class="num">:{port}</span>
                      <Badge word={modeWord(mode)} quiet />
                    </span>
                  ))}
                </span>
                <span class="dim">{policy.scope ? spaced(policy.scope) : "–"} scope</span>
              </div>
              <p class="inline dim">
                {policy.effective ? "in effect" : <span class="text-warn">{said(policy.whyNot)}</span>}
                {Object.entries(policy.selector).map(([key, value]) => (
                  <code key={key} class="chip">
                    {key}={value}
                  </code>
                ))}
                {policy.managers.length > 0 && <span>managed by {policy.managers.join(", ")}</span>}
                {policy.createdAt && (
                  <span>
                    created <At at={policy.createdAt} />
                  </span>
                )}
              </p>
            </li>
          ))}
        </ul>
      </Panel>
      {drafts.data && (
        <Panel title="Drafted AuthorizationPolicies for what stays open">
          <Code text={drafts.data} name={`${name}-authorization.yaml`} label="Drafted AuthorizationPolicies" />
        </Panel>
      )}
    </>
  );
}

function FindingList({ name }: { name: string }) {
  const { data, error } = useList<Finding>(withQuery("/findings", { namespace: name }), 6000);
  return (
    <Panel title="Findings">
      <Trouble error={error} />
      {!data && !error && <Skeleton />}
      {data && data.length === 0 && (
        <Empty icon="check" title="No hazard is known here">
          <p>Nothing that is known to break people was met in this namespace.</p>
        </Empty>
      )}
      {data && <FindingCards findings={data} />}
    </Panel>
  );
}

export function FindingCards({ findings }: { findings: readonly Finding[] }) {
  const sorted = [...findings].sort((a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity));
  return (
    <ul class="findings">
      {sorted.slice(0, 300).map((finding, index) => (
        <li key={`${finding.code} ${finding.namespace} ${finding.subject.kind} ${finding.subject.name} ${finding.port} ${index}`} class={`finding tone-${severityWord(finding.severity).tone}`}>
          <div class="inline spread">
            <span class="inline">
              <Badge word={severityWord(finding.severity)} />
              <b>{spaced(finding.code)}</b>
            </span>
            <span class="mono dim">
              {finding.subject.kind} {finding.subject.namespace ? `${finding.subject.namespace}/` : ""}
              {finding.subject.name}
              {finding.port !== null && `:${finding.port}`}
            </span>
          </div>
          <p>{said(finding.message)}</p>
          <p class="remedy">
            <b>Do:</b> {said(finding.remedy)}
          </p>
        </li>
      ))}
      {sorted.length > 300 && <li class="dim">and {count(sorted.length - 300)} more</li>}
    </ul>
  );
}

const ORIGINS: Record<TrafficClient["kind"], string> = {
  WORKLOAD: "",
  NODE: "a node, or what it sends on",
  SERVICE: "a Service's address",
  GONE: "a pod that is gone",
  OUTSIDE: "outside the cluster",
  UNKNOWN: "",
};

/** What there is to say of a client beside its name. */
const whereabouts = (client: TrafficClient): string =>
  [ORIGINS[client.kind], client.service, client.node, client.owner && `of ${client.owner}`].filter(Boolean).join(", ");

const KNOWN: Record<TrafficClient["knownBy"], string> = {
  PROXY: "the server's proxy names it",
  ADDRESS: "known by the address of its connection",
  NOTHING: "nothing tells who it is",
};

function Whereabouts({ of }: { of: TrafficClient }) {
  const told = [of.workloadKind, of.address, KNOWN[of.knownBy]].filter(Boolean).join(", ");
  return (
    <span class="dim" title={told}>
      {whereabouts(of) || (of.knownBy === "NOTHING" ? "not known" : "")}
    </span>
  );
}

const EDGE_COLUMNS: readonly Column<TrafficEdge>[] = [
  { key: "security", title: "How", width: "8.5rem", small: "3.4rem", cell: (row) => <span class="iconic"><Badge word={securityWord(row.security)} quiet={row.security !== "PLAINTEXT"} /></span>, by: (row) => row.security },
  { key: "from", title: "Client", width: "minmax(8rem, 2fr)", cell: (row) => <Name of={row.from} />, by: (row) => row.from },
  { key: "to", title: "Server", width: "minmax(8rem, 2fr)", cell: (row) => <Name of={row.port === null ? row.to : `${row.to}:${row.port}`} />, by: (row) => row.to },
  { key: "who", title: "Where", width: "minmax(7rem, 1.2fr)", cell: (row) => <Whereabouts of={row.client} />, by: (row) => whereabouts(row.client), rank: 2 },
  { key: "protocol", title: "Protocol", width: "6rem", cell: (row) => row.protocol, by: (row) => row.protocol, rank: 2 },
  { key: "count", title: "Calls", width: "6rem", numeric: true, cell: (row) => count(row.count), by: (row) => row.count, rank: 1 },
  { key: "own", title: "Own probes", width: "6.5rem", numeric: true, cell: (row) => <span class="dim">{count(row.ownProbes)}</span>, by: (row) => row.ownProbes, rank: 2 },
  { key: "last", title: "Last seen", width: "7.5rem", cell: (row) => <Ago at={row.lastSeen} />, by: (row) => row.lastSeen, rank: 1 },
];

/** Without the column that would be empty: not every source tells where clients are. */
export const edgeColumns = (rows: readonly TrafficEdge[]): readonly Column<TrafficEdge>[] =>
  rows.some((row) => whereabouts(row.client)) ? EDGE_COLUMNS : EDGE_COLUMNS.filter((column) => column.key !== "who");

export const edgeId = (edge: TrafficEdge): string => `${edge.from} ${edge.client.address} ${edge.to} ${edge.port} ${edge.protocol} ${edge.security} ${edge.source}`;

function TrafficHere({ name }: { name: string }) {
  const { data, error } = useResource<Traffic>(withQuery("/traffic", { namespace: name, limit: 1000 }), 3000);
  return (
    <Panel title="Who calls servers here" aside={data && <span class="dim"><InGrafana dashboard="plaintext" namespace={name}>In Grafana</InGrafana> last {duration(data.window)}</span>}>
      <Trouble error={error} />
      {!data && !error && <Skeleton />}
      {data?.gaps.map((gap) => (
        <p key={gap.namespace} class="trouble">
          <Icon name="question" />
          <span>
            {spaced(gap.state)}: {said(gap.detail)}
          </span>
        </p>
      ))}
      {data && data.items.length > 0 && (
        <Table label="Calls" columns={edgeColumns(data.items)} rows={data.items} id={edgeId} empty="" rowClass={(row) => (row.security === "PLAINTEXT" ? "row-bad" : "")} />
      )}
      {data && data.remaining > 0 && (
        <p class="dim">
          The first {count(data.items.length)} of {counted(data.items.length + data.remaining, "pair")} of client and server; <a href={href(["traffic"], { q: name })}>all of them</a>
        </p>
      )}
    </Panel>
  );
}
