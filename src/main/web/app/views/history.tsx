import { useMemo, useState } from "preact/hooks";
import { withQuery } from "../api/client";
import { useResource } from "../api/store";
import type { MeshHistory, MeshHistoryPoint } from "../api/types";
import { filter, type Route } from "../router";
import { TimeChart, type Line, type Times } from "../ui/chart";
import { clock, count, counted, duration, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { At, Choice, Panel, Skeleton, Trouble } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { POSTURE_ORDER, postureWord } from "../ui/words";

const RANGES = [
  { value: "PT15M", text: "15 minutes" },
  { value: "PT1H", text: "1 hour" },
  { value: "PT6H", text: "6 hours" },
  { value: "PT24H", text: "24 hours" },
  { value: "P7D", text: "7 days" },
  { value: "P31D", text: "31 days" },
];
const USUAL = "PT1H";

/** Below so many seconds a chart shows mostly its axis. */
const SHORTEST = 120;

const whole = (share: number): string => `${Math.floor(share * 100 + 1e-9)} %`;

/** One digit where a whole number would hide that it is not all or nothing; never rounded up to all. */
function shareText(share: number): string {
  return (share > 0.99 && share < 1) || (share > 0 && share < 0.01) ? `${(Math.floor(share * 1000) / 10).toFixed(1)} %` : whole(share);
}

/** How the share of mutual TLS in calls, and workloads by posture, came to be what they are. */
export function HistoryPanel({ route }: { route: Route }) {
  const asked = route.query["range"];
  const range = RANGES.some(({ value }) => value === asked) ? (asked as string) : USUAL;
  const { data, error } = useResource<MeshHistory>(withQuery("/mesh/history", { window: range }), 10_000);
  return (
    <Panel
      title="Over time"
      class="history-panel"
      aside={<Choice label="Range" hideLabel value={range} options={RANGES} onValue={(value) => filter({ range: value === USUAL ? undefined : value })} />}
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={6} />}
      {data && <Charts history={data} />}
    </Panel>
  );
}

function Charts({ history }: { history: MeshHistory }) {
  const points = history.points;
  const times = useMemo(() => points.map((point) => Date.parse(point.at) / 1000), [points]);
  const to = Date.parse(history.to) / 1000;
  const first = points.findIndex((point) => point.workloads !== null || point.calls.mutualTlsShare !== null);
  const from = Math.min(first < 0 ? (times[0] ?? to) : ((times[first - 1] ?? times[first]) as number), to - SHORTEST);
  const shown = useMemo(() => points.filter((point) => Date.parse(point.at) / 1000 >= from), [points, from]);
  return (
    <>
      <div class="charts">
        <Calls points={points} shown={shown} times={times} from={from} to={to} />
        <Workloads points={points} shown={shown} times={times} from={from} to={to} since={history.knownSince} />
      </div>
      <details>
        <summary>
          As a table, in steps of {duration(history.step)}
        </summary>
        <Table label="The mesh over time" columns={COLUMNS} rows={[...shown].reverse()} id={(point) => point.at} height={320} empty="Nothing is known of this time." />
      </details>
    </>
  );
}

interface Shown {
  readonly points: readonly MeshHistoryPoint[];
  /** Those since something is known. */
  readonly shown: readonly MeshHistoryPoint[];
  readonly times: Times;
  readonly from: number;
  readonly to: number;
}

function Calls({ points, shown, times, from, to }: Shown) {
  const [at, look] = useState<number | null>(null);
  const lines = useMemo((): readonly Line[] => [{ key: "share", text: "Mutual TLS", tone: "good", values: points.map((point) => point.calls.mutualTlsShare) }], [points]);
  const known = shown.flatMap((point) => (point.calls.mutualTlsShare === null ? [] : [point.calls.mutualTlsShare]));
  const silent = shown.filter((point) => point.calls.evidence === "NO_SAMPLES").length;
  const away = shown.filter((point) => point.calls.evidence === "UNAVAILABLE");
  const why = away.at(-1);
  const point = (at === null ? undefined : points[at]) ?? [...shown].reverse().find((one) => one.calls.mutualTlsShare !== null);
  const summary = `Share of calls by mutual TLS from ${moment(from)} to ${moment(to)}: at first ${shareText(known[0] ?? 0)}, at last ${shareText(known.at(-1) ?? 0)}, at least ${shareText(Math.min(...known))}; no calls in ${silent} and no evidence in ${away.length} of ${shown.length} steps`;
  return (
    <figure>
      <figcaption>
        <h3>Share of calls by mutual TLS</h3>
        <p class="reading num">{point ? <CallsAt point={point} /> : <span class="dim">Nothing is known of this time.</span>}</p>
      </figcaption>
      {known.length > 0 && <TimeChart summary={summary} times={times} lines={lines} from={from} to={to} top={1} format={whole} onPoint={look} />}
      {(silent > 0 || why) && (
        <p class="dim gap-note">
          {silent > 0 && <>Nobody called in {counted(silent, "step")}. </>}
          {why && (
            <>
              No evidence in {counted(away.length, "step")}: {said(why.calls.detail)}
            </>
          )}
        </p>
      )}
    </figure>
  );
}

