import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { segment } from "../api/client";
import { useList } from "../api/store";
import type { Plan, Step, Waiting } from "../api/types";
import { href } from "../router";
import { counted, said } from "../ui/format";
import { Icon } from "../ui/icons";
import { Button } from "../ui/parts";
import type { Tone } from "../ui/words";
import { ApproveDialog, type Asked, AskedDialog, StepActions, possibleActions, useStep } from "./actions";

interface Rule {
  readonly tone: Tone;
  /** What may be done about it, best first. */
  readonly actions: readonly string[];
}

const CONSENT: Rule = { tone: "warn", actions: ["APPROVE"] };
const HARM: Rule = { tone: "bad", actions: ["IGNORE", "RETRY", "EXCEPTION", "ROLLBACK"] };
const CLIENT: Rule = { tone: "warn", actions: ["IGNORE", "EXCEPTION", "OVERRIDE"] };
const SERVER: Rule = { tone: "warn", actions: ["EXCEPTION", "OVERRIDE"] };
const UNDONE: Rule = { tone: "warn", actions: ["RETRY", "IGNORE", "EXCEPTION"] };
const PROOF: Rule = { tone: "warn", actions: ["OVERRIDE"] };

/** Reasons that a person can do something about, the most urgent first; all others end by themselves. */
const RULES = new Map<string, Rule>([
  ["APPROVAL_MISSING", CONSENT],
  ["APPROVAL_VOIDED", CONSENT],
  ["WEAKENED_BY_OTHER", HARM],
  ["CLIENTS_REFUSED", HARM],
  ["CLIENTS_FAILING", HARM],
  ["NOT_ENFORCED", HARM],
  ["PLAINTEXT_CLIENTS", CLIENT],
  ["WOULD_BE_REFUSED", CLIENT],
  ["DRY_RUN_REFUSED", CLIENT],
  ["PROBE_FAILED", CLIENT],
  ["PODS_UNCAPTURED", SERVER],
  ["HAZARD_FOUND", SERVER],
  ["POLICY_OWNED_BY_OTHER", SERVER],
  ["HOOK_REFUSED", PROOF],
  ["CRON_JOB_PERIOD", PROOF],
  ["BELOW_LEAST", PROOF],
  ["NO_SAMPLES", PROOF],
  ["NOT_WATCHED", PROOF],
  ["EVIDENCE_UNAVAILABLE", PROOF],
]);
const ORDER = [...RULES.keys()];

/** The first thing that a plan waits for and a person can change; undefined when it goes on by itself. */
function first(plan: Plan): Waiting | undefined {
  return plan.waitingOn
    .filter((one) => RULES.has(one.reason))
    .sort((a, b) => ORDER.indexOf(a.reason) - ORDER.indexOf(b.reason))[0];
}

/** Those whose approval somebody has begun to look at. */
interface Approving {
  readonly namespaces: readonly string[];
  readonly wave: string | undefined;
}

/**
 * What is to be done next of a plan, by whoever looks; nothing where nothing can be done. A dialog stays what it was
 * opened for, and open, whatever the plan waits for meanwhile.
 */
export function NextAction({ plan, can }: { plan: Plan; can(verb: string): boolean }) {
  const [asked, ask] = useState<Asked | null>(null);
  const [approving, approve] = useState<Approving | null>(null);
  return (
    <>
      <NextBar plan={plan} can={can} onAsk={ask} onApprove={approve} />
      {asked && <AskedDialog asked={asked} onClose={() => ask(null)} />}
      {approving && <ApproveDialog plan={plan} namespaces={approving.namespaces} {...(approving.wave && { wave: approving.wave })} onClose={() => approve(null)} />}
    </>
  );
}

interface BarProps {
  readonly plan: Plan;
  can(verb: string): boolean;
  onAsk(asked: Asked): void;
  onApprove(approving: Approving): void;
}

