import { useMemo } from "preact/hooks";
import { useRights } from "../api/access";
import { useList } from "../api/store";
import type { AuditEntry, AuditOutcome } from "../api/types";
import { filter, href, type Route } from "../router";
import { At, Badge, Choice, Empty, Panel, Search, Skeleton, Trouble } from "../ui/parts";
import { Table, Tally, type Column } from "../ui/table";
import { auditWord } from "../ui/words";

/** `createPlan` → `create plan`. */
const words = (operation: string): string => operation.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const COLUMNS: readonly Column<AuditEntry>[] = [
  { key: "at", title: "At", width: "8.5rem", small: "4.6rem", cell: (row) => <At at={row.at} /> },
  { key: "actor", title: "Who", width: "minmax(8rem, 1.5fr)", small: "minmax(5.6rem, 1.2fr)", cell: (row) => <span title={row.address}>{row.actor ?? <span class="dim">not known</span>}</span> },
  { key: "what", title: "What", width: "minmax(8rem, 1.5fr)", small: "minmax(0, 1fr)", cell: (row) => (row.operation ? words(row.operation) : <code>{`${row.method} ${row.path}`}</code>) },
  { key: "plan", title: "Plan", width: "minmax(5rem, 1fr)", cell: (row) => (row.plan ? <a href={href(["plans", row.plan], row.namespace ? { step: row.namespace } : {})}>{row.plan}</a> : <span class="dim">–</span>), rank: 1 },
  { key: "namespace", title: "Namespace", width: "minmax(6rem, 1fr)", cell: (row) => (row.namespace ? <span class="mono">{row.namespace}</span> : <span class="dim">–</span>), rank: 2 },
  { key: "outcome", title: "Outcome", width: "8rem", small: "2.4rem", brief: "End", cell: (row) => <span class="iconic"><Badge word={auditWord(row.outcome)} quiet={row.outcome === "SUCCEEDED"} /></span> },
  { key: "why", title: "Answer", width: "minmax(7rem, 1fr)", cell: (row) => <span class="dim">{[row.status, row.problem].filter(Boolean).join(" ")}</span>, rank: 2 },
];

const OUTCOMES: readonly AuditOutcome[] = ["SUCCEEDED", "REJECTED", "DENIED", "FAILED"];

/** Who called, what for, and how it ended. */
export function AuditView({ route }: { route: Route }) {
  const { q = "", outcome = "" } = route.query;
  const { access, can } = useRights();
  const may = can("audit");
  const { data, error, complete } = useList<AuditEntry>(may ? "/audit" : null, 5000);
  const text = q.trim().toLowerCase();
  const rows = useMemo(
    () => (data ?? []).filter((row) => (!outcome || row.outcome === outcome) && (!text || `${row.actor} ${row.operation} ${row.plan} ${row.namespace}`.toLowerCase().includes(text))),
    [data, outcome, text],
  );
  if (access && !may) {
    return <Empty icon="lock" title="You may not read the audit record" />;
  }
  return (
    <>
      <h1 class="hidden">Audit</h1>
      <Panel title="Who changed what" aside={data && <Tally shown={rows.length} all={data.length} complete={complete} one="call" />}>
        <div class="filters">
          <Search label="Caller, call, plan or namespace" value={q} onValue={(value) => filter({ q: value })} />
          <Choice label="Outcome" value={outcome} onValue={(value) => filter({ outcome: value })} options={[{ value: "", text: "any" }, ...OUTCOMES.map((value) => ({ value, text: auditWord(value).text }))]} />
        </div>
        <Trouble error={error} />
        {!data && !error && <Skeleton lines={8} />}
        {data && <Table label="Calls" columns={COLUMNS} rows={rows} id={(row) => String(row.id)} height={Math.max(360, window.innerHeight - 250)} empty={<Empty icon="search" title="No call is like that" />} />}
        <p class="dim">The last 1,000 calls of this replica since its start; the record for good is its log named audit.</p>
      </Panel>
    </>
  );
}
