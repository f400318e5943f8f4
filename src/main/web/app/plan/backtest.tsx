import { useEffect, useState } from "preact/hooks";
import { useRights } from "../api/access";
import { request, segment, send } from "../api/client";
import type { Backtest, BacktestBody, BacktestNamespace, BacktestRefused, BacktestUnknown, Plan } from "../api/types";
import { filter, href, type Route } from "../router";
import { Failure } from "../ui/dialog";
import { between, clock, count, counted, duration, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { At, Badge, Button, Choice, Client, Empty, FirstOf, Panel, Shares, Skeleton, download, type Option } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { BACKTEST_ORDER, backtestWord, causeWord, spaced } from "../ui/words";
import { stepName } from "./names";

/** Namespaces that the service judges at a time. */
const MOST = 100;
/** Times that are shown of a namespace at first. */
const FEW = 3;

interface Question {
  readonly from: string;
  readonly to: string;
  readonly part: string;
}

interface Answered {
  readonly backtest?: Backtest;
  readonly error?: unknown;
}

/** What would have become of the plan in the past, as far as history can tell. */
export function BacktestTab({ plan, route }: { plan: Plan; route: Route }) {
  const { can, access } = useRights();
  const { from = "", to = "", part = "", asked = "" } = route.query;
  const [attempt, again] = useState(0);
  const [answered, answer] = useState<Answered>();
  const parts = partsOf(plan);
  const may = can("list");
  const path = `/plans/${segment(plan.name)}/backtest`;
  const body = bodyOf({ from, to, part }, parts);
  useEffect(() => {
    if (!asked || !may) {
      return undefined;
    }
    let current = true;
    answer(undefined);
    send<Backtest>("POST", path, body).then(
      ({ data }) => current && answer({ backtest: data }),
      (error: unknown) => current && answer({ error }),
    );
    return () => {
      current = false;
    };
  }, [asked, may, path, from, to, part, attempt]);
  const ask = (question: Question): void => {
    filter({ from: question.from || undefined, to: question.to || undefined, part: question.part || undefined, asked: "yes" });
    again(attempt + 1);
  };
  const save = async (): Promise<void> => {
    const response = await request(path, { method: "POST", headers: { Accept: "text/markdown", "Content-Type": "application/json" }, body: JSON.stringify(body) });
    download(`backtest-${plan.name}.md`, await response.text(), "text/markdown");
  };
  if (access && !may) {
    return (
      <Empty icon="lock" title="You may not ask the history">
        <p>The verb list on all of migrationplans.mtls-migration.io is needed, because the answer names clients of other teams.</p>
      </Empty>
    );
  }
  return (
    <>
      <Panel title="Had this plan run in the past">
        <p class="dim">When each namespace would have been locked, and who would have been refused then, by the calls that are on record. Nothing is changed.</p>
        <Asking key={`${from} ${to} ${part}`} question={{ from, to, part }} parts={parts} busy={asked !== "" && !answered} onAsk={ask} />
      </Panel>
      {asked !== "" && !answered && (
        <Panel title="History is being read">
          <p class="dim">This takes ten seconds at most.</p>
          <Skeleton lines={6} />
        </Panel>
      )}
      {answered?.error !== undefined && <Failure error={answered.error} />}
      {answered?.backtest && <Result backtest={answered.backtest} plan={plan.name} onAgain={() => again(attempt + 1)} onSave={() => void save()} />}
    </>
  );
}

interface Part extends Option {
  /** All of the plan when missing. */
  readonly namespaces?: readonly string[];
}

/** What can be judged at a time: the plan as a whole, or a wave, in parts where it is large. */
function partsOf(plan: Plan): readonly Part[] {
  const whole = plan.waves.reduce((sum, wave) => sum + wave.namespaces.length, 0);
  const waves = plan.waves.flatMap((wave): readonly Part[] => {
    const size = wave.namespaces.length;
    if (size <= MOST) {
      return [{ value: wave.name, text: `${wave.name} (${counted(size, "namespace")})`, namespaces: wave.namespaces }];
    }
    return Array.from({ length: Math.ceil(size / MOST) }, (_, at) => {
      const last = Math.min(size, (at + 1) * MOST);
      return { value: `${wave.name} ${at + 1}`, text: `${wave.name}, ${count(at * MOST + 1)} to ${count(last)} of ${count(size)}`, namespaces: wave.namespaces.slice(at * MOST, last) };
    });
  });
  return whole > MOST ? waves : [{ value: "", text: `all ${counted(whole, "namespace")}` }, ...waves];
}

const partOf = (value: string, parts: readonly Part[]): Part | undefined => parts.find((one) => one.value === value) ?? parts[0];

function bodyOf({ from, to, part }: Question, parts: readonly Part[]): BacktestBody {
  const namespaces = partOf(part, parts)?.namespaces;
  return { ...(from && { from: instant(from) }), ...(to && { to: instant(to) }), ...(namespaces && { namespaces }) };
}

/** What is no time goes as it is: the service says what it expects. */
function instant(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? local : time.toISOString();
}

function Asking({ question, parts, busy, onAsk }: { question: Question; parts: readonly Part[]; busy: boolean; onAsk(question: Question): void }) {
  const [{ from, to, part }, set] = useState(question);
  return (
    <form
      class="asking"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk({ from, to, part });
      }}
    >
      <label class="choice">
        <span>Started at</span>
        <input type="datetime-local" value={from} onInput={(e) => set({ from: e.currentTarget.value, to, part })} />
      </label>
      <label class="choice">
        <span>until</span>
        <input type="datetime-local" value={to} onInput={(e) => set({ from, to: e.currentTarget.value, part })} />
      </label>
      {parts.length > 1 && <Choice label="with" value={partOf(part, parts)?.value ?? ""} options={parts} onValue={(next) => set({ from, to, part: next })} />}
      <Button type="submit" kind="main" acts icon="clock" disabled={busy}>
        Ask the history
      </Button>
      <p class="dim">Left empty, it starts where the history begins, and ends now. By whole hours; 90 days back at most.</p>
    </form>
  );
}

