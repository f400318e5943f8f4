import { useEffect, useState } from "preact/hooks";
import { useRights } from "../api/access";
import { read, segment, send } from "../api/client";
import { refreshAll, useResource } from "../api/store";
import type { Plan, PlanBody, PlanPreview } from "../api/types";
import { go, href } from "../router";
import { Dialog, Failure, notify } from "../ui/dialog";
import { count, counted, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Obstacles, type Cleared } from "../ui/obstacles";
import { Button, Code, Empty, Panel, Skeleton, Trouble } from "../ui/parts";
import { Changes } from "../ui/policy";
import { BodyEditor, bodyOf, draftOf, turned, type Draft } from "./form";

/** What somebody starts from: a person looks before each lock. */
const BEGIN: PlanBody = { name: "", gates: { approval: "NAMESPACE" } };

/** The body with an obstacle cleared, written as it was. */
function cleared(draft: Draft, part: Cleared): Draft {
  const next = draftOf({ ...bodyOf(draft), ...part });
  return draft.text === null ? next : turned(next);
}

/** A plan is made as a draft: it does nothing until it is started. */
export function NewPlan() {
  const { can, access } = useRights();
  const [draft, setDraft] = useState(() => draftOf(BEGIN));
  const [preview, setPreview] = useState<PlanPreview>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const change = (next: Draft): void => {
    setDraft(next);
    setPreview(undefined);
    setError(undefined);
  };
  const turn = (): void => {
    try {
      setDraft(turned(draft));
      setError(undefined);
    } catch (cause) {
      setError(unread(cause));
    }
  };
  if (access && !can("create")) {
    return (
      <Empty icon="lock" title="You may not make plans">
        <p>The verb create on migrationplans.mtls-migration.io is needed.</p>
      </Empty>
    );
  }
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (cause) {
      setError(unread(cause));
    } finally {
      setBusy(false);
    }
  };
  const check = (checked = draft): Promise<void> =>
    attempt(async () => {
      setPreview(undefined);
      setPreview((await send<PlanPreview>("POST", "/plans?dryRun=true", bodyOf(checked))).data);
    });
  const clear = (part: Cleared): void => {
    const next = cleared(draft, part);
    change(next);
    void check(next);
  };
  const make = (): Promise<void> =>
    attempt(async () => {
      const made = await send<Plan>("POST", "/plans", bodyOf(draft));
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
            <Button kind="bare" icon="pencil" onClick={turn}>
              {draft.text === null ? "As JSON" : "As a form"}
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
            <BodyEditor draft={draft} onDraft={change} />
            <Failure error={error} />
            <div class="actions">
              <Button type="submit" acts icon="eye" kind={preview ? "plain" : "main"} disabled={busy}>
                Check
              </Button>
              <Button acts icon="plus" kind={preview ? "main" : "plain"} disabled={busy} onClick={() => void make()}>
                Make the draft
              </Button>
            </div>
          </form>
        </Panel>
        <Panel title="What would come of it">
          {busy && <Skeleton lines={5} />}
          {!preview && !busy && <Empty icon="eye" title="Check first"><p>Waves, writes and obstacles are computed from the mesh of now, and nothing is stored.</p></Empty>}
          {preview && <Preview preview={preview} onClear={(part) => clear(part)} />}
        </Panel>
      </div>
    </>
  );
}

const unread = (cause: unknown): unknown => (cause instanceof SyntaxError ? `This is not JSON: ${cause.message}` : cause);

/** What a plan would lead to. */
export function Preview({ preview, onClear }: { preview: PlanPreview; onClear?: (part: Cleared) => void }) {
  const exempt = Object.entries(preview.exempt);
  return (
    <div class="preview">
      <Obstacles obstacles={preview.obstacles} {...(onClear && { onClear })} />
      {preview.warnings.map((warning) => (
        <p key={warning} class="trouble">
          <Icon name="alert" />
          <span>{said(warning)}</span>
        </p>
      ))}
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
                <b class="mono">{namespace}</b> <span class="dim">{said(why)}</span>
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
            <Button acts icon="pencil" onClick={() => edit(true)}>
              Change
            </Button>
          )}
        </span>
      }
    >
      <Trouble error={error} />
      {!data && !error && <Skeleton lines={8} />}
      {data && <Code text={`${JSON.stringify(data, null, 2)}\n`} name={`${plan.name}.json`} label="Body of the plan" />}
      {editing && data && <Change name={plan.name} started={plan.phase !== "DRAFT"} onClose={() => edit(false)} />}
    </Panel>
  );
}

/**
 * Changes a plan by the version that was read: whoever was faster is not overwritten.
 *
 * @param started then most of it stays as it is, so no obstacle is cleared by changing it
 */
function Change({ name, started, onClose }: { name: string; started: boolean; onClose(): void }) {
  const path = `/plans/${segment(name)}`;
  const [draft, setDraft] = useState<Draft>();
  const [etag, setEtag] = useState<string | null>(null);
  const [preview, setPreview] = useState<PlanPreview>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    Promise.all([read<PlanBody>(`${path}/spec`), read<Plan>(path)])
      .then(([spec, plan]) => {
        setEtag(plan.etag);
        setDraft(draftOf(spec.data));
      })
      .catch(setError);
  }, [path]);
  const turn = (from: Draft): void => {
    try {
      setDraft(turned(from));
      setError(undefined);
    } catch (cause) {
      setError(unread(cause));
    }
  };
  const attempt = async (from: Draft, dry: boolean): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const body = bodyOf(from);
      if (dry) {
        setPreview(undefined);
        setPreview((await send<PlanPreview>("PUT", `${path}?dryRun=true`, body, { ifMatch: etag })).data);
      } else {
        await send<Plan>("PUT", path, body, { ifMatch: etag });
        notify(`Plan ${name} is changed; approvals given before no longer count`, "good");
        refreshAll(true);
        onClose();
      }
    } catch (cause) {
      setError(unread(cause));
    } finally {
      setBusy(false);
    }
  };
  const clear = (from: Draft, part: Cleared): void => {
    const next = cleared(from, part);
    setDraft(next);
    void attempt(next, true);
  };
  return (
    <Dialog title={`Change ${name}?`} onClose={onClose} wide>
      <div class="dialog-body">
        {!draft && !error && <Skeleton lines={8} />}
        {draft && (
          <div class="form">
            <div>
              <Button kind="bare" icon="pencil" onClick={() => turn(draft)}>
                {draft.text === null ? "As JSON" : "As a form"}
              </Button>
            </div>
            <BodyEditor
              named={false}
              draft={draft}
              onDraft={(next) => {
                setDraft(next);
                setPreview(undefined);
              }}
            />
          </div>
        )}
        <p class="dim">
          {started
            ? "Of a plan that was started, exceptions may be added here and gates tightened. How long it looks, and which clients may fail, is changed under Terms; what stays open under Exceptions. A change voids approvals and overrides."
            : "All of a draft but its name may be changed."}
        </p>
        <Failure error={error} />
        {preview && <Preview preview={preview} {...(!started && draft && { onClear: (part: Cleared) => clear(draft, part) })} />}
      </div>
      <footer class="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button acts disabled={busy || !draft} onClick={() => draft && void attempt(draft, true)}>
          Check
        </Button>
        <Button acts kind="main" disabled={busy || !draft} onClick={() => draft && void attempt(draft, false)}>
          Change the plan
        </Button>
      </footer>
    </Dialog>
  );
}
