import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useRights } from "../api/access";
import { segment, send, withQuery } from "../api/client";
import { refreshAll, useList, useResource } from "../api/store";
import type { Namespace, WireCheck, WireCheckList, WireConnection, Workload } from "../api/types";
import { filter, go, href, type Route } from "../router";
import { Dialog, Failure } from "../ui/dialog";
import { count, counted, duration, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Ago, At, Badge, Button, Choice, Empty, Name, Panel, Shares, Skeleton, Trouble } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { answerWord, basisWord, spaced, wireStateWord, wireVerdictWord, wireWord, WIRE_ORDER } from "../ui/words";

/** What connections look like on the wire: the checks that were made, one of them, and making one. */
export function WireView({ route }: { route: Route }) {
  const id = route.path[1];
  return id ? <One id={id} /> : <All route={route} />;
}

function All({ route }: { route: Route }) {
  const { namespace = "", start } = route.query;
  const { data: namespaces } = useList<Namespace>("/namespaces", 10_000);
  return (
    <>
      <h1 class="hidden">Wire</h1>
      <WireChecks
        namespace={namespace}
        start={start}
        aside={
          <Choice
            label="Namespace"
            value={namespace}
            options={[{ value: "", text: "All namespaces" }, ...(namespaces ?? []).map(({ name }) => ({ value: name, text: name }))]}
            onValue={(value) => filter({ namespace: value || undefined })}
          />
        }
      />
    </>
  );
}

/**
 * The latest checks, of one namespace or of all.
 *
 * @param namespace empty for all
 * @param start workload to begin a check of; the dialog is open then
 */
export function WireChecks({ namespace, start, aside }: { namespace: string; start?: string | undefined; aside?: JSX.Element }) {
  const { access, can } = useRights();
  const may = can("capture");
  const { data, error } = useResource<WireCheckList>(may ? withQuery("/wire-checks", { namespace, limit: 100 }) : null, 2000);
  if (access && !may) {
    return (
      <Panel title="Wire checks" aside={aside}>
        <Empty icon="eye" title="You may not look at the wire">
          <p>What is captured can hold what callers sent. It takes the verb capture.</p>
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel
      title="Wire checks"
      aside={
        <span class="inline">
          {aside}
          {may && (
            <Button acts kind="main" icon="eye" onClick={() => filter({ start: "?" })}>
              Look at the wire
            </Button>
          )}
        </span>
      }
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={4} />}
      {data && data.items.length === 0 && (
        <Empty icon="eye" title="Nobody has looked yet">
          <p>
            A check watches what arrives at a pod, outside its proxy, and tells of each connection whether it was plaintext, TLS, or Istio's mutual
            TLS. Checks are remembered until the service restarts.
          </p>
        </Empty>
      )}
      <ul class="plans">{data?.items.map((check) => <Card key={check.id} check={check} />)}</ul>
      {start !== undefined && may && <StartDialog namespace={namespace} workload={start === "?" ? "" : start} onClose={() => filter({ start: undefined })} />}
    </Panel>
  );
}

function Card({ check }: { check: WireCheck }) {
  return (
    <li class="plan-card">
      <div class="inline spread">
        <span class="inline">
          <a class="big mono" href={href(["wire", check.id])}>
            <Name of={`${check.namespace}/${check.workload}`} />
          </a>
          <Verdict check={check} />
        </span>
        <span class="dim">
          <Ago at={check.startedAt} />
        </span>
      </div>
      {check.state === "DONE" && check.connections.length > 0 && <Counts check={check} />}
      {check.failure && <p class="dim">{said(check.failure.reason)}</p>}
    </li>
  );
}

function Verdict({ check }: { check: WireCheck }) {
  return <Badge word={check.verdict ? wireVerdictWord(check.verdict) : wireStateWord(check.state)} />;
}

function Counts({ check }: { check: WireCheck }) {
  return (
    <Shares
      label="Connections by how they were secured"
      shares={WIRE_ORDER.filter((key) => (check.counts[key] ?? 0) > 0).map((key) => ({ key, word: wireWord(key), value: check.counts[key] ?? 0 }))}
    />
  );
}

const COLUMNS: readonly Column<WireConnection>[] = [
  { key: "security", title: "How", width: "8.8rem", small: "3.4rem", cell: (row) => <span class="iconic"><Badge word={wireWord(row.security)} quiet={row.security === "ISTIO_MTLS"} /></span> },
  {
    key: "peer",
    title: "Client",
    width: "minmax(9rem, 1.4fr)",
    cell: (row) =>
      row.workload ? (
        <span title={row.peer}>
          <Name of={row.workload} />
        </span>
      ) : (
        <span class="mono">
          {row.peer}
          {row.node && <span class="dim"> node {row.node}</span>}
        </span>
      ),
  },
  { key: "port", title: "Port", width: "4.5rem", numeric: true, cell: (row) => row.port, rank: 1 },
  { key: "answer", title: "Answer", width: "8rem", small: "6.8rem", cell: (row) => <Badge word={answerWord(row.answer)} quiet /> },
  { key: "said", title: "What was seen", width: "minmax(10rem, 3fr)", cell: (row) => <Seen connection={row} />, rank: 1 },
  { key: "at", title: "At", width: "5.5rem", cell: (row) => <At at={row.startedAt} />, rank: 2 },
];

/** First bytes of plaintext; of TLS whom it asked for; else what the judgement rests on. */
function Seen({ connection }: { connection: WireConnection }) {
  if (connection.firstBytes) {
    return (
      <code class="bytes" title={connection.firstBytes}>
        {connection.firstBytes}
      </code>
    );
  }
  const hello = [connection.sni, connection.alpn.length > 0 ? `offers ${connection.alpn.join(", ")}` : ""].filter(Boolean).join("; ");
  return <span class="dim" title={hello}>{hello && connection.basis === "BEGINNING" ? hello : basisWord(connection.basis)}</span>;
}

