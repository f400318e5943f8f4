import type { Obstacle, ObstacleKind } from "../api/types";
import { count, counted, said } from "./format";
import { Icon } from "./icons";
import { Button } from "./parts";

const WORDS: Record<ObstacleKind, string> = {
  OWNED_BY_CONTROLLER: "policy of a controller",
  OWNED_BY_PERSON: "policy of a person",
  ADOPTION_NEEDED: "policy of a person",
  UNREADABLE_POLICY: "policy that cannot be read",
  OVERLAPPING_EXCEPTIONS: "exceptions that overlap",
  EXCEPTION_WITHOUT_SELECTOR: "exception without labels",
  WEAKER_WORKLOAD_POLICY: "weaker policy of a workload",
  ROOT_NAMESPACE: "root namespace",
  CHANGED_BY_OTHERS: "policy that somebody else has changed",
  NAMESPACES_OPEN: "namespaces that are still open",
};

/** Those of a kind are cleared in the same way, in a body of the plan that says so. */
export interface Cleared {
  readonly adopt?: true;
  readonly apply?: "MANIFEST";
}
const CLEARED: Partial<Record<ObstacleKind, { readonly text: string; readonly part: Cleared }>> = {
  ADOPTION_NEEDED: { text: "Adopt all", part: { adopt: true } },
  OWNED_BY_CONTROLLER: { text: "Write nothing: make manifests", part: { apply: "MANIFEST" } },
};

/** What keeps a plan from writing, by kind: a thousand of one kind are one decision. */
export function Obstacles({ obstacles, onClear }: { obstacles: readonly Obstacle[]; onClear?: (part: Cleared) => void }) {
  if (obstacles.length === 0) {
    return null;
  }
  const kinds = new Map<ObstacleKind, Obstacle[]>();
  obstacles.forEach((one) => kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]));
  return (
    <div class="failure" role="alert">
      <Icon name="alert" />
      <div class="grow">
        <p>
          <b>{counted(obstacles.length, "obstacle")} for a person to clear</b>
        </p>
        <ul>
          {[...kinds].map(([kind, some]) => {
            const cleared = CLEARED[kind];
            return (
              <li key={kind}>
                <div class="inline spread">
                  <span>
                    <b class="num">{count(some.length)}</b> × {WORDS[kind]}
                  </span>
                  {cleared && onClear && <Button acts onClick={() => onClear(cleared.part)}>{cleared.text}</Button>}
                </div>
                {some.length === 1 ? (
                  <p>{said(some[0]?.message ?? "")}</p>
                ) : (
                  <details>
                    <summary>{some.slice(0, 6).map((one) => one.namespace).join(", ") + (some.length > 6 ? ` and ${count(some.length - 6)} more` : "")}</summary>
                    <ul class="lines">
                      {some.slice(0, 50).map((one) => (
                        <li key={`${one.namespace} ${one.message}`}>
                          <b class="mono">{one.namespace}</b> {said(one.message)}
                        </li>
                      ))}
                    </ul>
                  </details>
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
