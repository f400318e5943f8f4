import { useMemo } from "preact/hooks";
import { useList } from "../api/store";
import type { Namespace } from "../api/types";
import { filter, href, type Route } from "../router";
import { Findings } from "../ui/findings";
import { count } from "../ui/format";
import { Icon } from "../ui/icons";
import { Badge, Choice, Empty, Panel, Search, Skeleton, Trouble } from "../ui/parts";
import { Table, Tally, sortingOf, type Column } from "../ui/table";
import { phaseWord, PHASE_ORDER, POSTURE_ORDER, postureWord, SEVERITY_ORDER } from "../ui/words";
import { NamespaceView } from "./namespace";

const WEIGHT: Record<string, number> = { BLOCKER: 1_000_000, WARNING: 1000, INFO: 1 };

function weight(namespace: Namespace): number {
  return SEVERITY_ORDER.reduce((sum, key) => sum + (WEIGHT[key] ?? 0) * (namespace.findings[key] ?? 0), 0);
}

const COLUMNS: readonly Column<Namespace>[] = [
  {
    key: "name",
    title: "Namespace",
    width: "minmax(9rem, 2.2fr)",
    small: "minmax(0, 1fr)",
    brief: "Name",
    cell: (row) => (
      <a class="mono strong" href={href(["namespaces", row.name])}>
        {row.name}
      </a>
    ),
    by: (row) => row.name,
  },
  {
    key: "posture",
    title: "Posture",
    width: "minmax(7.5rem, 1fr)",
    small: "4.4rem",
    cell: (row) => (
      <span class="iconic">
        <Badge word={postureWord(row.posture)} />
      </span>
    ),
    by: (row) => POSTURE_ORDER.indexOf(row.posture),
  },
  {
    key: "plaintext",
    title: "Plaintext clients",
    width: "minmax(7rem, 1fr)",
    cell: (row) =>
      row.plaintextClients === null ? (
        <span class="dim" title="No evidence, so nobody can say">
          unknown
        </span>
      ) : row.plaintextClients > 0 ? (
        <span class="inline tight text-bad">
          <Icon name="open" size={14} /> <b class="num">{count(row.plaintextClients)}</b>
        </span>
      ) : (
        <span class="dim num">0</span>
      ),
    by: (row) => row.plaintextClients ?? -1,
    small: "4.8rem",
    brief: "Plaintext",
  },
  {
    key: "findings",
    title: "Findings",
    width: "minmax(5.5rem, 1fr)",
    small: "4rem",
    cell: (row) => <Findings findings={row.findings} />,
    by: weight,
  },
  {
    key: "captured",
    title: "Pods with proxy",
    width: "minmax(7rem, .8fr)",
    cell: (row) => (
      <span class={row.capturedPods < row.pods ? "text-warn" : ""}>
        {count(row.capturedPods)}
        <span class="dim"> / {count(row.pods)}</span>
      </span>
    ),
    by: (row) => (row.pods === 0 ? 2 : row.capturedPods / row.pods),
    numeric: true,
    rank: 1,
  },
  {
    key: "workloads",
    title: "Workloads",
    width: "minmax(5rem, .6fr)",
    cell: (row) => count(row.workloads),
    by: (row) => row.workloads,
    numeric: true,
    rank: 2,
  },
  {
    key: "phase",
    title: "Phase",
    width: "minmax(8.5rem, 1.1fr)",
    cell: (row) => (row.phase ? <Badge word={phaseWord(row.phase)} quiet /> : <span class="dim">–</span>),
    by: (row) => (row.phase ? PHASE_ORDER.indexOf(row.phase) : 99),
    rank: 1,
  },
  {
    key: "plan",
    title: "Plan",
    width: "minmax(6rem, 1fr)",
    cell: (row) => (row.plan ? <a href={href(["plans", row.plan], { step: row.name })}>{row.plan}</a> : <span class="dim">–</span>),
    by: (row) => row.plan ?? "~",
    rank: 2,
  },
];

export function NamespacesView({ route }: { route: Route }) {
  const name = route.path[1];
  return name ? <NamespaceView name={name} route={route} /> : <All route={route} />;
}

function All({ route }: { route: Route }) {
  const { data, error, complete } = useList<Namespace>("/namespaces", 5000);
  const { q = "", posture = "", phase = "", sort } = route.query;
  const rows = useMemo(() => {
    const text = q.trim().toLowerCase();
    return (data ?? []).filter(
      (row) =>
        (!posture || row.posture === posture) &&
        (!phase || (phase === "none" ? row.phase === null : row.phase === phase)) &&
        (!text || row.name.includes(text) || labels(row).includes(text)),
    );
  }, [data, q, posture, phase]);
  return (
    <>
      <h1 class="hidden">Namespaces</h1>
      <Panel title="Namespaces" aside={data && <Tally shown={rows.length} all={data.length} complete={complete} one="namespace" />}>
        <div class="filters">
          <Search label="Name or label" value={q} onValue={(value) => filter({ q: value })} />
          <Choice
            label="Posture"
            value={posture}
            onValue={(value) => filter({ posture: value })}
            options={[{ value: "", text: "any" }, ...POSTURE_ORDER.map((value) => ({ value, text: postureWord(value).text }))]}
          />
          <Choice
            label="Phase"
            value={phase}
            onValue={(value) => filter({ phase: value })}
            options={[
              { value: "", text: "any" },
              { value: "none", text: "in no plan" },
              ...PHASE_ORDER.map((value) => ({ value, text: phaseWord(value).text })),
            ]}
          />
        </div>
        <Trouble error={error} />
        {!data && !error && <Skeleton lines={8} />}
        {data && (
          <Table
            label="Namespaces"
            columns={COLUMNS}
            rows={rows}
            id={(row) => row.name}
            sorting={sortingOf(sort, "name")}
            onSort={(value) => filter({ sort: value })}
            height={Math.max(360, window.innerHeight - 250)}
            empty={
              <Empty icon="search" title="No namespace is like that">
                <a href={href(["namespaces"])}>Show all</a>
              </Empty>
            }
          />
        )}
      </Panel>
    </>
  );
}

function labels(row: Namespace): string {
  return Object.entries(row.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}
