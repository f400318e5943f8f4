import { segment } from "../api/client";
import { request } from "../api/client";
import { useResource } from "../api/store";
import type { Plan, Report, ReportLine } from "../api/types";
import { href } from "../router";
import { clock, count, counted, said } from "../ui/format";
import { At, Badge, Button, Panel, Skeleton, Trouble, download } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { phaseWord, resultWord } from "../ui/words";

const COLUMNS = (plan: string): readonly Column<ReportLine>[] => [
  {
    key: "namespace",
    title: "Namespace",
    width: "minmax(8rem, 2fr)",
    cell: (line) => (
      <a class="mono strong" href={href(["plans", plan], { step: line.namespace })}>
        {line.namespace}
      </a>
    ),
  },
  { key: "wave", title: "Wave", width: "minmax(5rem, 1fr)", cell: (line) => line.wave ?? "–", rank: 2 },
  { key: "phase", title: "Phase", width: "10.5rem", cell: (line) => <Badge word={phaseWord(line.phase)} quiet /> },
  { key: "locked", title: "Locked at", width: "8rem", cell: (line) => (line.lockedAt ? <At at={line.lockedAt} /> : <span class="dim">–</span>), rank: 1 },
  {
    key: "evidence",
    title: "On the evidence of",
    width: "minmax(10rem, 3fr)",
    cell: (line) =>
      line.lockedAt === null || line.evidence.length === 0 ? (
        <span class="dim">–</span>
      ) : (
        <span title={line.evidence.map((gate) => `${gate.gate}: ${said(gate.message)}`).join("\n")}>
          {line.evidence.map((gate) => `${gate.gate} ${resultWord(gate.result).text.toLowerCase()}`).join(", ")}
        </span>
      ),
    rank: 2,
  },
  { key: "overrides", title: "Overrides", width: "6rem", numeric: true, cell: (line) => count(line.overrides.length), rank: 2 },
];

export function ReportTab({ plan }: { plan: Plan }) {
  const path = `/plans/${segment(plan.name)}/report`;
  const { data, error } = useResource<Report>(path, 5000);
  const save = async (): Promise<void> => {
    const response = await request(path, { headers: { Accept: "text/markdown" } });
    download(`${plan.name}.md`, await response.text(), "text/markdown");
  };
  if (!data) {
    return (
      <Panel title="Report">
        <Trouble error={error} />
        {!error && <Skeleton lines={8} />}
      </Panel>
    );
  }
  const lines = [...(data.mesh ? [data.mesh] : []), ...data.namespaces];
  return (
    <>
      <Panel
        title="Locked over time"
        aside={
          <Button acts icon="download" onClick={() => void save()}>
            As Markdown
          </Button>
        }
      >
        <Trouble error={error} />
        <Rise report={data} lines={lines} />
      </Panel>
      <Panel title="Consent">
        {data.approvals.length === 0 ? (
          <p class="dim">Nobody has approved anything.</p>
        ) : (
          <ul class="lines">
            {data.approvals.map((approval) => (
              <li key={`${approval.subject} ${approval.at}`}>
                <b>{approval.subject}</b> by {approval.by} at <At at={approval.at} />
                {approval.comment && <>: “{approval.comment}”</>} <span class="dim mono">impact {approval.impactHash.slice(0, 12)}</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Each namespace" aside={<span class="dim">{counted(lines.length, "step")}</span>}>
        <Table label="Report" columns={COLUMNS(plan.name)} rows={lines} id={(line) => line.namespace} empty="None" />
      </Panel>
    </>
  );
}

const WIDTH = 1000;
const TALL = 120;

/** How many steps were locked when: a stair from the start until now, or the end. */
function Rise({ report, lines }: { report: Report; lines: readonly ReportLine[] }) {
  const locked = lines.flatMap((line) => (line.lockedAt ? [Date.parse(line.lockedAt)] : [])).sort((a, b) => a - b);
  if (!report.startedAt || locked.length === 0) {
    return <p class="dim">The plan has locked nothing yet.</p>;
  }
  const begin = Date.parse(report.startedAt);
  const end = report.endedAt ? Date.parse(report.endedAt) : Date.now();
  const whole = Math.max(1, end - begin);
  const x = (at: number): number => (WIDTH * (at - begin)) / whole;
  const y = (value: number): number => TALL - (TALL * value) / lines.length;
  let path = `M0 ${TALL}`;
  locked.forEach((at, index) => {
    path += ` L${x(at).toFixed(1)} ${y(index).toFixed(1)} L${x(at).toFixed(1)} ${y(index + 1).toFixed(1)}`;
  });
  path += ` L${WIDTH} ${y(locked.length).toFixed(1)}`;
  return (
    <figure class="rise">
      <svg viewBox={`0 -4 ${WIDTH} ${TALL + 8}`} preserveAspectRatio="none" role="img" aria-label={`${locked.length} of ${lines.length} steps locked between ${clock(report.startedAt)} and ${clock(new Date(end).toISOString())}`}>
        <path class="rise-area" d={`${path} L${WIDTH} ${TALL}z`} />
        <path class="rise-line" d={path} />
      </svg>
      <figcaption class="inline spread dim num">
        <span>{clock(report.startedAt)}</span>
        <b>
          {count(locked.length)} of {count(lines.length)}
        </b>
        <span>{report.endedAt ? clock(report.endedAt) : "now"}</span>
      </figcaption>
    </figure>
  );
}
