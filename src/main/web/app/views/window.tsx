import { segment, withQuery } from "../api/client";
import { useResource } from "../api/store";
import type { CallBucket, NamespaceWindow, PlaintextClient } from "../api/types";
import { filter, href, type Route } from "../router";
import { count, counted, duration, said, seconds } from "../ui/format";
import { Icon } from "../ui/icons";
import { Choice, Empty, Name, Panel, Skeleton, Trouble } from "../ui/parts";
import { spaced } from "../ui/words";

const RANGES = [
  { value: "P7D", text: "7 days" },
  { value: "P30D", text: "30 days" },
  { value: "P90D", text: "90 days" },
];
const USUAL = "P30D";
const DAY = 86_400;

/** When each client sent plaintext, and whether the windows of plans have room for its silences. */
export function WindowPanel({ namespace, route }: { namespace: string; route: Route }) {
  const asked = route.query["history"];
  const history = RANGES.some(({ value }) => value === asked) ? (asked as string) : USUAL;
  const { data, error } = useResource<NamespaceWindow>(withQuery(`/namespaces/${segment(namespace)}/window`, { history }), 60_000);
  return (
    <Panel
      title="Is the window long enough?"
      aside={<Choice label="History" hideLabel value={history} options={RANGES} onValue={(value) => filter({ history: value === USUAL ? undefined : value })} />}
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={6} />}
      {data && <Study study={data} />}
    </Panel>
  );
}

function Study({ study }: { study: NamespaceWindow }) {
  if (study.evidence !== "MEASURED") {
    return (
      <Empty icon="question" title={study.evidence === "UNAVAILABLE" ? "The history is not known yet" : "There is no history"}>
        <p>{said(study.detail)}</p>
      </Empty>
    );
  }
  return (
    <>
      <p>
        {study.window ? (
          <>
            A window of <b>{duration(study.window)}</b> would have missed nobody whose period is known; <Name of={study.decidedBy ?? ""} /> decides it.
          </>
        ) : (
          "No client is known whose period could decide a window."
        )}
      </p>
      {study.plans.map((plan) => (
        <div key={plan.plan} class={plan.warnings.length > 0 ? "trouble" : ""}>
          {plan.warnings.length > 0 && <Icon name="alert" />}
          <div>
            <p>
              <a href={href(["plans", plan.plan])}>Plan {plan.plan}</a> waits for {duration(plan.plaintextWindow)} without plaintext
              {plan.warnings.length > 0 ? "." : study.window ? ": nobody was seen silent for as long." : "; this history cannot tell whether that is long enough."}
            </p>
            {plan.warnings.map((warning) => (
              <p key={warning}>{said(warning)}</p>
            ))}
          </div>
        </div>
      ))}
      {study.clients.length > 0 && <Calendar study={study} />}
      {study.clientCount > study.clients.length && (
        <p class="dim">
          The first {count(study.clients.length)} of {counted(study.clientCount, "client")}
        </p>
      )}
      {study.limits.length > 0 && (
        <>
          <h3>What this history cannot tell</h3>
          <ul class="limits">
            {study.limits.map((limit) => (
              <li key={limit.kind}>
                <b>{spaced(limit.kind)}</b>: {said(limit.message)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Calendar({ study }: { study: NamespaceWindow }) {
  const most = Math.max(1, ...study.clients.flatMap((client) => client.buckets.map((bucket) => bucket.calls ?? 0)));
  const daily = seconds(study.bucket) >= DAY;
  return (
    <>
      <h3>Plaintext calls by {daily ? "day" : "hour"} of UTC, the oldest on the left</h3>
      <ul class="calendar">
        {study.clients.map((client) => (
          <li key={client.client}>
            <div class="inline spread">
              <span class="inline">
                <Name of={client.client} />
                {client.owner && <span class="dim">of {client.owner}</span>}
              </span>
              <span class="dim">
                {counted(client.calls, "call")}; {silence(client)}
              </span>
            </div>
            <Cells client={client} most={most} daily={daily} />
          </li>
        ))}
      </ul>
      <p class="inline dim calendar-key" aria-hidden="true">
        <i class="cell heat-0" /> no call
        {[1, 2, 3, 4].map((heat) => (
          <i key={heat} class={`cell heat-${heat}`} />
        ))}
        up to {count(most)} <i class="cell unwatched" /> nobody watched
      </p>
    </>
  );
}

function silence({ longestSilence, seenSilence, sinceLastCall, window }: PlaintextClient): string {
  if (!longestSilence) {
    return "called in one hour alone";
  }
  const seen = seenSilence ? `seen silent for ${duration(seenSilence.length)}` : "never seen silent for an hour";
  return `${seen}, last call ${duration(sinceLastCall)} ago; needs ${duration(window)}`;
}

function Cells({ client, most, daily }: { client: PlaintextClient; most: number; daily: boolean }) {
  const called = client.buckets.filter(({ calls }) => (calls ?? 0) > 0).length;
  const unknown = client.buckets.filter(({ calls }) => calls === null).length;
  const unit = daily ? "day" : "hour";
  const summary = `${client.client} called in ${count(called)} of ${counted(client.buckets.length, unit)}; of ${count(unknown)} nobody knows`;
  return (
    <div class="cells" role="img" aria-label={summary}>
      {client.buckets.map((bucket) => (
        <i key={bucket.from} class={`cell ${heat(bucket, most)}`} title={`${when(bucket.from, daily)}: ${bucket.calls === null ? "nobody watched" : counted(bucket.calls, "call")}`} />
      ))}
    </div>
  );
}

/** Four steps, each a power of the largest number: a client that calls seldom is seen beside one that calls always. */
function heat({ calls }: CallBucket, most: number): string {
  if (calls === null) {
    return "unwatched";
  }
  return calls === 0 ? "heat-0" : `heat-${Math.min(4, 1 + Math.floor((3.999 * Math.log(calls)) / Math.max(1, Math.log(most))))}`;
}

const DAY_OF = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const HOUR_OF = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

const when = (instant: string, daily: boolean): string => (daily ? DAY_OF : HOUR_OF).format(new Date(instant));
