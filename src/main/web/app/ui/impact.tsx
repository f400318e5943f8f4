import type { Flow, GateResult, Impact, TrafficEdge } from "../api/types";
import { count, counted, split } from "./format";
import { Icon } from "./icons";
import { Ago, Badge, Client, FirstOf, Name } from "./parts";
import { Table, type Column } from "./table";
import { outcomeWord, securityWord, spaced } from "./words";

const COLUMNS: readonly Column<Flow>[] = [
  { key: "from", title: "Client", width: "minmax(8rem, 2fr)", cell: (flow) => <Name of={flow.from} />, by: (flow) => flow.from },
  { key: "to", title: "Server", width: "minmax(9rem, 2.4fr)", cell: (flow) => <Name of={flow.to} />, by: (flow) => flow.to },
  { key: "tls", title: "Sends", width: "6.5rem", cell: (flow) => <Badge word={securityWord(flow.clientTls)} quiet />, rank: 2 },
  {
    key: "then",
    title: "Now and then",
    width: "minmax(12.5rem, 1.2fr)",
    small: "6.2rem",
    cell: (flow) => (
      <span class="inline tight">
        <span class="now inline tight">
          <Badge word={outcomeWord(flow.now)} quiet={!flow.breaks} />
          <Icon name="right" size={12} />
        </span>
        <Badge word={outcomeWord(flow.then)} quiet={!flow.breaks} />
      </span>
    ),
  },
  { key: "basis", title: "Known by", width: "5.5rem", cell: (flow) => <span class="dim">{spaced(flow.basis)}</span>, rank: 1 },
];

const flowId = (flow: Flow): string => `${flow.from} ${flow.to} ${flow.endpoint} ${flow.basis}`;

/**
 * What servers saw of plaintext; `whole` is false where more edges were seen than were read; `covered` says whether all
 * servers were watched for the whole window; null where nobody says.
 */
export interface Seen {
  readonly edges: readonly TrafficEdge[];
  readonly whole: boolean;
  readonly covered: boolean | null;
}

/** True when a namespace's readiness says that silence counts: every server was watched for the whole window. */
export const covers = (gates: readonly GateResult[]): boolean => gates.some((gate) => gate.gate === "plaintext" && gate.result === "PASS" && gate.reason === "HOLDS");

/** A client that would be refused: whom to ask, and about what. */
interface Caller {
  readonly client: string;
  readonly servers: readonly string[];
  readonly calls: number;
  readonly last: string;
  readonly owner: string | null;
}

function callersOf(flows: readonly Flow[], edges: readonly TrafficEdge[]): readonly Caller[] {
  const byClient = new Map<string, Flow[]>();
  flows.forEach((flow) => byClient.set(flow.from, [...(byClient.get(flow.from) ?? []), flow]));
  const seen = new Map<string, TrafficEdge[]>();
  edges.filter((edge) => edge.security === "PLAINTEXT" && edge.count > 0).forEach((edge) => seen.set(edge.from, [...(seen.get(edge.from) ?? []), edge]));
  return [...byClient]
    .map(([client, own]): Caller => {
      // A flow names the service, an edge the workload behind it: they share namespace and container port.
      const ports = new Set(own.flatMap((flow) => [`${split(flow.to).namespace} ${flow.endpoint.slice(flow.endpoint.lastIndexOf(":") + 1)}`]));
      const calls = (seen.get(client) ?? []).filter((edge) => edge.port === null || ports.has(`${split(edge.to).namespace} ${edge.port}`));
      return {
        client,
        servers: [...new Set(own.map((flow) => flow.to))],
        calls: calls.reduce((sum, edge) => sum + edge.count, 0),
        last: calls.reduce((last, edge) => (edge.lastSeen > last ? edge.lastSeen : last), ""),
        owner: calls.find((edge) => edge.client.owner)?.client.owner ?? null,
      };
    })
    .sort((a, b) => b.last.localeCompare(a.last) || b.servers.length - a.servers.length || a.client.localeCompare(b.client));
}

