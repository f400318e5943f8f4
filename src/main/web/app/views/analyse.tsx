import { useState } from "preact/hooks";
import { send, withQuery } from "../api/client";
import type { Analysis, AnalysisNamespace, NamespacePair, Policy, ReachabilityRow, WhatIf, Workload } from "../api/types";
import type { Route } from "../router";
import { Failure } from "../ui/dialog";
import { count, counted, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Obstacles } from "../ui/obstacles";
import { Badge, Button, Check, Code, Empty, Panel } from "../ui/parts";
import { Changes, DecidedBy, draftOf, refText } from "../ui/policy";
import { Table, type Column } from "../ui/table";
import { modeWord, planeWord, postureWord, spaced } from "../ui/words";
import { FindingCards } from "./namespace";
import { Findings } from "../ui/findings";

const EXAMPLE = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata:
  name: cart
  namespace: shop
  labels: {app: cart, security.istio.io/tlsMode: istio}
  annotations: {sidecar.istio.io/status: "{}"}
spec:
  containers:
    - {name: cart, image: cart, ports: [{containerPort: 8080}]}
    - {name: istio-proxy, image: proxyv2}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  selector: {app: cart}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Namespace
metadata: {name: legacy}
---
apiVersion: v1
kind: Pod
metadata: {name: batch, namespace: legacy}
spec:
  containers: [{name: batch, image: batch}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: PERMISSIVE}}