function Result({ backtest, plan, onAgain, onSave }: { backtest: Backtest; plan: string; onAgain(): void; onSave(): void }) {
  const { counts } = backtest;
  const value: Record<string, number> = { OPENS: counts.opens, STAYS_SHUT: counts.staysShut, UNKNOWN: counts.unknown, LEFT_OPEN: counts.leftOpen };
  const unanswered = backtest.namespaces.filter(({ unknown }) => unknown.some(({ cause }) => cause === "EVIDENCE_UNAVAILABLE")).length;
  return (
    <>
      <Panel
        title={
          <>
            From {between(backtest.from, backtest.to)}
          </>
        }
        aside={
          <Button acts icon="download" onClick={onSave}>
            As Markdown
          </Button>
        }
      >
        {unanswered > 0 && (
          <div class="callout tone-warn" role="status">
            <Icon name="clock" />
            <p>
              Of {counted(unanswered, "namespace")} the history has not been answered yet, so the answer is not whole. It is mostly there when you ask again.
            </p>
            <Button acts kind="main" icon="turn" onClick={onAgain}>
              Ask again
            </Button>
          </div>
        )}
        <Shares label="Namespaces by what would have become of them" shares={BACKTEST_ORDER.map((key) => ({ key, word: backtestWord(key), value: value[key] ?? 0 }))} />
        <p class="dim">
          By a window of {duration(backtest.plaintextWindow)} without plaintext and a soak of {duration(backtest.soak)}. Times are known to {duration(backtest.resolution)}.
        </p>
        {backtest.notJudged.length > 0 && (
          <>
            <h3>What is not judged, and taken as given</h3>
            <ul class="limits">
              {backtest.notJudged.map((one) => (
                <li key={one.kind}>
                  <b>{spaced(one.kind)}</b>: {said(one.message)}
                </li>
              ))}
            </ul>
          </>
        )}
      </Panel>
      {backtest.namespaces.length === 0 ? (
        <Empty icon="none" title="The plan has no namespace to judge" />
      ) : (
        <ul class="backtest" aria-label="What would have become of each namespace">
          {backtest.namespaces.map((one) => (
            <li key={one.namespace} class="panel">
              <Past plan={plan} one={one} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const REFUSED: readonly Column<BacktestRefused>[] = [
  {
    key: "client",
    title: "Client",
    width: "minmax(8rem, 1.4fr)",
    cell: (row) => (
      <span>
        <Client of={row.client} owner={row.owner} />
        {row.mayFail && <span class="dim">, may fail</span>}
      </span>
    ),
  },
  {
    key: "servers",
    title: "Would have been refused by",
    brief: "By",
    width: "minmax(8rem, 1.4fr)",
    cell: (row) => <FirstOf names={row.servers} />,
  },
  { key: "calls", title: "Calls", width: "4.5rem", small: "3rem", numeric: true, cell: (row) => count(row.calls) },
  { key: "first", title: "First", width: "8rem", cell: (row) => <At at={row.firstCall} />, rank: 2 },
  { key: "last", title: "Last", width: "8rem", cell: (row) => <At at={row.lastCall} />, rank: 1 },
];

function Past({ plan, one }: { plan: string; one: BacktestNamespace }) {
  const { refused, refusedCount, opensAt, gateOpensAt, mayOpenAt, knownFrom } = one;
  return (
    <>
      <div class="inline">
        <a class="mono strong" href={href(["plans", plan], { step: stepName(one.namespace) })}>
          {one.namespace}
        </a>
        <span class="dim">in {one.wave}</span>
        <Badge word={backtestWord(one.outcome)} />
      </div>
      <p>{said(spelt(one.message))}</p>
      <dl class="facts-list">
        {opensAt && <Fact term="Locked, at the latest">{clock(opensAt)}</Fact>}
        {!opensAt && mayOpenAt && <Fact term="Not locked before">{clock(mayOpenAt)}</Fact>}
        <Fact term="Plaintext gate alone">{gateOpensAt ? `passes at ${clock(gateOpensAt)}, at the latest` : "not known to have passed"}</Fact>
        <Fact term="On record since">{knownFrom ? clock(knownFrom) : "nothing is on record"}</Fact>
      </dl>
      {opensAt && refused.length === 0 && <p class="dim">Nobody is known to have called afterwards.</p>}
      {refused.length > 0 && (
        <>
          <Table
            label={`Would have been refused by ${one.namespace}`}
            columns={REFUSED}
            rows={refused}
            id={(row) => row.client}
            height={300}
            empty=""
            rowClass={(row) => (row.mayFail ? "" : "row-bad")}
          />
          {refusedCount > refused.length && (
            <p class="dim">
              The first {count(refused.length)} of {counted(refusedCount, "client")}
            </p>
          )}
        </>
      )}
      {one.unknown.length > 0 && <Unknown times={one.unknown} opensAt={opensAt} />}
    </>
  );
}

function Fact({ term, children }: { term: string; children: string }) {
  return (
    <>
      <dt>{term}</dt>
      <dd class="num">{children}</dd>
    </>
  );
}

/** Hours whose silence nobody knows: they are told before anybody takes them for silent. */
function Unknown({ times, opensAt }: { times: readonly BacktestUnknown[]; opensAt: string | null }) {
  const after = opensAt !== null && times.some(({ until }) => until > opensAt);
  const line = ({ from, until, cause, detail }: BacktestUnknown) => (
    <li key={`${from} ${until} ${cause}`}>
      <span class="num">
        {between(from, until)}
      </span>
      : {causeWord(cause)}
      {detail && `: ${said(detail)}`}
    </li>
  );
  return (
    <div class="not-known">
      <p>
        <Icon name="question" /> <b>What history cannot tell</b>
        {after && <span class="dim">: also of times after the lock, so more clients may have been refused</span>}
      </p>
      <ul class="limits">{times.slice(0, FEW).map(line)}</ul>
      {times.length > FEW && (
        <details>
          <summary>{counted(times.length - FEW, "further time")}</summary>
          <ul class="limits">{times.slice(FEW).map(line)}</ul>
        </details>
      )}
    </div>
  );
}

/** A sentence of the service with its causes in words. */
const spelt = (message: string): string => message.replace(/\b[A-Z]+(?:_[A-Z]+)+\b/g, causeWord);
