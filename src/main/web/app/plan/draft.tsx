import { useEffect, useMemo, useState } from "preact/hooks";
import { useRights } from "../api/access";
import { read, segment, send } from "../api/client";
import { refreshAll, useResource } from "../api/store";
import type { Namespace, NamespaceList, Plan, PlanBody, PlanPreview } from "../api/types";
import { go, href } from "../router";
import { Dialog, Failure, notify } from "../ui/dialog";
import { count, counted } from "../ui/format";
import { Icon } from "../ui/icons";
import { Button, Check, Choice, Code, Empty, Panel, Skeleton, Trouble } from "../ui/parts";
import { Changes } from "../ui/policy";

interface Form {
  readonly name: string;
  readonly target: string;
  readonly namespaces: string;
  readonly plaintextWindow: string;
  readonly noSamples: string;
  readonly soak: string;
  readonly probes: boolean;
  readonly approval: string;
  readonly verification: string;
  readonly onFailure: string;
  readonly apply: string;
}

const BEGIN: Form = {
  name: "",
  target: "NAMESPACES",
  namespaces: "",
  plaintextWindow: "24h",
  noSamples: "HOLD",
  soak: "30m",
  probes: true,
  approval: "NAMESPACE",
  verification: "10m",
  onFailure: "ROLLBACK",
  apply: "DIRECT",
};

function bodyOf(form: Form): Record<string, unknown> {
  const namespaces = form.namespaces.split(/[\s,]+/).filter(Boolean);
  return {
    name: form.name.trim(),
    target: form.target,
    ...(form.target === "NAMESPACES" && namespaces.length > 0 ? { scope: { namespaces } } : {}),
    gates: {
      plaintextWindow: form.plaintextWindow,
      noSamples: form.noSamples,
      soak: form.soak,
      probes: form.probes,
      approval: form.approval,
    },
    verification: { duration: form.verification },
    onFailure: form.onFailure,
    apply: form.apply,
  };
}

/** A plan is made as a draft: it does nothing until it is started. */
export function NewPlan() {
  const { can, access } = useRights();
  const [form, setForm] = useState(BEGIN);
  const [json, setJson] = useState<string | null>(null);
  const [preview, setPreview] = useState<PlanPreview>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Form>): void => {
    setForm({ ...form, ...part });
    setPreview(undefined);
    setError(undefined);
  };
  if (access && !can("create")) {
    return (
      <Empty icon="lock" title="You may not make plans">
        <p>The verb create on migrationplans.mtls-migration.io is needed.</p>
      </Empty>
    );
  }
  const body = (): unknown => (json === null ? bodyOf(form) : (JSON.parse(json) as unknown));
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (cause) {
      setError(cause instanceof SyntaxError ? `This is not JSON: ${cause.message}` : cause);
    } finally {
      setBusy(false);
    }
  };
  const check = (): Promise<void> =>
    attempt(async () => {
      setPreview(undefined);
      setPreview((await send<PlanPreview>("POST", "/plans?dryRun=true", body())).data);
    });
  const make = (): Promise<void> =>
    attempt(async () => {
      const made = await send<Plan>("POST", "/plans", body());
      notify(`Plan ${made.data.name} is made; it does nothing until it is started`, "good");
      refreshAll();
      go(["plans", made.data.name]);
    });
  return (
    <>
      <div class="view-head">
        <p class="crumbs">
          <a href={href(["plans"])}>Plans</a>
        </p>
        <h1>A new plan</h1>
        <p class="dim">It is made as a draft, and does nothing until it is started.</p>
      </div>
      <div class="columns">
        <Panel
          title="What is wanted"
          aside={
            <Button kind="bare" icon="pencil" onClick={() => setJson(json === null ? JSON.stringify(bodyOf(form), null, 2) : null)}>
              {json === null ? "As JSON" : "As a form"}
            </Button>
          }
        >
          <form
            class="form"
            onSubmit={(event) => {
              event.preventDefault();
              void check();
            }}
          >
            {json === null ? (
              <Fields form={form} change={change} />
            ) : (
              <label class="field">
                <span>Body of the plan</span>
                <textarea
                  class="mono"
                  rows={22}
                  spellcheck={false}
                  value={json}
                  onInput={(event) => {
                    setJson(event.currentTarget.value);
                    setPreview(undefined);
                  }}
                />
              </label>
            )}
            <Failure error={error} />
            <div class="actions">
              <button type="submit" class={`button ${preview ? "" : "main"}`} disabled={busy}>
                <Icon name="eye" />
                <span>Check</span>
              </button>
              <Button icon="plus" kind={preview ? "main" : "plain"} disabled={busy} onClick={() => void make()}>
                Make the draft
              </Button>
            </div>
          </form>
        </Panel>
        <Panel title="What would come of it">
          {busy && <Skeleton lines={5} />}
          {!preview && !busy && <Empty icon="eye" title="Check first"><p>Waves, writes and obstacles are computed from the mesh of now, and nothing is stored.</p></Empty>}
          {preview && <Preview preview={preview} />}
        </Panel>
      </div>
    </>
  );
}

