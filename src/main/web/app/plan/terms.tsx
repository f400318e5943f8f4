import { useState } from "preact/hooks";
import { CallError, read, segment, send } from "../api/client";
import { useList, useResource } from "../api/store";
import type { IgnoreBody, IgnoredClient, Plan, PlanPhase, PlanWindows, WindowsBody } from "../api/types";
import { counted, duration, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Button, Empty, Name, Panel, Skeleton, Trouble } from "../ui/parts";
import { Confirm } from "./actions";
import { Cell, short } from "./form";

/** Phases of a plan that is not changed any more. */
const UNDONE: ReadonlySet<PlanPhase> = new Set(["ROLLED_BACK", "CLEANED_UP"]);

const NAMES: Record<keyof PlanWindows, string> = {
  plaintextWindow: "Nobody sends plaintext for",
  soak: "All gates hold for",
  audit: "A dry run of STRICT lasts",
  verificationDuration: "Watch for harm for",
};
const FIELDS = Object.keys(NAMES) as readonly (keyof PlanWindows)[];

/** What a plan goes by, and may be changed while it runs: how long it looks, and which clients may fail. */
export function TermsTab({ plan, can }: { plan: Plan; can(verb: string): boolean }) {
  return (
    <div class="columns">
      <Windows plan={plan} can={can} />
      <Ignored plan={plan} can={can} />
    </div>
  );
}

function Windows({ plan, can }: { plan: Plan; can(verb: string): boolean }) {
  const path = `/plans/${segment(plan.name)}/windows`;
  const { data, error } = useResource<PlanWindows>(path, 5000);
  const [changed, change] = useState<PlanWindows | null>(null);
  return (
    <Panel
      title="How long it looks"
      aside={
        data &&
        can("update") &&
        !UNDONE.has(plan.phase) && (
          <Button acts icon="clock" onClick={() => change(data)}>
            Change
          </Button>
        )
      }
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={4} />}
      {data && (
        <dl class="facts-list">
          {FIELDS.map((field) => [<dt key={field}>{NAMES[field]}</dt>, <dd key={`${field} value`}>{data[field] ? duration(data[field]) : "none"}</dd>])}
        </dl>
      )}
      {changed && <WindowsDialog plan={plan} path={path} shown={changed} may={can("override")} onClose={() => change(null)} />}
    </Panel>
  );
}

type Typed = Record<keyof PlanWindows, string>;

/** What is less than before is for the service to say: it is asked without an override first. */
function WindowsDialog({ plan, path, shown, may, onClose }: { plan: Plan; path: string; shown: PlanWindows; may: boolean; onClose(): void }) {
  const [typed, type] = useState<Typed>(() => Object.fromEntries(FIELDS.map((field) => [field, shown[field] ? short(shown[field]) : ""])) as Typed);
  const [less, tell] = useState<string | null>(null);
  const set = (field: keyof PlanWindows, text: string): void => {
    type({ ...typed, [field]: text });
    tell(null);
  };
  const change = async (comment: string): Promise<string> => {
    const { data, etag } = await read<PlanWindows>(path);
    if (FIELDS.some((field) => data[field] !== shown[field])) {
      throw new CallError(412, "STALE", "The windows are not what is shown here");
    }
    const { audit, ...rest } = typed;
    const body: WindowsBody = { ...rest, ...(audit && { audit }), ...(less !== null && { override: true }), ...(comment && { comment }) };
    try {
      await send<PlanWindows>("PUT", path, body, { ifMatch: etag });
    } catch (cause) {
      const needed = cause instanceof CallError ? cause.errors.find(({ pointer }) => pointer === "/override") : undefined;
      if (!needed || less !== null) {
        throw cause;
      }
      tell(lessOf(needed.detail));
      throw new Error(may ? "Nothing is changed yet: look at what becomes less, say why, and ask again." : "Nothing is changed.");
    }
    return `${plan.name} looks for as long as you said`;
  };
  return (
    <Confirm
      title={`Change how long ${plan.name} looks`}
      verb={less === null ? "Change" : "Override"}
      danger={less !== null}
      ready={less === null || may}
      comment={less === null ? "optional" : "required"}
      onClose={onClose}
      onSend={change}
    >
      {plan.phase !== "DRAFT" && <p>It counts at once. What is locked stays locked; approvals and overrides that were given are void.</p>}
      <div class="row">
        {FIELDS.map((field) => (
          <Cell key={field} label={NAMES[field]} value={typed[field]} onValue={(text) => set(field, text)} placeholder={field === "audit" ? "none" : "24h"} required={field !== "audit"} />
        ))}
      </div>
      {less !== null && (
        <div class="callout tone-warn" role="status">
          <Icon name="alert" />
          <p>
            <b>Less than before:</b> {less}. {may ? "Who does it, when and why is kept." : "It needs the verb override, which you do not have."}
          </p>
        </div>
      )}
    </Confirm>
  );
}

