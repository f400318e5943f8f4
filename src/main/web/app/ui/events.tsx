import { Fragment } from "preact";
import type { Event } from "../api/types";
import { href } from "../router";
import { counted, said } from "./format";
import { At } from "./parts";
import { Icon, type IconName } from "./icons";
import { phaseWord, planWord, resultWord, spaced, type Tone } from "./words";

function look(event: Event): { icon: IconName; tone: Tone; text: string } {
  switch (event.type) {
    case "PHASE_CHANGED": {
      const word = phaseWord(event.to ?? "");
      return { icon: word.icon, tone: word.tone, text: word.text };
    }
    case "PLAN_CHANGED": {
      const word = planWord(event.to ?? "");
      return { icon: event.to ? word.icon : "plan", tone: word.tone, text: event.to ? word.text : "Plan changed" };
    }
    case "GATE_CHANGED": {
      const word = resultWord(event.evidence["to"] ?? "");
      return { icon: word.icon, tone: word.tone, text: `Gate ${event.evidence["gate"] ?? ""}: ${word.text.toLowerCase()}` };
    }
    case "POLICY_WRITTEN":
      return { icon: "pencil", tone: "busy", text: "Policy written" };
    case "WRITE_FAILED":
      return { icon: "alert", tone: "bad", text: "Write failed" };
    case "DRIFT_FOUND":
      return { icon: "alert", tone: "bad", text: "Drift found" };
    case "APPROVED":
      return { icon: "hand", tone: "good", text: "Approved" };
    case "OVERRIDDEN":
      return { icon: "flag", tone: "warn", text: "Overridden" };
    default:
      return { icon: "info", tone: "info", text: spaced(event.type) };
  }
}

/** What happened, newest first. */
export function Events({ events, label, plan }: { events: readonly Event[]; label: string; plan?: string }) {
  return (
    <ol class="events" aria-label={label}>
      {events.map((event) => {
        const { icon, tone, text } = look(event);
        const evidence = Object.entries(event.evidence);
        return (
          <li key={`${event.plan} ${event.id}`} class={`event tone-${tone}`}>
            <At at={event.at} />
            <span class="event-mark">
              <Icon name={icon} size={14} />
            </span>
            <div class="event-text">
              <p class="inline">
                <b>{text}</b>
                {event.namespace && (
                  <a class="mono" href={href(["plans", event.plan], { step: event.namespace })}>
                    {event.namespace}
                  </a>
                )}
                {!plan && event.plan && (
                  <a class="dim" href={href(["plans", event.plan])}>
                    {event.plan}
                  </a>
                )}
                {event.actor !== "mtls-migration" && <span class="dim">by {event.actor}</span>}
              </p>
              <p class="event-message" title={said(event.message)}>{said(event.message)}</p>
              {plan && evidence.length > 0 && (
                <details>
                  <summary>{counted(evidence.length, "fact")}</summary>
                  <dl class="evidence">
                    {evidence.map(([name, value]) => (
                      <Fragment key={name}>
                        <dt class="dim">{name}</dt>
                        <dd>{said(value)}</dd>
                      </Fragment>
                    ))}
                  </dl>
                </details>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
