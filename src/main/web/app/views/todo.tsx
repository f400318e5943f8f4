import { useState } from "preact/hooks";
import { useRights } from "../api/access";
import { request, segment, send, withQuery } from "../api/client";
import { useList } from "../api/store";
import type { NoticeTest, Owner, Reception, WorklistItem } from "../api/types";
import { Cell } from "../plan/form";
import { filter, href, type Route } from "../router";
import { Failure } from "../ui/dialog";
import { count, counted, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Ago, Badge, Button, Code, Copy, Empty, Panel, Shares, Skeleton, Tabs, Trouble, download } from "../ui/parts";
import { STATE_ORDER, spaced, stateWord, type Tone } from "../ui/words";

/** What nobody owns. */
const NOBODY = "-";
const SHOWN = 50;

/** Who has to act, on what, and what it frees; a team opens the address with its name. */
export function TodoView({ route }: { route: Route }) {
  const { owner = "", more = "" } = route.query;
  const { data: owners } = useList<Owner>("/owners", 5000);
  const { data, error } = useList<WorklistItem>(withQuery("/worklist", { owner }), 5000);
  const limit = SHOWN * (1 + (Number(more) || 0));
  const shown = (owners ?? []).filter((one) => !owner || (one.owner ?? NOBODY) === owner);
  return (
    <>
      <h1 class="hidden">To do</h1>
      <Panel title="How far everybody is" aside={<Share owner={owner} />}>
        <Tabs
          label="Owners"
          current={owner}
          tabs={[
            { key: "", text: "Everybody", href: href(["todo"]) },
            ...(owners ?? []).map((one) => ({
              key: one.owner ?? NOBODY,
              text: one.owner ?? "Nobody's",
              href: href(["todo"], { owner: one.owner ?? NOBODY }),
              count: one.items,
            })),
          ]}
        />
        <Shares label="Namespaces by how far they are" shares={shares(shown)} />
      </Panel>
      <Panel title={owner === NOBODY ? "What nobody owns" : owner ? `What ${owner} can do` : "What frees most comes first"} aside={data && <span class="dim">{counted(data.length, "item")}</span>}>
        <Trouble error={error} />
        {!data && !error && <Skeleton lines={8} />}
        {data?.length === 0 && <Empty icon="check" title="Nothing to do: no namespace waits for it" />}
        <ol class="plans todo">
          {data?.slice(0, limit).map((item) => (
            <li key={`${item.kind} ${item.subject.kind} ${item.subject.namespace}/${item.subject.name} ${item.plan}`} class="plan-card">
              <Todo item={item} />
            </li>
          ))}
        </ol>
        {data && data.length > limit && (
          <Button onClick={() => filter({ more: String((Number(more) || 0) + 1) })}>{`Show more of ${count(data.length)}`}</Button>
        )}
      </Panel>
      <NoticeTrial />
    </>
  );
}

const RECEPTIONS: Record<Reception, readonly [tone: Tone, text: string]> = {
  ACCEPTED: ["good", "has accepted the test"],
  REFUSED: ["bad", "does not want the message"],
  FAILED: ["warn", "was not reached, or has answered with an error"],
  NOT_CALLED: ["bad", "was not called, because its address is blocked"],
};

/** Who else is told of all this is configured; a test tells whether it arrives. */
function NoticeTrial() {
  const { can } = useRights();
  const [receiver, name] = useState("");
  const [tried, tell] = useState<NoticeTest>();
  const [error, fail] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (!can("update")) {
    return null;
  }
  const test = async (): Promise<void> => {
    setBusy(true);
    tell(undefined);
    fail(undefined);
    try {
      tell((await send<NoticeTest>("POST", `/notices/${segment(receiver.trim())}/test`)).data);
    } catch (cause) {
      fail(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Notices">
      <p class="dim">What needs attention is also sent to the receivers that the service is configured with. A test shows whether one gets it.</p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void test();
        }}
      >
        <Cell label="Receiver" value={receiver} onValue={name} placeholder="its name, as configured" required />
        <Button type="submit" acts icon="right" disabled={busy}>
          Send a test
        </Button>
      </form>
      <Failure error={error} />
      {tried && <Tried tried={tried} />}
    </Panel>
  );
}

function Tried({ tried }: { tried: NoticeTest }) {
  const [tone, text] = RECEPTIONS[tried.outcome];
  return (
    <p class={`verdict tone-${tone}`} role="status">
      <Icon name={tone === "good" ? "check" : "alert"} />
      <span>
        {tried.receiver} {text}
        {tried.detail && `: ${said(tried.detail)}`}.
      </span>
    </p>
  );
}

function shares(owners: readonly Owner[]) {
  return STATE_ORDER.map((state) => ({
    key: state,
    word: stateWord(state),
    value: owners.reduce((sum, owner) => sum + (owner.namespaces[state] ?? 0), 0),
  }));
}

/** The address of what is shown, and the same as a text for a ticket. */
function Share({ owner }: { owner: string }) {
  const save = async (): Promise<void> => {
    const response = await request(withQuery("/worklist", { owner }), { headers: { Accept: "text/markdown" } });
    download(`to-do${owner && owner !== NOBODY ? `-${owner}` : ""}.md`, await response.text(), "text/markdown");
  };
  return (
    <span class="inline">
      <Copy text={() => location.href}>Copy link</Copy>
      <Button acts icon="download" onClick={() => void save()}>
        Markdown
      </Button>
    </span>
  );
}

function Todo({ item }: { item: WorklistItem }) {
  return (
    <>
      <div class="inline spread">
        <span class="inline">
          <b class="big">{item.title}</b>
          <Badge word={{ text: spaced(item.kind), tone: item.unblocksAlone > 0 ? "info" : "idle", icon: "hand" }} quiet />
          <span class="dim">{item.owner ?? "nobody's"}</span>
        </span>
        {item.calls > 0 && (
          <span class="num dim">
            {counted(item.calls, "call")}
            {item.lastSeen && (
              <>
                , last <Ago at={item.lastSeen} />
              </>
            )}
          </span>
        )}
      </div>
      <Frees item={item} only />
      <Frees item={item} only={false} />
      <p>{said(item.why)}</p>
      <p class="dim">{said(item.advice)}</p>
      {item.remedy && <Code text={item.remedy} label={`What to copy: ${item.title}`} />}
      {item.evidence.length > 0 && (
        <details class="gaps">
          <summary class="dim">{counted(item.evidence.length, "fact")} behind it</summary>
          <ul>
            {item.evidence.map((fact) => (
              <li key={fact}>{said(fact)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Frees({ item, only }: { item: WorklistItem; only: boolean }) {
  const namespaces = item.unblocks.filter((one) => one.only === only);
  const all = only ? item.unblocksAlone : item.unblocksCount - item.unblocksAlone;
  if (all === 0) {
    return null;
  }
  return (
    <p>
      {only ? "Frees " : "With others frees "}
      {namespaces.slice(0, 8).map((one, at) => (
        <>
          {at > 0 && ", "}
          <a class="mono" href={href(["namespaces", one.namespace])}>
            {one.namespace}
          </a>
        </>
      ))}
      {all > Math.min(8, namespaces.length) && ` and ${count(all - Math.min(8, namespaces.length))} more`}
    </p>
  );
}