`;

/** What manifests mean, without a mesh. They are sent to this service, and not kept. */
export function AnalyseView(_: { route: Route }) {
  const [text, setText] = useState("");
  const [whatIf, setWhatIf] = useState(true);
  const [injected, setInjected] = useState(false);
  const [over, setOver] = useState(false);
  const [result, setResult] = useState<Analysis>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const take = async (files: FileList | null | undefined): Promise<void> => {
    if (files && files.length > 0) {
      const parts = await Promise.all([...files].map((file) => file.text()));
      setText(parts.join("\n---\n"));
    }
  };
  const analyse = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const type = text.trimStart().startsWith("{") ? "application/json" : "application/yaml";
      const path = withQuery("/analyses", { mode: whatIf ? "STRICT" : "", injected: injected ? "*" : "" });
      setResult((await send<Analysis>("POST", path, text, { type })).data);
    } catch (cause) {
      setResult(undefined);
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <h1 class="hidden">Analyse</h1>
      <Panel title="What do these manifests mean?">
        <form
          class={`drop${over ? " over" : ""}`}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            void take(event.dataTransfer?.files);
          }}
          onSubmit={(event) => {
            event.preventDefault();
            void analyse();
          }}
        >
          <label class="field">
            <span>
              Kubernetes YAML, or a JSON List <span class="dim">(paste, drop files, or the output of kubectl get … -o yaml)</span>
            </span>
            <textarea class="mono" rows={text ? 14 : 8} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <div class="actions">
            <Button type="submit" acts kind="main" icon="lens" disabled={busy || !text.trim()}>
              {busy ? "Analysing …" : "Analyse"}
            </Button>
            <label class="button">
              <Icon name="download" />
              <span>Choose files</span>
              <input class="hidden" type="file" multiple accept=".yaml,.yml,.json" onChange={(event) => void take(event.currentTarget.files)} />
            </label>
            <Button kind="bare" onClick={() => setText(EXAMPLE)}>
              Take an example
            </Button>
            <Check label="What if the whole mesh were STRICT?" checked={whatIf} onChecked={setWhatIf} />
            <Check label="Namespaces that are not given are injected" checked={injected} onChecked={setInjected} />
          </div>
          <Failure error={error} />
        </form>
      </Panel>
      {!result && !error && (
        <Empty icon="lens" title="Nothing analysed yet">
          <p>Modes, hazards and who reaches whom are computed from the manifests alone. They are not kept.</p>
        </Empty>
      )}
      {result && <Result analysis={result} />}
    </>
  );
}

const NAMESPACES: readonly Column<AnalysisNamespace>[] = [
  { key: "name", title: "Namespace", width: "minmax(8rem, 2fr)", cell: (row) => <b class="mono">{row.name}</b>, by: (row) => row.name },
  { key: "posture", title: "Posture", width: "8rem", cell: (row) => <Badge word={postureWord(row.posture)} /> },
  { key: "by", title: "Decided by", width: "minmax(8rem, 1.5fr)", cell: (row) => <DecidedBy policy={row.decidedBy} />, rank: 1 },
  { key: "findings", title: "Findings", width: "7rem", cell: (row) => <Findings findings={row.findings} /> },
  { key: "captured", title: "With proxy", width: "6.5rem", numeric: true, cell: (row) => `${row.captured} / ${row.workloads}`, rank: 1 },
];

const WORKLOADS: readonly Column<Workload>[] = [
  { key: "name", title: "Workload", width: "minmax(9rem, 2fr)", cell: (row) => <span class="mono">{`${row.namespace}/${row.name}`}</span>, by: (row) => `${row.namespace}/${row.name}` },
  { key: "plane", title: "Data plane", width: "7.5rem", cell: (row) => <Badge word={planeWord(row.dataPlane)} quiet />, rank: 1 },
  { key: "mode", title: "Mode", width: "8.5rem", cell: (row) => (row.mode ? <Badge word={modeWord(row.mode)} /> : <span class="dim">not governed</span>) },
  {
    key: "ports",
    title: "Ports",
    width: "minmax(7rem, 1fr)",
    cell: (row) => <span class="num">{row.ports.map((port) => `${port.port} ${port.bypassed ? "bypassed" : (port.mode ?? "")}`).join(", ") || "none"}</span>,
    rank: 1,
  },
  { key: "by", title: "Decided by", width: "minmax(8rem, 1.5fr)", cell: (row) => <DecidedBy policy={row.decidedBy} />, rank: 2 },
  { key: "losers", title: "Without effect", width: "minmax(7rem, 1fr)", cell: (row) => row.losingPolicies.map((loser) => refText(loser.policy)).join(", ") || <span class="dim">–</span>, rank: 2 },
];

const POLICIES: readonly Column<Policy>[] = [
  { key: "name", title: "Policy", width: "minmax(9rem, 2fr)", cell: (row) => <span class="mono">{`${row.namespace}/${row.name}`}</span> },
  { key: "mode", title: "Mode", width: "8.5rem", cell: (row) => (row.mode ? <Badge word={modeWord(row.mode)} quiet={!row.effective} /> : <span class="text-bad">unreadable</span>) },
  { key: "scope", title: "Scope", width: "6.5rem", cell: (row) => (row.scope ? spaced(row.scope) : "–"), rank: 1 },
  { key: "effect", title: "In effect", width: "minmax(9rem, 3fr)", cell: (row) => (row.effective ? "yes" : <span class="text-warn">{said(row.whyNot)}</span>) },
];

const PAIRS: readonly Column<NamespacePair>[] = [
  { key: "from", title: "From", width: "minmax(7rem, 1fr)", cell: (row) => <span class="mono">{row.from}</span>, by: (row) => row.from },
  { key: "to", title: "To", width: "minmax(7rem, 1fr)", cell: (row) => <span class="mono">{row.to}</span>, by: (row) => row.to },
  { key: "ok", title: "Get through", width: "7rem", numeric: true, cell: (row) => `${count(row.ok)} / ${count(row.calls)}`, by: (row) => row.ok / Math.max(1, row.calls) },
  {
    key: "then",
    title: "Refused then",
    width: "7rem",
    numeric: true,
    cell: (row) => (row.refusedThen === undefined ? "–" : <span class={row.refusedThen > row.refused ? "text-bad" : "dim"}>{count(row.refusedThen)}</span>),
    by: (row) => row.refusedThen ?? 0,
  },
];

const isPair = (row: ReachabilityRow): row is NamespacePair => "calls" in row;

function Result({ analysis }: { analysis: Analysis }) {
  const ignored = Object.entries(analysis.ignoredKinds);
  return (
    <>
      {analysis.undefinedNamespaces.length > 0 && (
        <Panel title="Nobody knows whether these namespaces are injected" class="problems">
          <p>
            <span class="mono">{analysis.undefinedNamespaces.slice(0, 20).join(", ")}</span>
            {analysis.undefinedNamespaces.length > 20 && " …"}: the Namespace with its labels is not among the manifests, so none of its pods counts as having a sidecar, and nothing that calls them
            would break. Add it, or tick that such namespaces are injected.
          </p>
        </Panel>
      )}
      {analysis.undefinedGateways.length > 0 && (
        <Panel title="Nobody knows whether these gateways are Istio's" class="problems">
          <p>
            <span class="mono">{analysis.undefinedGateways.slice(0, 20).join(", ")}</span>
            {analysis.undefinedGateways.length > 20 && " …"}: the Gateway is not among the manifests. What comes through one that is not Istio's is plaintext. Add it, with its GatewayClass.
          </p>
        </Panel>
      )}
      {analysis.problems.length > 0 && (
        <Panel title={`${counted(analysis.problems.length, "object")} could not be read`} class="problems">
          <ul class="lines">
            {analysis.problems.slice(0, 100).map((problem) => (
              <li key={`${problem.document} ${problem.pointer}`}>
                <span class="mono">
                  document {problem.document}, line {problem.line} {problem.pointer}
                </span>{" "}
                {said(problem.message)}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {analysis.whatIf && <Then whatIf={analysis.whatIf} already={analysis.reachability.filter(isPair).reduce((sum, pair) => sum + pair.refused, 0)} omitted={analysis.reachabilityOmitted} />}
      <div class="columns">
        <Panel title="Namespaces" aside={count(analysis.namespaces.length)}>
          <Table label="Namespaces" columns={NAMESPACES} rows={analysis.namespaces} id={(row) => row.name} height={420} empty="None" />
        </Panel>
        <Panel title="Findings" aside={count(analysis.findings.length)}>
          {analysis.findings.length === 0 ? <p class="dim">No hazard is known here.</p> : <FindingCards findings={analysis.findings} />}
        </Panel>
        <Panel title="Workloads" aside={count(analysis.workloads.length)}>
          <Table label="Workloads" columns={WORKLOADS} rows={analysis.workloads} id={(row) => `${row.kind} ${row.namespace}/${row.name}`} height={420} empty="None" />
        </Panel>
        <Panel title="Who reaches whom, by namespace" aside={analysis.reachabilityOmitted && <span class="text-warn">{said(analysis.reachabilityOmitted)}</span>}>
          <Table label="Reachability" columns={PAIRS} rows={analysis.reachability.filter(isPair)} id={(row) => `${row.from} ${row.to}`} height={420} empty="Nobody calls anybody" />
        </Panel>
        <Panel title="PeerAuthentications" aside={count(analysis.policies.length)}>
          <Table label="Policies" columns={POLICIES} rows={analysis.policies} id={(row) => `${row.namespace}/${row.name}`} height={420} empty="None" />
        </Panel>
      </div>
      {ignored.length > 0 && <p class="dim">Passed over: {ignored.map(([kind, number]) => `${count(number)} × ${kind}`).join(", ")}</p>}
    </>
  );
}

/**
 * @param already calls that are refused as it is
 * @param omitted why they were not told; null when they were
 */
function Then({ whatIf, already, omitted }: { whatIf: WhatIf; already: number; omitted: string | null }) {
  const outside = whatIf.breaksFromOutside.length;
  const bad = (whatIf.breaking ?? 0) > 0 || outside > 0;
  const refused = [
    whatIf.breaking ? counted(whatIf.breaking, "call") : "",
    outside > 0 ? `what comes from outside by ${counted(outside, "way")}` : "",
  ].filter(Boolean);
  return (
    <Panel title="If the whole mesh were STRICT">
      {whatIf.breaking === null ? (
        <p class="dim">Too many calls to tell how many would break.</p>
      ) : (
        <p class={`verdict tone-${bad ? "bad" : "good"}`}>
          <Icon name={bad ? "cross" : "check"} />
          <span>
            {bad ? `${refused.join(", and ")} would be refused` : "Nobody new among these manifests would be refused"}
            {already > 0 && `; ${counted(already, "call")} ${already === 1 ? "is" : "are"} refused already`}
          </span>
        </p>
      )}
      {omitted && <p class="dim">How many calls are refused already was left out: {said(omitted)}.</p>}
      {whatIf.breaks.length > 0 && (
        <ul class="lines">
          {whatIf.breaks.slice(0, 50).map((call, index) => (
            <li key={index} class="mono">
              {call.from.namespace}/{call.from.name} → {call.to.namespace}/{call.to.service}:{call.to.port} <span class="dim">{spaced(call.clientTls).toLowerCase()}</span>
            </li>
          ))}
        </ul>
      )}
      {outside > 0 && (
        <ul class="lines">
          {whatIf.breaksFromOutside.slice(0, 50).map((finding, index) => (
            <li key={index}>
              <span class="mono">{finding.code}</span> {said(finding.message)}
            </li>
          ))}
        </ul>
      )}
      <p class="dim">Clients that these manifests do not have, in other namespaces or clusters, are not known.</p>
      <Obstacles obstacles={whatIf.obstacles} />
      <Changes changes={whatIf.changes.slice(0, 40)} label="What would be written" />
      {whatIf.changes.length > 0 && <Code text={draftOf(whatIf.changes)} name="strict.yaml" label="Drafted policies as YAML" />}
    </Panel>
  );
}