function Fields({ form, change }: { form: Form; change(part: Partial<Form>): void }) {
  const { data } = useResource<NamespaceList>("/namespaces?limit=500", 30_000);
  const chosen = new Set(form.namespaces.split(/[\s,]+/).filter(Boolean));
  const offered = useMemo(() => (data?.items ?? []).filter(governed), [data]);
  const toggle = (name: string): void => {
    const next = new Set(chosen);
    if (!next.delete(name)) {
      next.add(name);
    }
    change({ namespaces: [...next].join(", ") });
  };
  return (
    <>
      <label class="field">
        <span>Name</span>
        <input required pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?" maxLength={63} placeholder="q4" value={form.name} onInput={(e) => change({ name: e.currentTarget.value })} />
      </label>
      <fieldset>
        <legend>What is locked</legend>
        <div class="inline">
          {[
            ["NAMESPACES", "Namespaces"],
            ["MESH", "The whole mesh, after its namespaces"],
          ].map(([value, text]) => (
            <label key={value} class="check">
              <input type="radio" name="target" checked={form.target === value} onChange={() => change({ target: value as string })} />
              <span>{text}</span>
            </label>
          ))}
        </div>
        {form.target === "NAMESPACES" && (
          <>
            <label class="field">
              <span>
                Namespaces <span class="dim">(all when empty)</span>
              </span>
              <input value={form.namespaces} placeholder="foo, bar" class="mono" onInput={(e) => change({ namespaces: e.currentTarget.value })} />
            </label>
            {offered.length > 0 && offered.length <= 40 && (
              <div class="chips" role="group" aria-label="Namespaces with proxies">
                {offered.map((namespace) => (
                  <button key={namespace.name} type="button" class="chip toggle" aria-pressed={chosen.has(namespace.name)} onClick={() => toggle(namespace.name)}>
                    {namespace.name}
                  </button>
                ))}
              </div>
            )}
          </>
        )}
      </fieldset>
      <fieldset>
        <legend>What has to hold before</legend>
        <div class="pairs">
          <Text label="Nobody sends plaintext for" value={form.plaintextWindow} onValue={(plaintextWindow) => change({ plaintextWindow })} />
          <Text label="All gates hold for" value={form.soak} onValue={(soak) => change({ soak })} />
          <Choice
            label="Approval by a person"
            value={form.approval}
            onValue={(approval) => change({ approval })}
            options={[
              { value: "NONE", text: "not asked for" },
              { value: "WAVE", text: "of each wave" },
              { value: "NAMESPACE", text: "of each namespace" },
            ]}
          />
          <Choice
            label="A namespace without traffic"
            value={form.noSamples}
            onValue={(noSamples) => change({ noSamples })}
            options={[
              { value: "HOLD", text: "holds" },
              { value: "PASS", text: "passes" },
            ]}
          />
        </div>
        <Check label="Probes get through" checked={form.probes} onChecked={(probes) => change({ probes })} />
      </fieldset>
      <fieldset>
        <legend>After the lock</legend>
        <div class="pairs">
          <Text label="Watch for harm for" value={form.verification} onValue={(verification) => change({ verification })} />
          <Choice
            label="When somebody is harmed"
            value={form.onFailure}
            onValue={(onFailure) => change({ onFailure })}
            options={[
              { value: "ROLLBACK", text: "roll back by itself" },
              { value: "HOLD", text: "hold for a person" },
            ]}
          />
          <Choice
            label="Policies are written"
            value={form.apply}
            onValue={(apply) => change({ apply })}
            options={[
              { value: "DIRECT", text: "by the service" },
              { value: "MANIFEST", text: "by you, from its manifests" },
            ]}
          />
        </div>
      </fieldset>
    </>
  );
}

const governed = (namespace: Namespace): boolean => namespace.captured > 0;

function Text({ label, value, onValue }: { label: string; value: string; onValue(value: string): void }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <input required value={value} size={7} class="num" onInput={(e) => onValue(e.currentTarget.value)} />
    </label>
  );
}