function NextBar({ plan, can, onAsk, onApprove }: BarProps) {
  const wait = plan.phase === "RUNNING" || plan.phase === "PAUSED" ? first(plan) : undefined;
  const { data: step } = useStep(plan.name, wait?.namespace ?? null);
  const awaiting = plan.progress.byPhase["AWAITING_APPROVAL"] ?? 0;
  const undone = plan.progress.byPhase["ROLLED_BACK"] ?? 0;
  const at = (namespace: string) => href(["plans", plan.name], { step: namespace });
  if (wait && wait.namespace !== "mesh" && RULES.get(wait.reason) === CONSENT && awaiting > 1) {
    return <Consent plan={plan} can={can} onApprove={onApprove} />;
  }
  if (wait && step) {
    const rule = RULES.get(wait.reason) as Rule;
    return (
      <Bar
        rule={rule}
        text={
          <>
            <a class="mono strong" href={at(wait.namespace)}>
              {wait.namespace === "mesh" ? "The mesh step" : wait.namespace}
            </a>
            {rule === CONSENT ? " awaits a person's approval." : `: ${said(wait.message)}`}
          </>
        }
      >
        <StepActions plan={plan} step={step} can={can} only={rule.actions} lead onAsk={onAsk} />
      </Bar>
    );
  }
  return undone > 0 && plan.phase !== "ROLLED_BACK" ? (
    <Bar rule={CLIENT} text={`${counted(undone, "namespace")} ${undone === 1 ? "was" : "were"} rolled back: look why, and retry.`}>
      <a class="button" href={href(["plans", plan.name], { phase: "ROLLED_BACK" })}>
        Look
      </a>
    </Bar>
  ) : null;
}

/** Several that await approval are looked at, and approved, by one dialog. */
function Consent({ plan, can, onApprove }: Omit<BarProps, "onAsk">) {
  const { data } = useList<Step>(`/plans/${segment(plan.name)}/namespaces?phase=AWAITING_APPROVAL`, 2000);
  const steps = (data ?? []).filter((step) => step.namespace !== "mesh");
  const waves = new Set(steps.map((step) => step.wave));
  const wave = waves.size === 1 ? steps[0]?.wave : undefined;
  return (
    <Bar rule={CONSENT} text={`${counted(steps.length, "namespace")}${wave ? ` of wave ${wave}` : ""} ${steps.length === 1 ? "awaits" : "await"} a person's approval.`}>
      {can("APPROVE") && steps.length > 0 && (
        <Button acts kind="main" icon="hand" onClick={() => onApprove({ namespaces: steps.map((step) => step.namespace), wave: wave ?? undefined })}>
          {`Approve ${steps.length}`}
        </Button>
      )}
    </Bar>
  );
}

/** The same for one step that is looked at, and after it whatever else may be asked of it. */
export function StepNext({ plan, step, can }: { plan: Plan; step: Step; can(verb: string): boolean }) {
  const found = foundOf(step);
  const rest = possibleActions(plan, step, can).filter((action) => !found?.rule.actions.includes(action));
  return (
    <>
      {found && (
        <Bar rule={found.rule} text={found.text}>
          <StepActions plan={plan} step={step} can={can} only={found.rule.actions} lead />
        </Bar>
      )}
      <StepActions plan={plan} step={step} can={can} only={rest} />
    </>
  );
}

function foundOf(step: Step): { rule: Rule; text: string } | undefined {
  if (step.phase === "AWAITING_APPROVAL") {
    return { rule: CONSENT, text: "It awaits a person's approval." };
  }
  if (step.phase === "ROLLED_BACK") {
    return { rule: UNDONE, text: said(step.message) };
  }
  const told = [...(step.health ? [step.health] : []), ...step.gates.filter((gate) => gate.result !== "PASS")];
  for (const [reason, rule] of RULES) {
    const one = told.find((candidate) => candidate.reason === reason);
    if (one && rule !== CONSENT) {
      return { rule, text: said(one.message) };
    }
  }
  return undefined;
}

function Bar({ rule, text, children }: { rule: Rule; text: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class={`callout next tone-${rule.tone}`} aria-label="What to do next">
      <Icon name={rule.tone === "bad" ? "alert" : "hand"} />
      <p>{text}</p>
      {children}
    </section>
  );
}
