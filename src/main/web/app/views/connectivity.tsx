import { useMemo, useRef, useState } from "preact/hooks";
import { useRights } from "../api/access";
import { send, withQuery } from "../api/client";
import { useList, useResource } from "../api/store";
import type { Cell, CellChange, Connectivity, ProbeRun } from "../api/types";
import { Confirm } from "../plan/actions";
import { filter, type Route } from "../router";
import { Dialog } from "../ui/dialog";
import { count, counted, split } from "../ui/format";
import { Icon } from "../ui/icons";
import { Ago, At, Badge, Button, Check, Choice, Empty, Name, Panel, Search, Skeleton, Trouble, download } from "../ui/parts";
import { Table, Tally, sortingOf, type Column } from "../ui/table";
import { outcomeWord, type Tone } from "../ui/words";

/** Beyond so many clients or servers, namespaces are shown in their place. */
const MANY = 24;
/** And of these so many at most, those with surprises first. */
const MOST = 60;

/** What was not probed contradicts nothing. */
const surprising = (cell: Cell): boolean => cell.expected !== null && cell.outcome !== "SKIPPED" && cell.expected !== cell.outcome;

interface Square {
  readonly from: string;
  readonly to: string;
  readonly cells: readonly Cell[];
  readonly surprises: number;
}

interface Matrix {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly squares: ReadonlyMap<string, Square>;
  readonly byNamespace: boolean;
  readonly left: number;
}

/** From × to, by workload and service while they are few. */
function matrixOf(cells: readonly Cell[]): Matrix {
  const clients = new Set(cells.map((cell) => cell.from));
  const servers = new Set(cells.map((cell) => cell.to));
  const byNamespace = clients.size > MANY || servers.size > MANY;
  const key = (ref: string): string => (byNamespace ? split(ref).namespace || ref : ref);
  const squares = new Map<string, { from: string; to: string; cells: Cell[]; surprises: number }>();
  const weightFrom = new Map<string, number>();
  const weightTo = new Map<string, number>();
  for (const cell of cells) {
    const from = key(cell.from);
    const to = key(cell.to);
    const at = `${from} ${to}`;
    let square = squares.get(at);
    if (!square) {
      square = { from, to, cells: [], surprises: 0 };
      squares.set(at, square);
    }
    square.cells.push(cell);
    const odd = surprising(cell) ? 1 : 0;
    square.surprises += odd;
    const weight = odd * 1000 + (cell.outcome === "OK" ? 0 : 1);
    weightFrom.set(from, (weightFrom.get(from) ?? 0) + weight);
    weightTo.set(to, (weightTo.get(to) ?? 0) + weight);
  }
  const columns = first(weightTo);
  const reached = new Set(columns);
  const callers = new Map<string, number>();
  for (const square of squares.values()) {
    if (reached.has(square.to)) {
      callers.set(square.from, weightFrom.get(square.from) ?? 0);
    }
  }
  const rows = first(callers);
  return { rows, columns, squares, byNamespace, left: weightTo.size - columns.length };
}

function first(weights: ReadonlyMap<string, number>): readonly string[] {
  return [...weights]
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .slice(0, MOST)
    .map(([name]) => name)
    .sort((a, b) => a.localeCompare(b));
}