function CallsAt({ point }: { point: MeshHistoryPoint }) {
  const { calls } = point;
  return (
    <>
      <At at={point.at} />{" "}
      {calls.mutualTlsShare === null ? (
        <span class="dim">{calls.evidence === "NO_SAMPLES" ? "nobody called" : "no evidence"}</span>
      ) : (
        <>
          <b>{shareText(calls.mutualTlsShare)}</b>{" "}
          <span class="dim">
            of {counted(sum(point), "call")}
            {(calls.unknown ?? 0) > 0 && `; of ${count(calls.unknown ?? 0)} nobody says how`}
            {own(point) > 0 && `; ${count(own(point))} are known to be own probes`}
          </span>
        </>
      )}
    </>
  );
}

const sum = ({ calls }: MeshHistoryPoint): number => (calls.mutualTls ?? 0) + (calls.plaintext ?? 0) + (calls.unknown ?? 0);

const own = ({ calls }: MeshHistoryPoint): number => (calls.ownMutualTls ?? 0) + (calls.ownPlaintext ?? 0);

function Workloads({ points, shown, times, from, to, since }: Shown & { since: string | null }) {
  const [at, look] = useState<number | null>(null);
  const lines = useMemo(
    (): readonly Line[] =>
      POSTURE_ORDER.filter((posture) => points.some((point) => (point.workloads?.[posture] ?? 0) > 0)).map((posture) => ({
        key: posture,
        text: postureWord(posture).text,
        tone: postureWord(posture).tone,
        values: points.map((point) => (point.workloads ? (point.workloads[posture] ?? 0) : null)),
      })),
    [points],
  );
  const known = shown.filter((point) => point.workloads !== null);
  const point = (at === null ? undefined : points[at]) ?? known.at(-1);
  const first = known[0];
  const last = known.at(-1);
  const summary =
    first && last
      ? `Workloads by posture from ${moment(from)} to ${moment(to)}: at first ${words(first)}; at last ${words(last)}; nothing known of ${shown.length - known.length} of ${shown.length} steps`
      : "Workloads by posture: nothing is known of this time";
  return (
    <figure>
      <figcaption>
        <h3>Workloads by posture</h3>
        <p class="reading num">
          {point ? (
            <>
              <At at={point.at} /> {point.workloads ? <b>{strictText(point)}</b> : <span class="dim">nobody looked</span>}
            </>
          ) : (
            <span class="dim">Nothing is known of this time.</span>
          )}
        </p>
      </figcaption>
      <TimeChart summary={summary} times={times} lines={lines} from={from} to={to} stack format={count} onPoint={look} />
      <ul class="chart-legend">
        {lines.map((line) => (
          <li key={line.key} class={`tone-${line.tone}`}>
            <span class={`mark tone-${line.tone}`}>
              <Icon name={postureWord(line.key).icon} size={12} />
            </span>
            {line.text}
          </li>
        ))}
      </ul>
      {since && shown.length > known.length && <p class="dim gap-note">Postures are remembered since {clock(since)}, for a day.</p>}
    </figure>
  );
}

function strictText(point: MeshHistoryPoint): string {
  const workloads = Object.values(point.workloads ?? {}).reduce((all, value) => all + value, 0);
  return `${count(point.workloads?.["STRICT"] ?? 0)} of ${count(workloads)} strict`;
}

function words(point: MeshHistoryPoint): string {
  return POSTURE_ORDER.filter((posture) => (point.workloads?.[posture] ?? 0) > 0)
    .map((posture) => `${postureWord(posture).text} ${count(point.workloads?.[posture] ?? 0)}`)
    .join(", ");
}

const moment = (seconds: number): string => clock(new Date(seconds * 1000).toISOString());

const number = (value: number | null | undefined) => (value == null ? <span class="dim">–</span> : count(value));

const COLUMNS: readonly Column<MeshHistoryPoint>[] = [
  { key: "at", title: "Until", width: "minmax(7.5rem, 1fr)", small: "5.2rem", cell: (point) => <At at={point.at} /> },
  {
    key: "share",
    title: "Mutual TLS",
    width: "minmax(7rem, 1fr)",
    cell: (point) =>
      point.calls.mutualTlsShare === null ? (
        <span class="dim" title={said(point.calls.detail)}>
          {point.calls.evidence === "NO_SAMPLES" ? "no calls" : "no evidence"}
        </span>
      ) : (
        shareText(point.calls.mutualTlsShare)
      ),
  },
  { key: "plaintext", title: "Plaintext calls", width: "7rem", numeric: true, cell: (point) => number(point.calls.plaintext), rank: 1 },
  { key: "calls", title: "Calls", width: "6rem", numeric: true, cell: (point) => number(point.calls.mutualTlsShare === null ? null : sum(point)), rank: 1 },
  { key: "strict", title: "Strict workloads", width: "8rem", small: "4.5rem", numeric: true, cell: (point) => (point.workloads ? strictText(point).replace(" strict", "") : <span class="dim">–</span>) },
  { key: "locked", title: "Locked", width: "5rem", numeric: true, cell: (point) => number(point.phases === null ? null : (point.phases["LOCKED"] ?? 0)), rank: 2 },
];