function One({ id }: { id: string }) {
  const { data: check, error } = useResource<WireCheck>(`/wire-checks/${segment(id)}`, 1500);
  if (error?.status === 404) {
    return (
      <Empty icon="question" title="This check is not known">
        <p>The latest hundred are remembered, until the service restarts.</p>
        <a href={href(["wire"])}>All checks</a>
      </Empty>
    );
  }
  return (
    <>
      <div class="view-head">
        <p class="crumbs">
          <a href={href(["wire"], check ? { namespace: check.namespace } : {})}>Wire checks</a>
        </p>
        {check && (
          <div class="inline spread">
            <h1 class="mono">
              <Name of={`${check.namespace}/${check.workload}`} />
            </h1>
            <Verdict check={check} />
          </div>
        )}
        {check && <About check={check} />}
      </div>
      <Trouble error={error} />
      {!check && !error && <Skeleton lines={6} />}
      {check && <Found check={check} />}
    </>
  );
}

function About({ check }: { check: WireCheck }) {
  const bypassed = check.ports.filter((port) => port.bypassed).map((port) => port.port);
  return (
    <>
      <p class="dim inline">
        <span>
          pod <span class="mono">{check.pod}</span>
        </span>
        <span>
          {check.ports.length === 1 ? "port" : "ports"} <span class="num">{check.ports.map((port) => port.port).join(", ")}</span>
        </span>
        <span>
          begun <Ago at={check.startedAt} />, {duration(check.duration)} at most
        </span>
        {check.state === "DONE" && (
          <span>
            {counted(check.packets, "packet")}
            {check.lost > 0 && `, ${count(check.lost)} could not be looked at`}
            {check.endedBy && check.endedBy !== "TIME" && `; ended by the number or size of packets`}
          </span>
        )}
      </p>
      {bypassed.length > 0 && (
        <p class="callout tone-warn">
          <Icon name="alert" />
          <span>No proxy stands before {bypassed.length === 1 ? "port" : "ports"} {bypassed.join(", ")}: no policy protects it.</span>
        </p>
      )}
    </>
  );
}

function Found({ check }: { check: WireCheck }) {
  if (check.failure) {
    return (
      <Panel title="Nothing could be captured">
        <p>
          <Badge word={{ text: spaced(check.failure.code), tone: "bad", icon: "cross" }} /> {said(check.failure.reason)}
        </p>
        <p class="remedy">
          <b>Do:</b> {said(check.failure.remedy)}
        </p>
      </Panel>
    );
  }
  if (check.state === "RUNNING") {
    return (
      <Panel title="Connections">
        <p class="verdict tone-busy" role="status">
          <Icon name="turn" />
          <span>Watching {check.pod}; what was seen is told when it has ended.</span>
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Connections" class="found" aside={<span class="dim">{check.verdict && wireVerdictWord(check.verdict).hint}</span>}>
      {check.connections.length > 0 && <Counts check={check} />}
      <Table
        label="Connections"
        columns={COLUMNS}
        rows={check.connections}
        id={(row) => `${row.peer} ${row.port} ${row.startedAt}`}
        empty="Nobody called while it ran, which proves nothing."
        rowClass={(row) => (row.security === "PLAINTEXT" && row.answer !== "RESET" ? "row-bad" : "")}
      />
    </Panel>
  );
}

function StartDialog({ namespace: given, workload: first, onClose }: { namespace: string; workload: string; onClose(): void }) {
  const [namespace, setNamespace] = useState(given);
  const [workload, setWorkload] = useState(first);
  const [port, setPort] = useState("");
  const [lasts, setLasts] = useState("10s");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const { data: namespaces } = useList<Namespace>("/namespaces", 60_000);
  const { data: workloads } = useList<Workload>(namespace ? `/namespaces/${segment(namespace)}/workloads` : null, 60_000);
  const chosen = workload || (workloads?.[0]?.name ?? "");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const body = { namespace, workload: chosen, duration: lasts.trim() || undefined, port: port.trim() ? Number(port) : undefined };
      const { data } = await send<WireCheck>("POST", "/wire-checks", body);
      refreshAll();
      go(["wire", data.id]);
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  const named = (name: string) => ({ value: name, text: name });
  return (
    <Dialog title="Look at the wire" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <div class="dialog-body">
          <p>
            Packets that arrive at one pod of the workload are captured outside its proxy. Of plaintext the first bytes are shown to whoever may
            capture; nothing is changed.
          </p>
          <Choice
            label="Namespace"
            value={namespace}
            options={[...(namespace ? [] : [{ value: "", text: "Choose one" }]), ...(namespaces ?? []).map(({ name }) => named(name))]}
            onValue={(value) => {
              setNamespace(value);
              setWorkload("");
            }}
          />
          <Choice label="Workload" value={chosen} options={(workloads ?? []).map(({ name }) => named(name))} onValue={setWorkload} />
          <label class="field">
            <span>
              Container port <span class="dim">(all when left empty)</span>
            </span>
            <input inputMode="numeric" pattern="[0-9]*" value={port} onInput={(e) => setPort(e.currentTarget.value)} />
          </label>
          <label class="field">
            <span>For how long</span>
            <input value={lasts} onInput={(e) => setLasts(e.currentTarget.value)} />
          </label>
          <Failure error={error} />
        </div>
        <footer class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" acts kind="main" disabled={busy || !namespace || !chosen}>
            {busy ? "Asking …" : "Look"}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