export function ConnectivityView({ route }: { route: Route }) {
  const { q = "", outcome = "", unexpected = "", sort, from, to } = route.query;
  const { data, error, complete } = useList<Cell>("/connectivity", 3000, "cells");
  const { data: about } = useResource<Connectivity>("/connectivity?limit=1", 3000);
  const rows = useMemo(() => {
    const text = q.trim().toLowerCase();
    return (data ?? []).filter(
      (cell) =>
        (!outcome || cell.outcome === outcome) &&
        (!unexpected || surprising(cell)) &&
        (!text || cell.from.toLowerCase().includes(text) || cell.to.toLowerCase().includes(text)),
    );
  }, [data, q, outcome, unexpected]);
  const matrix = useMemo(() => matrixOf(rows), [rows]);
  const surprises = useMemo(() => (data ?? []).filter(surprising).length, [data]);
  return (
    <>
      <h1 class="hidden">Connectivity</h1>
      <Panel
        title="Who gets through to whom"
        aside={
          <span class="inline">
            {about?.asOf && (
              <span class="dim">
                probed <Ago at={about.asOf} />
              </span>
            )}
            <ProbeNow />
          </span>
        }
      >
        <div class="filters">
          <Search label="Client or server" value={q} onValue={(value) => filter({ q: value })} />
          <Choice
            label="Outcome"
            value={outcome}
            onValue={(value) => filter({ outcome: value })}
            options={[{ value: "", text: "any" }, ...["OK", "REFUSED", "UNREACHABLE", "TIMEOUT", "SKIPPED"].map((value) => ({ value, text: outcomeWord(value).text }))]}
          />
          <Check label="Only unexpected" checked={unexpected !== ""} onChecked={(on) => filter({ unexpected: on ? "yes" : undefined })} />
          <span class="grow" />
          <Button icon="download" disabled={rows.length === 0} onClick={() => download("connectivity.csv", csv(rows), "text/csv")}>
            CSV
          </Button>
        </div>
        <Trouble error={error} />
        {!data && !error && <Skeleton lines={8} />}
        {data && data.length === 0 && <Empty icon="clock" title="No round of probes has ended yet" />}
        {data && data.length > 0 && (
          <>
            <p class="inline">
              <Tally shown={rows.length} all={data.length} complete={complete} one="probe" />
              {surprises > 0 ? (
                <span class="badge tone-bad">
                  <Icon name="alert" size={14} />
                  <span>{counted(surprises, "outcome")} not as the policies predict</span>
                </span>
              ) : (
                <span class="badge tone-good quiet">
                  <Icon name="check" size={14} />
                  <span>all as the policies predict</span>
                </span>
              )}
              {about?.coverage.representative && (
                <span class="dim">Chosen clients stand for the others: {count(about.coverage.probes)} of {counted(about.coverage.whole, "pair")}.</span>
              )}
            </p>
            {rows.length === 0 ? (
              <Empty icon="search" title="No probe is like that" />
            ) : (
              <Grid matrix={matrix} />
            )}
          </>
        )}
      </Panel>
      {data && rows.length > 0 && (
        <Panel title="Every probe" aside={<Tally shown={rows.length} all={data.length} complete={complete} one="probe" />}>
          <Table
            label="Probes"
            columns={COLUMNS}
            rows={rows}
            id={cellId}
            sorting={sortingOf(sort, "from")}
            onSort={(value) => filter({ sort: value })}
            height={560}
            empty=""
            rowClass={(cell) => (surprising(cell) ? "row-bad" : "")}
          />
        </Panel>
      )}
      {from && to && <Square from={from} to={to} square={matrix.squares.get(`${from} ${to}`)} />}
    </>
  );
}

const cellId = (cell: Cell): string => `${cell.from} ${cell.to} ${cell.endpoint}`;

const SYMBOLS: Record<string, string> = { OK: "✓", REFUSED: "✕", UNREACHABLE: "?", TIMEOUT: "…", SKIPPED: "–" };

/** Symbols that are told where one is shown. */
const LEGEND: readonly (readonly [symbol: string, text: string])[] = [
  ["?", "unreachable"],
  ["…", "no answer in time"],
  ["–", "skipped"],
];

function look(square: Square): { tone: Tone; text: string; symbol: string; odd: boolean } {
  const outcomes = new Set(square.cells.map((cell) => cell.outcome));
  const odd = square.surprises > 0;
  if (outcomes.size > 1) {
    const ok = square.cells.filter((cell) => cell.outcome === "OK").length;
    return { tone: odd ? "bad" : "mixed", text: `${ok} of ${square.cells.length} OK`, symbol: "±", odd };
  }
  const outcome = square.cells[0]?.outcome ?? "SKIPPED";
  const word = outcomeWord(outcome);
  // A refusal that is expected is what a lock is for.
  const tone: Tone = odd ? "bad" : outcome === "REFUSED" ? "idle" : word.tone;
  return { tone, text: word.text, symbol: SYMBOLS[outcome] ?? "?", odd };
}

