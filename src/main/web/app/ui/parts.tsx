import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { withQuery, type CallError } from "../api/client";
import { useAway } from "../api/live";
import { useResource } from "../api/store";
import type { Mesh } from "../api/types";
import { ago, clock, count, full, percent, said, useNow } from "./format";
import { Icon, type IconName } from "./icons";
import type { Tone, Word } from "./words";

export function Badge({ word, quiet = false, children }: { word: Word; quiet?: boolean; children?: ComponentChildren }) {
  return (
    <span class={`badge tone-${word.tone}${quiet ? " quiet" : ""}`} title={word.hint}>
      <Icon name={word.icon} size={14} />
      <span>{children ?? word.text}</span>
    </span>
  );
}

/** @param acts it asks something of the service, so it is off while the service is away */
export function Button({
  icon,
  kind = "plain",
  acts = false,
  children,
  ...rest
}: { icon?: IconName; kind?: "plain" | "main" | "danger" | "bare"; acts?: boolean } & JSX.ButtonHTMLAttributes<HTMLButtonElement>) {
  const away = useAway();
  return (
    <button type="button" {...rest} disabled={rest.disabled || (acts && away)} class={`button ${kind} ${(rest.class as string | undefined) ?? ""}`}>
      {icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
    </button>
  );
}

/** Where a dashboard shows more, if the service was told where Grafana is. */
export function InGrafana({ dashboard, namespace, children }: { dashboard: "plaintext" | "plans" | "health"; namespace?: string; children: ComponentChildren }) {
  const { data: mesh } = useResource<Mesh>("/mesh", 5000);
  const base = mesh?.service.grafana;
  return base ? (
    <a href={withQuery(`${base}/d/mtls-migration-${dashboard}`, { "var-namespace": namespace })} target="_blank" rel="noopener">
      {children}
    </a>
  ) : null;
}

/** A part of a view with its own heading, which is a landmark of that name. */
export function Panel({
  title,
  aside,
  children,
  class: more = "",
  level = 2,
}: {
  title: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
  level?: 2 | 3;
}) {
  const id = useId();
  const Heading = `h${level}` as "h2" | "h3";
  return (
    <section class={`panel ${more}`} aria-labelledby={id}>
      <header class="panel-head">
        <Heading id={id}>{title}</Heading>
        {aside && <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

export function Empty({ icon = "info", title, children }: { icon?: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} size={28} />
      <p class="empty-title">{title}</p>
      {children && <div class="empty-text">{children}</div>}
    </div>
  );
}

/** Why something cannot be shown; what was known before stays beside it. */
export function Trouble({ error }: { error: CallError | undefined }) {
  if (!error || error.status === 401) {
    return null;
  }
  return (
    <p class="trouble" role="status">
      <Icon name="alert" />
      <span>
        {said(error.message)}
        {error.incident ? ` (incident ${error.incident})` : ""}
        {error.unreachable ? "; what is shown is what was known before" : ""}
      </span>
    </p>
  );
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} />
      ))}
    </div>
  );
}

export interface Share {
  readonly key: string;
  readonly word: Word;
  readonly value: number;
  readonly href?: string | undefined;
}

