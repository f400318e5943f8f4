import { useEffect, useMemo, useState } from "preact/hooks";
import { withQuery } from "../api/client";
import { useList, useResource } from "../api/store";
import type { Traffic, TrafficEdge } from "../api/types";
import { filter, href, type Route } from "../router";
import { count, counted, duration, said, split } from "../ui/format";
import { Icon } from "../ui/icons";
import { Ago, Button, Check, Choice, Empty, InGrafana, Panel, Search, Shares, Skeleton, Trouble } from "../ui/parts";
import { Table, Tally, sortingOf } from "../ui/table";
import { spaced } from "../ui/words";
import type { Picture } from "./graph";
import { edgeColumns, edgeId } from "./namespace";

type GraphModule = typeof import("./graph");

/** The layout library is large for what it does, so it comes when a graph is looked at. */
let loading: Promise<GraphModule> | undefined;

function useGraph(): GraphModule | undefined {
  const [module, set] = useState<GraphModule>();
  useEffect(() => {
    loading ??= import("./graph");
    void loading.then(set);
  }, []);
  return module;
}

export function TrafficView({ route }: { route: Route }) {
  const { q = "", security = "", window: span = "", sort, probes = "", pin = "" } = route.query;
  const path = withQuery("/traffic", { window: span });
  const { data, error, complete } = useList<TrafficEdge>(path, 3000);
  const { data: about } = useResource<Traffic>(withQuery("/traffic", { window: span, limit: 1 }), 5000);
  const rows = useMemo(() => {
    const text = q.trim().toLowerCase();
    return (data ?? []).filter(
      (edge) =>
        (!security || edge.security.toLowerCase() === security) &&
        (probes === "yes" || edge.count > 0) &&
        (!text || edge.from.toLowerCase().includes(text) || edge.to.toLowerCase().includes(text)),
    );
  }, [data, q, security, probes]);
  const totals = useMemo(() => sums(rows), [rows]);
  const module = useGraph();
  const shape = useMemo(() => module?.picture(rows), [module, rows]);
  const drawn = pin && shape?.links.some((link) => link.from === pin || link.to === pin) ? pin : "";
  const listed = useMemo(() => (module && shape && drawn ? rows.filter((edge) => module.standsFor(drawn, edge, shape)) : rows), [module, shape, drawn, rows]);
  const unknown = about?.gaps.some((gap) => gap.state === "UNAVAILABLE");
  const none = q || security ? "No call is like that" : unknown ? "No call is known in this window" : "No calls in this window";
  return (
    <>
      <h1 class="hidden">Traffic</h1>
      <Panel
        title="Who calls whom"
        aside={
          about && (
            <span class="dim">
              <InGrafana dashboard="plaintext">In Grafana</InGrafana> last {duration(about.window)}, as of <Ago at={about.asOf} />
            </span>
          )
        }
      >
        <div class="filters">
          <Search label="Client or server" value={q} onValue={(value) => filter({ q: value })} />
          <Choice
            label="Secured"
            value={security}
            onValue={(value) => filter({ security: value })}
            options={[
              { value: "", text: "any way" },
              { value: "plaintext", text: "plaintext" },
              { value: "mutual_tls", text: "mutual TLS" },
            ]}
          />
          <Choice
            label="Window"
            value={span}
            onValue={(value) => filter({ window: value })}
            options={[
              { value: "", text: "widest" },
              { value: "PT10S", text: "10 s" },
              { value: "PT1M", text: "1 min" },
              { value: "PT15M", text: "15 min" },
              { value: "PT1H", text: "1 h" },
              { value: "PT24H", text: "24 h" },
            ]}
          />
          <Check label="Own probes too" checked={probes === "yes"} onChecked={(on) => filter({ probes: on ? "yes" : undefined })} />
        </div>
        <Trouble error={error} />
        {about && about.gapCount > 0 && <Gaps traffic={about} />}
        {!data && !error && <Skeleton lines={8} />}
        {data && (
          <>
            {totals.secure + totals.clear > 0 && (
              <Shares
                label="Calls by how they were secured"
                shares={[
                  { key: "m", word: { text: "Mutual TLS", tone: "good", icon: "lock" }, value: totals.secure },
                  { key: "p", word: { text: "Plaintext", tone: "bad", icon: "open" }, value: totals.clear },
                ]}
              />
            )}
            <Drawn module={module} shape={shape} pin={drawn} none={none} />
          </>
        )}
      </Panel>
      {data && data.length > 0 && (
        <Panel title="Every edge" aside={<Tally shown={listed.length} all={data.length} complete={complete} one="edge" />}>
          <Table
            label="Calls between workloads"
            columns={edgeColumns(data)}
            rows={listed}
            id={edgeId}
            sorting={sortingOf(sort, "-security")}
            onSort={(value) => filter({ sort: value })}
            height={520}
            rowClass={(row) => (row.security === "PLAINTEXT" ? "row-bad" : "")}
            empty={<Empty icon="search" title={none} />}
          />
        </Panel>
      )}
    </>
  );
}