/** The matrix. One stop of the tabulator key; arrows move within. */
function Grid({ matrix }: { matrix: Matrix }) {
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const body = useRef<HTMLTableElement>(null);
  const symbols = useMemo(() => new Set([...matrix.squares.values()].map((square) => look(square).symbol)), [matrix]);
  const move = (row: number, column: number): void => {
    const y = Math.max(0, Math.min(matrix.rows.length - 1, row));
    const x = Math.max(0, Math.min(matrix.columns.length - 1, column));
    setAt([y, x]);
    body.current?.querySelector<HTMLElement>(`[data-at="${y} ${x}"]`)?.focus();
  };
  const steps: Record<string, readonly [number, number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    PageUp: [-10, 0],
    PageDown: [10, 0],
  };
  const narrow = matrix.columns.length > 8;
  return (
    <>
      <div class={`matrix${narrow ? " narrow" : ""}`} role="region" aria-label="Matrix, to be scrolled" tabIndex={-1}>
        <table
          ref={body}
          role="grid"
          aria-label="From clients, in rows, to servers, in columns"
          onKeyDown={(event) => {
            const step = steps[event.key];
            if (step) {
              event.preventDefault();
              move(at[0] + step[0], at[1] + step[1]);
            }
          }}
        >
          <thead>
            <tr role="row">
              <th role="columnheader" scope="col" class="corner">
                <span class="dim">from ↓ to →</span>
              </th>
              {matrix.columns.map((column) => (
                <th key={column} role="columnheader" scope="col" class="to" title={column}>
                  <span>
                    <Name of={column} />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row, y) => (
              <tr key={row} role="row">
                <th role="rowheader" scope="row" class="from">
                  <Name of={row} />
                </th>
                {matrix.columns.map((column, x) => {
                  const square = matrix.squares.get(`${row} ${column}`);
                  const here = at[0] === y && at[1] === x;
                  return (
                    <td key={column} role="gridcell">
                      <SquareButton square={square} at={`${y} ${x}`} stop={here} row={row} column={column} roomy={!narrow} onFocus={() => setAt([y, x])} />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="graph-legend dim">
        <span>✓ gets through</span>
        <span>✕ refused, as the policies predict</span>
        <span class="inline">
          <span class="square tone-bad odd sample">✕</span> not as predicted
        </span>
        <span>± differs by endpoint or workload</span>
        {LEGEND.filter(([symbol]) => symbols.has(symbol)).map(([symbol, text]) => (
          <span key={symbol}>
            {symbol} {text}
          </span>
        ))}
        {matrix.byNamespace && <span>Many, so namespaces are shown.</span>}
        {matrix.left > 0 && <span>{counted(matrix.left, "more server namespace")} as predicted; search, or look in the list.</span>}
      </p>
    </>
  );
}

function SquareButton({ square, at, stop, row, column, roomy, onFocus }: { square: Square | undefined; at: string; roomy: boolean; stop: boolean; row: string; column: string; onFocus(): void }) {
  if (!square) {
    return (
      <button type="button" class="square none" data-at={at} tabIndex={stop ? 0 : -1} onFocus={onFocus} aria-label={`${row} to ${column}: not probed`} aria-disabled="true">
        ·
      </button>
    );
  }
  const { tone, text, symbol, odd } = look(square);
  return (
    <button
      type="button"
      class={`square tone-${tone}${odd ? " odd" : ""}`}
      data-at={at}
      tabIndex={stop ? 0 : -1}
      onFocus={onFocus}
      title={`${row} → ${column}: ${text}${odd ? ", not as predicted" : ""}`}
      aria-label={`${row} to ${column}: ${text}${odd ? ", not as predicted" : ""}`}
      onClick={() => filter({ from: row, to: column })}
    >
      {symbol}
      {roomy && <span class="square-text">{text}</span>}
    </button>
  );
}

/** What is behind a square of the matrix: each probe, and how it came to be so. */
function Square({ from, to, square }: { from: string; to: string; square: Square | undefined }) {
  const single = from.includes("/") && to.includes("/");
  const { data: changes, error } = useList<CellChange>(withQuery("/connectivity/history", { from, to }), 4000, "items", 1000);
  const close = (): void => filter({ from: undefined, to: undefined });
  return (
    <Dialog title={`${from} → ${to}`} onClose={close} wide>
      <div class="dialog-body">
        {square ? (
          <Table label="Probes" columns={COLUMNS} rows={square.cells} id={cellId} height={240} empty="" rowClass={(cell) => (surprising(cell) ? "row-bad" : "")} />
        ) : (
          <p class="dim">Not probed now, or left out by the filters.</p>
        )}
        <h3>How it came to be so</h3>
        <Trouble error={error} />
        {!changes && !error && <Skeleton />}
        {changes && changes.length === 0 && <p class="dim">It has not changed since it was first probed.</p>}
        {changes && changes.length > 0 && (
          <ol class="history">
            {changes.slice(0, 100).map((change) => (
              <li key={`${change.at} ${change.from} ${change.to} ${change.endpoint}`}>
                <At at={change.at} />
                {!single && <Name of={`${change.from} → ${change.to}`} />}
                <span class="inline tight">
                  {change.before ? <Badge word={outcomeWord(change.before)} quiet /> : <span class="dim">first</span>}
                  <Icon name="right" size={12} />
                  <Badge word={outcomeWord(change.after)} />
                </span>
                <span class="dim mono">
                  {code(change.httpCode, change.exitCode)} {change.endpoint}
                </span>
              </li>
            ))}
          </ol>
        )}
      </div>
      <footer class="dialog-foot">
        <Button onClick={close}>Close</Button>
      </footer>
    </Dialog>
  );
}

/** As curl says it: the HTTP status, and its exit code when there was no answer. */
function code(http: number, exit: number): string {
  const status = String(http).padStart(3, "0");
  return exit === 0 ? status : `${status} exit ${exit}`;
}

const COLUMNS: readonly Column<Cell>[] = [
  { key: "from", title: "Client", width: "minmax(8rem, 2fr)", cell: (cell) => <Name of={cell.from} />, by: (cell) => cell.from },
  { key: "to", title: "Server", width: "minmax(9rem, 2fr)", cell: (cell) => <Name of={cell.to} />, by: (cell) => cell.to },
  { key: "outcome", title: "Outcome", width: "8.5rem", small: "6rem", cell: (cell) => <Badge word={outcomeWord(cell.outcome)} quiet={!surprising(cell)} />, by: (cell) => cell.outcome },
  {
    key: "expected",
    title: "Predicted",
    width: "8.5rem",
    cell: (cell) => (cell.expected ? <span class={surprising(cell) ? "text-bad" : "dim"}>{outcomeWord(cell.expected).text}</span> : <span class="dim">nobody can say</span>),
    by: (cell) => cell.expected ?? "",
    rank: 1,
  },
  { key: "code", title: "Code", width: "6.5rem", cell: (cell) => <span class="mono">{code(cell.httpCode, cell.exitCode)}</span>, by: (cell) => cell.httpCode * 1000 + cell.exitCode, rank: 1 },
  { key: "endpoint", title: "Endpoint", width: "minmax(8rem, 1fr)", cell: (cell) => <span class="mono dim">{cell.endpoint}</span>, by: (cell) => cell.endpoint, rank: 2 },
  { key: "latency", title: "Latency", width: "5.5rem", numeric: true, cell: (cell) => `${count(cell.latencyMs)} ms`, by: (cell) => cell.latencyMs, rank: 2 },
];

function csv(cells: readonly Cell[]): string {
  const quote = (value: string | number | null): string => {
    const text = value === null ? "" : String(value);
    // A spreadsheet takes what begins so for a formula.
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const head = ["from", "to", "endpoint", "outcome", "expected", "httpCode", "exitCode", "latencyMs", "checkedAt", "detail"] as const;
  return `${[head.join(","), ...cells.map((cell) => head.map((field) => quote(cell[field])).join(","))].join("\r\n")}\r\n`;
}

function ProbeNow() {
  const { can } = useRights();
  const [asked, ask] = useState(false);
  if (!can("probe")) {
    return null;
  }
  const start = async (): Promise<string> => {
    const run = await send<ProbeRun>("POST", "/connectivity/probes", {});
    return `${counted(run.data.total, "probe")} on the way`;
  };
  return (
    <>
      <Button acts icon="turn" onClick={() => ask(true)}>
        Probe now
      </Button>
      {asked && (
        <Confirm title="Probe now?" verb="Probe now" onClose={() => ask(false)} onSend={start}>
          <p>A whole round of probes is made at once, from within the mesh's own pods. It changes no policy; servers see some more calls.</p>
        </Confirm>
      )}
    </>
  );
}