const CALLER: readonly Column<Caller>[] = [
  {
    key: "client",
    title: "Client",
    width: "minmax(8rem, 1.4fr)",
    cell: (row) => (
      <span>
        <Client of={row.client} owner={row.owner} />
      </span>
    ),
  },
  {
    key: "servers",
    title: "Would be refused by",
    width: "minmax(8rem, 2fr)",
    cell: (row) => <FirstOf names={row.servers} />,
  },
];

const SEEN_CALLER: readonly Column<Caller>[] = [
  ...CALLER,
  { key: "calls", title: "Calls", width: "4.5rem", small: "3rem", numeric: true, cell: (row) => (row.last ? count(row.calls) : <span class="dim">–</span>) },
  { key: "last", title: "Last seen", width: "6.5rem", cell: (row) => (row.last ? <Ago at={row.last} /> : <span class="dim">–</span>), rank: 1 },
];

/**
 * Who would be refused, whom to ask first: who was seen calling is harmed; who is only probed from, or only possible, may
 * be. That nobody was seen is said only where evidence would have shown everybody.
 */
export function Breaking({ impact, seen }: { impact: Impact; seen: Seen }) {
  const breaking = impact.flows.filter((flow) => flow.breaks);
  const by = (basis: Flow["basis"]): readonly Caller[] => callersOf(breaking.filter((flow) => flow.basis === basis), seen.edges);
  const [calling, probed, possible] = [by("OBSERVED"), by("PROBE"), by("POSSIBLE")];
  const whole = breaking.length >= impact.breaking;
  const sure = seen.covered === true && whole;
  const tone = calling.length > 0 ? "bad" : impact.breaking === 0 && (sure || impact.changes.length === 0) ? "good" : "warn";
  return (
    <>
      <p class={`verdict tone-${tone}`}>
        <Icon name={tone === "bad" ? "cross" : tone === "good" ? "check" : "question"} />
        <span>
          {calling.length > 0
            ? `${counted(calling.length, "client")} that ${calling.length === 1 ? "was" : "were"} seen calling would be refused.`
            : `${sure ? "Nobody who was seen calling" : "No caller that is on record"} would be refused${impact.breaking > 0 ? `; ${counted(impact.breaking, "flow")} that ${impact.breaking === 1 ? "is" : "are"} probed or possible would be` : ""}.`}
        </span>
      </p>
      {!sure && impact.changes.length > 0 && (
        <p class="dim">
          {seen.covered === null ? "Whether evidence covers the whole window is told by each namespace's gate plaintext." : "Evidence does not cover the whole window: somebody who calls may be missing here."}
        </p>
      )}
      {!seen.whole && <p class="dim">Only {counted(seen.edges.length, "pair")} of client and server are read: of others, calls, last call and owner are missing here.</p>}
      {calling.length > 0 && <Callers title="Seen calling" rows={calling} columns={SEEN_CALLER} bad />}
      {probed.length > 0 && <Callers title="Probed: the service's own calls would be refused" rows={probed} columns={CALLER} />}
      {possible.length > 0 && (
        <details>
          <summary>{counted(possible.length, "possible client")}: not seen, and nothing keeps {possible.length === 1 ? "it" : "them"} from calling</summary>
          <Callers title="Possible" rows={possible} columns={CALLER} hideTitle />
        </details>
      )}
      {!whole && <p class="dim">These are {count(breaking.length)} of {counted(impact.breaking, "flow")} that would be refused; the view Traffic lists every plaintext caller.</p>}
    </>
  );
}

function Callers({ title, rows, columns, bad = false, hideTitle = false }: { title: string; rows: readonly Caller[]; columns: readonly Column<Caller>[]; bad?: boolean; hideTitle?: boolean }) {
  return (
    <>
      {!hideTitle && (
        <h3>
          {title} <span class="num">({count(rows.length)})</span>
        </h3>
      )}
      <Table label={title} columns={columns} rows={rows} id={(row) => row.client} height={300} empty="" rowClass={() => (bad ? "row-bad" : "")} />
    </>
  );
}

export function Flows({ flows, label, height = 360 }: { flows: readonly Flow[]; label: string; height?: number }) {
  return (
    <Table
      label={label}
      columns={COLUMNS}
      rows={flows}
      id={flowId}
      height={height}
      empty="No flow is known."
      rowClass={(flow) => (flow.breaks ? "row-bad" : "")}
    />
  );
}