function sums(rows: readonly TrafficEdge[]): { clear: number; secure: number } {
  let clear = 0;
  let secure = 0;
  for (const edge of rows) {
    if (edge.security === "PLAINTEXT") {
      clear += edge.count;
    } else {
      secure += edge.count;
    }
  }
  return { clear, secure };
}

/** "No plaintext" and "nobody can say" must not look alike. */
function Gaps({ traffic }: { traffic: Traffic }) {
  const unavailable = traffic.gaps.filter((gap) => gap.state === "UNAVAILABLE");
  return (
    <details class="gaps">
      <summary class={unavailable.length > 0 ? "text-warn" : "dim"}>
        <Icon name="question" size={14} /> {counted(traffic.gapCount, "namespace")} without evidence: nobody can say what is sent there
      </summary>
      <ul>
        {traffic.gaps.slice(0, 50).map((gap) => (
          <li key={gap.namespace}>
            <b class="mono">{gap.namespace}</b> <span class="dim">{spaced(gap.state).toLowerCase()}</span> {said(gap.detail)}
          </li>
        ))}
      </ul>
      {traffic.gapCount > 50 && <p class="dim">and {count(traffic.gapCount - 50)} more</p>}
    </details>
  );
}

function Drawn({ module, shape, pin, none }: { module: GraphModule | undefined; shape: Picture | undefined; pin: string; none: string }) {
  if (!module || !shape) {
    return <div class="graph" aria-busy="true" />;
  }
  if (shape.links.length === 0) {
    return <Empty icon="flow" title={none} />;
  }
  const namespace = shape.byNamespace ? pin : split(pin).namespace;
  return (
    <>
      <module.Graph shape={shape} pin={pin} onPin={(next) => filter({ pin: next || undefined })} />
      <p class="graph-legend dim">
        <span class="inline">
          <i class="line-mark clear" aria-hidden="true" /> plaintext
        </span>
        <span class="inline">
          <i class="line-mark secure" aria-hidden="true" /> mutual TLS
        </span>
        <span>The wider, the more calls; click a box to see its calls alone.</span>
        {shape.byNamespace && <span>Workloads are many, so namespaces are drawn.</span>}
        {shape.left > 0 && <span>{counted(shape.left, "quieter link")} left out; search to see others.</span>}
      </p>
      {pin && (
        <p class="inline">
          {!pin.startsWith("*") && (
            <span>
              Pinned: <b class="mono">{pin}</b>
            </span>
          )}
          {namespace && !pin.startsWith("*") && <a href={href(["namespaces", namespace], { tab: "traffic" })}>the namespace {namespace}</a>}
          <Button kind="bare" icon="cross" onClick={() => filter({ pin: undefined })}>
            Show all
          </Button>
        </p>
      )}
    </>
  );
}