/** Shares of a whole as one bar, and the same in words and numbers below it. */
export function Shares({ label, shares, legend = true, unit = "" }: { label: string; shares: readonly Share[]; legend?: boolean; unit?: string }) {
  const whole = shares.reduce((sum, share) => sum + share.value, 0);
  const text = shares.filter((s) => s.value > 0).map((s) => `${s.word.text} ${count(s.value)}`);
  return (
    <div class="shares">
      <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label={`${label}: ${text.join(", ") || "nothing"}`}>
        <rect class="bar-ground" width="1000" height="10" />
        {whole > 0 && segments(shares, whole)}
      </svg>
      {legend && (
        <ul class="legend">
          {shares.map((share) => (
            <li key={share.key} class={share.value === 0 ? "none" : ""}>
              <LegendEntry share={share} whole={whole} unit={unit} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function segments(shares: readonly Share[], whole: number) {
  let at = 0;
  return shares.map((share) => {
    if (share.value === 0) {
      return null;
    }
    const width = Math.max(6, (1000 * share.value) / whole);
    const x = at;
    at += width;
    return <rect key={share.key} class={`fill-${share.word.tone}`} x={x} width={Math.max(0, width - 3)} height="10" />;
  });
}

function LegendEntry({ share, whole, unit }: { share: Share; whole: number; unit: string }) {
  const inner = (
    <>
      <span class={`mark tone-${share.word.tone}`}>
        <Icon name={share.word.icon} size={12} />
      </span>
      <span class="legend-name">{share.word.text}</span>
      <b class="num">{count(share.value)}</b>
      <span class="num dim">
        {percent(share.value, whole)}
        {unit}
      </span>
    </>
  );
  return share.href ? (
    <a class="legend-link" href={share.href}>
      {inner}
    </a>
  ) : (
    <span class="legend-link">{inner}</span>
  );
}

export function Stat({ label, value, tone = "idle", href, children }: { label: string; value: ComponentChildren; tone?: Tone; href?: string; children?: ComponentChildren }) {
  const inner = (
    <>
      <span class="stat-label">{label}</span>
      <span class={`stat-value num text-${tone}`}>{value}</span>
      {children && <span class="stat-note">{children}</span>}
    </>
  );
  return href ? (
    <a class="stat" href={href}>
      {inner}
    </a>
  ) : (
    <div class="stat">{inner}</div>
  );
}

export function Ago({ at }: { at: string }) {
  const now = useNow();
  return (
    <time class="num nowrap" dateTime={at} title={full(at)}>
      {ago(at, now)}
    </time>
  );
}

export function At({ at }: { at: string }) {
  return (
    <time class="num nowrap" dateTime={at} title={full(at)}>
      {clock(at)}
    </time>
  );
}

export function Copy({ text, kind = "plain", children }: { text(): string; kind?: "plain" | "bare"; children: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <Button kind={kind} icon={copied ? "check" : "copy"} onClick={() => void copy()}>
      {copied ? "Copied" : children}
    </Button>
  );
}

export function Code({ text, name, label }: { text: string; name?: string; label: string }) {
  return (
    <div class="code">
      <div class="code-tools">
        {name && (
          <Button kind="bare" icon="download" onClick={() => download(name, text, "application/yaml")}>
            Download
          </Button>
        )}
        <Copy kind="bare" text={() => text}>
          Copy
        </Copy>
      </div>
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function Search({ value, onValue, label, class: more = "" }: { value: string; onValue(value: string): void; label: string; class?: string }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        input.current?.focus();
      }
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, []);
  return (
    <label class={`search ${more}`}>
      <Icon name="search" />
      <span class="hidden">{label}</span>
      <input ref={input} type="search" value={value} placeholder={label} onInput={(e) => onValue(e.currentTarget.value)} />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

export interface Option<V extends string = string> {
  readonly value: V;
  readonly text: string;
}

export function Choice<V extends string>({ label, value, options, onValue, hideLabel = false }: { label: string; value: V; options: readonly Option<V>[]; onValue(value: V): void; hideLabel?: boolean }) {
  return (
    <label class="choice">
      <span class={hideLabel ? "hidden" : ""}>{label}</span>
      <select value={value} onChange={(e) => onValue(e.currentTarget.value as V)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A few ways to look at the same thing, of which one is taken. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly { key: string; text: string; href: string; count?: number | undefined }[]; current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.key} href={tab.href} aria-current={tab.key === current ? "page" : undefined}>
          {tab.text}
          {tab.count !== undefined && <span class="num dim"> {count(tab.count)}</span>}
        </a>
      ))}
    </nav>
  );
}

export function Check({ label, checked, onChecked }: { label: string; checked: boolean; onChecked(checked: boolean): void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(e) => onChecked(e.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** A client, and whose it is where somebody owns it. */
export function Client({ of: client, owner }: { of: string; owner: string | null | undefined }) {
  return (
    <>
      <Name of={client} />
      {owner && <span class="dim"> of {owner}</span>}
    </>
  );
}

/** The first of some names, and how many more there are; all of them where one points at it. */
export function FirstOf({ names }: { names: readonly string[] }) {
  return (
    <span title={names.join("\n")}>
      <Name of={names[0] ?? ""} />
      {names.length > 1 && <span class="dim"> and {count(names.length - 1)} more</span>}
    </span>
  );
}

/** A name that is namespace and object: the namespace quieter, so that names can be told apart. */
export function Name({ of: ref }: { of: string }) {
  const at = ref.indexOf("/");
  return at < 0 ? (
    <span class="mono">{ref}</span>
  ) : (
    <span class="mono">
      <span class="dim">{ref.slice(0, at + 1)}</span>
      {ref.slice(at + 1)}
    </span>
  );
}