const SPEC: Record<string, keyof PlanWindows> = {
  "gates.plaintextWindow": "plaintextWindow",
  "gates.soak": "soak",
  "gates.audit": "audit",
  "verification.duration": "verificationDuration",
};

/** What the service says is less, by the names that fields have here. */
function lessOf(detail: string): string {
  const told = /\((.*)\): say override/.exec(detail)?.[1] ?? detail;
  return said(told.replace(/(?:gates|verification)\.\w+/g, (field) => (SPEC[field] ? `“${NAMES[SPEC[field]]}”` : field)));
}

const nameOf = (client: IgnoredClient): string => client.workload ?? client.cidr ?? "";

function Ignored({ plan, can }: { plan: Plan; can(verb: string): boolean }) {
  const path = `/plans/${segment(plan.name)}/ignored-clients`;
  const { data, error } = useList<IgnoredClient>(path, 5000);
  const [asked, ask] = useState<"add" | IgnoredClient | null>(null);
  const open = !UNDONE.has(plan.phase);
  return (
    <Panel
      title="Clients that may fail"
      aside={
        can("override") &&
        open && (
          <Button acts icon="plus" onClick={() => ask("add")}>
            Let a client fail
          </Button>
        )
      }
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={3} />}
      {data?.length === 0 && (
        <Empty icon="check" title="No client may fail">
          <p>Whoever is refused, and is not expected to be, undoes the lock.</p>
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul class="changes" aria-label="Clients that may fail">
          {data.map((client) => (
            <li key={client.id}>
              <div class="inline spread">
                {client.workload ? <Name of={client.workload} /> : <span class="mono">{client.cidr}</span>}
                {can("update") && open && (
                  <Button acts icon="cross" onClick={() => ask(client)}>
                    No longer
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {data && data.length > 0 && <p class="dim">{counted(data.length, "entry", "entries")}; none of them holds a lock or undoes it.</p>}
      {asked === "add" && <AddIgnored plan={plan} path={path} onClose={() => ask(null)} />}
      {asked !== null && asked !== "add" && <HeedDialog plan={plan} path={path} client={asked} onClose={() => ask(null)} />}
    </Panel>
  );
}

function AddIgnored({ plan, path, onClose }: { plan: Plan; path: string; onClose(): void }) {
  const [client, name] = useState({ workload: "", cidr: "" });
  return (
    <Confirm
      title={`Let a client of ${plan.name} fail`}
      verb="Let it fail"
      danger
      comment="required"
      onClose={onClose}
      onSend={async (comment) => {
        const body: IgnoreBody = { ...(client.workload && { workload: client.workload }), ...(client.cidr && { cidr: client.cidr }), comment };
        await send<Plan>("POST", path, body);
        return `${client.workload || client.cidr} may fail from now on`;
      }}
    >
      <p>It neither holds nor undoes a lock any more, and may be refused. Approvals and overrides that were given are void. Who did it, when and why is kept.</p>
      <div class="row">
        <Cell label="Workload" value={client.workload} onValue={(workload) => name({ ...client, workload })} placeholder="legacy/report, legacy/*" grow />
        <Cell label="or address range" value={client.cidr} onValue={(cidr) => name({ ...client, cidr })} placeholder="10.8.0.0/16" grow />
      </div>
    </Confirm>
  );
}

function HeedDialog({ plan, path, client, onClose }: { plan: Plan; path: string; client: IgnoredClient; onClose(): void }) {
  const heed = async (): Promise<string> => {
    // An entry is named by a digest of what it says, so the latest version of the plan is the one to be changed.
    const { etag } = await read<PlanWindows>(`/plans/${segment(plan.name)}/windows`);
    await send<Plan>("DELETE", `${path}/${segment(client.id)}`, undefined, { ifMatch: etag });
    return `${nameOf(client)} counts again`;
  };
  return (
    <Confirm title={`Let ${nameOf(client)} fail no longer?`} verb="No longer" onClose={onClose} onSend={heed}>
      <p>
        It counts again, at once: it holds locks of <b>{plan.name}</b>, and undoes those that are being verified, when it is refused. What is locked stays locked; approvals and overrides that were given are void.
      </p>
    </Confirm>
  );
}
