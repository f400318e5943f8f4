import { Icon } from "./icons";
import { SEVERITY_ORDER, severityWord } from "./words";

export function Findings({ findings }: { findings: Readonly<Record<string, number>> }) {
  const some = SEVERITY_ORDER.filter((key) => (findings[key] ?? 0) > 0);
  if (some.length === 0) {
    return <span class="dim">none</span>;
  }
  return (
    <span class="inline tight">
      {some.map((key) => {
        const word = severityWord(key);
        return (
          <span key={key} class={`mini tone-${word.tone}`} title={`${findings[key]} × ${word.text}`}>
            <Icon name={word.icon} size={13} />
            <span class="num">{findings[key]}</span>
            <span class="hidden">{word.text}</span>
          </span>
        );
      })}
    </span>
  );
}