/** What a plan would lead to. */
export function Preview({ preview }: { preview: PlanPreview }) {
  const exempt = Object.entries(preview.exempt);
  return (
    <div class="preview">
      {preview.obstacles.length > 0 && (
        <div class="failure" role="alert">
          <Icon name="alert" />
          <div>
            <p>
              <b>{counted(preview.obstacles.length, "obstacle")} for a person to clear</b>
            </p>
            <ul>
              {preview.obstacles.slice(0, 50).map((obstacle) => (
                <li key={`${obstacle.namespace} ${obstacle.kind}`}>
                  <b class="mono">{obstacle.namespace}</b> {obstacle.message}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <h3>{counted(preview.waves.length, "wave")}</h3>
      <ol class="lines">
        {preview.waves.slice(0, 30).map((wave) => (
          <li key={wave.name}>
            <b>{wave.name}</b> <span class="dim num">{count(wave.namespaces.length)}</span>{" "}
            <span class="mono">
              {wave.namespaces.slice(0, 12).join(", ")}
              {wave.namespaces.length > 12 ? " …" : ""}
            </span>
          </li>
        ))}
      </ol>
      <h3>{counted(preview.changes.length, "write")}</h3>
      <Changes changes={preview.changes.slice(0, 40)} label="Writes" />
      {preview.changes.length > 40 && <p class="dim">and {count(preview.changes.length - 40)} more</p>}
      {exempt.length > 0 && (
        <>
          <h3>Left open</h3>
          <ul class="lines">
            {exempt.slice(0, 30).map(([namespace, why]) => (
              <li key={namespace}>
                <b class="mono">{namespace}</b> <span class="dim">{why}</span>
              </li>
            ))}
          </ul>
          {exempt.length > 30 && <p class="dim">and {count(exempt.length - 30)} more</p>}
        </>
      )}
    </div>
  );
}

/** The body of a plan, and the way to change it. */
export function Definition({ plan, can }: { plan: Plan; can(verb: string): boolean }) {
  const { data, error } = useResource<PlanBody>(`/plans/${segment(plan.name)}/spec`, 5000);
  const [editing, edit] = useState(false);
  return (
    <Panel
      title="Definition"
      aside={
        <span class="inline">
          <span class="dim num">generation {plan.generation}</span>
          {can("update") && data && (
            <Button icon="pencil" onClick={() => edit(true)}>
              Change
            </Button>
          )}
        </span>
      }
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={8} />}
      {data && <Code text={`${JSON.stringify(data, null, 2)}\n`} name={`${plan.name}.json`} label="Body of the plan" />}
      {editing && data && <Change name={plan.name} onClose={() => edit(false)} />}
    </Panel>
  );
}

/** Changes a plan by the version that was read: whoever was faster is not overwritten. */
function Change({ name, onClose }: { name: string; onClose(): void }) {
  const path = `/plans/${segment(name)}`;
  const [state, set] = useState<{ text: string; etag: string | null } | null>(null);
  const [preview, setPreview] = useState<PlanPreview>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    Promise.all([read<PlanBody>(`${path}/spec`), read<Plan>(path)])
      .then(([spec, plan]) => set({ text: JSON.stringify(spec.data, null, 2), etag: plan.etag }))
      .catch(setError);
  }, [path]);
  const attempt = async (dry: boolean): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const body = JSON.parse(state?.text ?? "") as unknown;
      if (dry) {
        setPreview((await send<PlanPreview>("PUT", `${path}?dryRun=true`, body, { ifMatch: state?.etag ?? null })).data);
      } else {
        await send<Plan>("PUT", path, body, { ifMatch: state?.etag ?? null });
        notify(`Plan ${name} is changed; approvals given before no longer count`, "good");
        refreshAll(true);
        onClose();
      }
    } catch (cause) {
      setError(cause instanceof SyntaxError ? `This is not JSON: ${cause.message}` : cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Change ${name}?`} onClose={onClose} wide>
      <div class="dialog-body">
        {!state && !error && <Skeleton lines={8} />}
        {state && (
          <label class="field">
            <span>Body of the plan</span>
            <textarea
              class="mono"
              rows={18}
              spellcheck={false}
              value={state.text}
              onInput={(event) => {
                set({ ...state, text: event.currentTarget.value });
                setPreview(undefined);
              }}
            />
          </label>
        )}
        <p class="dim">While a plan runs, only exceptions may be added and gates tightened. A change voids approvals.</p>
        <Failure error={error} />
        {preview && <Preview preview={preview} />}
      </div>
      <footer class="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button disabled={busy || !state} onClick={() => void attempt(true)}>
          Check
        </Button>
        <Button kind="main" disabled={busy || !state} onClick={() => void attempt(false)}>
          Change the plan
        </Button>
      </footer>
    </Dialog>
  );
}
