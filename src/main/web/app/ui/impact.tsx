import type { Flow, Impact } from "../api/types";
import { count, counted } from "./format";
import { Icon } from "./icons";
import { Badge, Name } from "./parts";
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
 * Who would be refused, at a glance. A client that was seen calling is harmed; one that is only probed from, or only
 * possible, may be.
 */
export function Breaking({ impact }: { impact: Impact }) {
  if (impact.breaking === 0) {
    return (
      <p class="verdict tone-good">
        <Icon name="check" />
        <span>
          Nobody would be refused: {counted(impact.total, "known flow")} {impact.total === 1 ? "gets" : "get"} through as before.
        </span>
      </p>
    );
  }
  const breaking = impact.flows.filter((flow) => flow.breaks);
  const seen = breaking.filter((flow) => flow.basis === "OBSERVED").length;
  const whole = breaking.length >= impact.breaking;
  return (
    <p class={`verdict tone-${seen > 0 || !whole ? "bad" : "warn"}`}>
      <Icon name={seen > 0 || !whole ? "cross" : "alert"} />
      <span>
        <b class="num">{count(impact.breaking)}</b> of {counted(impact.total, "known flow")} would be refused
        {whole && seen === 0 && "; none of them was seen calling"}
        {seen > 0 && (
          <>
            ; <b class="num">{count(seen)}</b> of them {seen === 1 ? "was" : "were"} seen calling
          </>
        )}
        .
      </span>
    </p>
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
