import type { ObjectRef, PolicyChange, PolicySpec, WrittenPolicy } from "../api/types";
import { said } from "./format";
import { Icon } from "./icons";
import { Badge } from "./parts";
import { modeWord, spaced } from "./words";

export const refText = (ref: ObjectRef): string => `${ref.namespace}/${ref.name}`;

/** The policy that decides something; Istio's default when there is none. */
export function DecidedBy({ policy }: { policy: ObjectRef | null }) {
  return policy ? (
    <span class="mono" title={policy.kind}>
      {refText(policy)}
    </span>
  ) : (
    <span class="dim">Istio's default</span>
  );
}

/** A PeerAuthentication as a file. */
export function yamlOf(ref: ObjectRef, spec: PolicySpec): string {
  const lines = [
    "apiVersion: security.istio.io/v1",
    "kind: PeerAuthentication",
    "metadata:",
    `  name: ${ref.name}`,
    `  namespace: ${ref.namespace}`,
    "spec:",
  ];
  const labels = Object.entries(spec.selector);
  if (labels.length > 0) {
    lines.push("  selector:", "    matchLabels:");
    labels.forEach(([key, value]) => lines.push(`      ${JSON.stringify(key)}: ${JSON.stringify(value)}`));
  }
  lines.push("  mtls:", `    mode: ${spec.mode}`);
  const ports = Object.entries(spec.portLevelMtls);
  if (ports.length > 0) {
    lines.push("  portLevelMtls:");
    ports.forEach(([port, mode]) => lines.push(`    ${JSON.stringify(port)}:`, `      mode: ${mode}`));
  }
  return `${lines.join("\n")}\n`;
}

export function draftOf(changes: readonly PolicyChange[]): string {
  return changes
    .map((change) =>
      change.after
        ? `# ${change.why}\n${yamlOf(change.policy, change.after)}`
        : `# delete ${refText(change.policy)}: ${change.why}\n`,
    )
    .join("---\n");
}

function Spec({ spec }: { spec: PolicySpec | null }) {
  if (!spec) {
    return <span class="dim">none</span>;
  }
  const ports = Object.entries(spec.portLevelMtls);
  return (
    <span class="inline">
      <Badge word={modeWord(spec.mode)} />
      {ports.map(([port, mode]) => (
        <span key={port} class="inline">
          <span class="num">:{port}</span>
          <Badge word={modeWord(mode)} />
        </span>
      ))}
      {Object.entries(spec.selector).map(([key, value]) => (
        <code key={key} class="chip">
          {key}={value}
        </code>
      ))}
    </span>
  );
}

/** Writes, each with what is there before and after. */
export function Changes({ changes, label }: { changes: readonly (PolicyChange | WrittenPolicy)[]; label: string }) {
  if (changes.length === 0) {
    return <p class="dim">Nothing is written: the mesh is as the plan wants it.</p>;
  }
  return (
    <ul class="changes" aria-label={label}>
      {changes.map((change, index) => (
        <li key={index}>
          <div class="inline">
            <span class={`verb verb-${change.action.toLowerCase()}`}>{spaced(change.action)}</span>
            <span class="mono">{refText(change.policy)}</span>
            {"weakens" in change && change.weakens && (
              <span class="badge tone-bad">
                <Icon name="alert" size={14} />
                <span>weakens</span>
              </span>
            )}
          </div>
          <div class="inline">
            <Spec spec={change.before} />
            <Icon name="right" />
            <Spec spec={change.after} />
          </div>
          {"why" in change && <p class="dim">{said(change.why)}</p>}
        </li>
      ))}
    </ul>
  );
}
