import { segment } from "../api/client";
import { useResource } from "../api/store";
import type { Plan, Report, ReportLine } from "../api/types";
import { clock, duration, seconds, useNow } from "../ui/format";
import { openTimes, type Span } from "./windows";

interface Bar extends Span {
  readonly name: string;
  readonly state: "done" | "active" | "todo";
}

const SETTLED: ReadonlySet<string> = new Set(["LOCKED", "EXEMPT", "SKIPPED", "ROLLED_BACK"]);

/** One after the other: a wave begins when those before it are settled, and what is left of the estimate is shared by what is left to do. */
function barsOf(plan: Plan, report: Report, begin: number, now: number, end: number): readonly Bar[] {
  const groups = plan.waves.map((wave) => ({ name: wave.name, size: wave.namespaces.length, lines: report.namespaces.filter((line) => line.wave === wave.name) }));
  const all: { name: string; size: number; lines: readonly ReportLine[] }[] = report.mesh ? [...groups, { name: "the mesh", size: 1, lines: [report.mesh] }] : groups;
  const settled = (lines: readonly ReportLine[], size: number): boolean => lines.length >= size && lines.every((line) => SETTLED.has(line.phase));
  const open = all.filter(({ lines, size }) => !settled(lines, size));
  const left = open.reduce((sum, { size, lines }) => sum + size - lines.filter((line) => SETTLED.has(line.phase)).length, 0);
  let at = begin;
  return all.map(({ name, size, lines }) => {
    const from = at;
    if (settled(lines, size)) {
      at = Math.max(from, ...lines.map((line) => Date.parse(line.lockedAt ?? line.since)));
      return { name, from, to: at, state: "done" };
    }
    const active = open[0]?.name === name;
    const todo = size - lines.filter((line) => SETTLED.has(line.phase)).length;
    at = Math.max(active ? now : from, from) + ((end - now) * todo) / Math.max(1, left);
    return { name, from, to: at, state: active ? "active" : "todo" };
  });
}

/** Where there is room: the waves over time, with the change windows, and when the plan is expected to be through. */
export function Timeline({ plan }: { plan: Plan }) {
  const { data: report } = useResource<Report>(plan.startedAt ? `/plans/${segment(plan.name)}/report` : null, 10_000);
  const now = useNow(5000);
  if (!plan.startedAt || !report || plan.waves.length === 0) {
    return null;
  }
  const begin = Date.parse(plan.startedAt);
  const today = plan.endedAt ? Date.parse(plan.endedAt) : now;
  const eta = plan.endedAt || !plan.progress.eta ? null : plan.progress.eta;
  const end = today + (eta ? seconds(eta) * 1000 : 0);
  const whole = Math.max(1000, end - begin);
  const place = ({ from, to }: Span) => ({ left: `${(100 * (from - begin)) / whole}%`, width: `${(100 * Math.max(whole / 400, to - from)) / whole}%` });
  const windows = openTimes(plan.gates.changeWindows ?? [], begin, begin + whole);
  const told = eta ? `expected at ${clock(new Date(end).toISOString())}, in about ${duration(eta)}` : plan.endedAt ? `ended at ${clock(plan.endedAt)}` : "no end can be estimated yet";
  return (
    <section class="timeline" aria-label="Waves over time">
      <p class="inline spread dim num">
        <span>started at {clock(plan.startedAt)}</span>
        {windows && windows.length > 0 && (
          <span class="inline tight">
            <i class="timeline-window key" aria-hidden="true" /> changes may be made: {(plan.gates.changeWindows ?? []).join("; ")}
          </span>
        )}
        <b>{told}</b>
      </p>
      <ol>
        {barsOf(plan, report, begin, today, end).map((bar) => (
          <li key={bar.name}>
            <span class="mono">{bar.name}</span>
            <span class="timeline-track">
              {windows?.map((window) => <i key={window.from} class="timeline-window" style={place(window)} />)}
              {(eta || bar.state !== "todo") && (
                <i
                  class={`timeline-bar ${bar.state}`}
                  style={place(bar.state === "active" && !eta ? { from: bar.from, to: today } : bar)}
                  role="img"
                  aria-label={`${bar.name}: ${bar.state === "done" ? `done at ${clock(new Date(bar.to).toISOString())}` : bar.state === "active" ? "under way" : "to come"}`}
                />
              )}
              {!plan.endedAt && <i class="timeline-now" style={{ left: `${(100 * (today - begin)) / whole}%` }} />}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
