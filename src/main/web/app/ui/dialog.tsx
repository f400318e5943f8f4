import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { CallError } from "../api/client";
import { said } from "./format";
import { Button } from "./parts";
import { Icon } from "./icons";

/** Of a dialog that is open as long as it is there; the focus goes back to where it was. */
export function useModal() {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  return element;
}

/** A modal dialog of the browser's own: focus stays inside, Escape closes, what is behind is inert. */
export function Dialog({ title, onClose, children, wide = false }: { title: string; onClose(): void; children: ComponentChildren; wide?: boolean }) {
  const element = useModal();
  const id = useId();
  return (
    <dialog
      ref={element}
      class={`dialog${wide ? " wide" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button kind="bare" icon="cross" aria-label="Close" onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}

/** What went wrong with a call, every wrong field, and what may be done instead. */
export function Failure({ error }: { error: unknown }) {
  if (!error) {
    return null;
  }
  const known = error instanceof CallError ? error : undefined;
  return (
    <div class="failure" role="alert">
      <Icon name="alert" />
      <div>
        <p>
          <b>{said(error instanceof Error ? error.message : String(error))}</b>
          {known && <span class="dim mono"> {known.code}</span>}
        </p>
        {known && known.errors.length > 0 && (
          <ul>
            {known.errors.map((field) => (
              <li key={`${field.pointer ?? field.parameter} ${field.code}`}>
                <span class="mono">{field.pointer ?? field.parameter}</span> {said(field.detail)}
              </li>
            ))}
          </ul>
        )}
        {known?.status === 409 && known.allowedActions.length > 0 && (
          <p class="dim">Possible now: {known.allowedActions.join(", ").toLowerCase()}</p>
        )}
        {known?.status === 412 && <p class="dim">Somebody else has changed it meanwhile. Close this, look, and try again.</p>}
        {known?.incident && <p class="dim">Incident {known.incident} in the service's log</p>}
      </div>
    </div>
  );
}

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "good" | "bad" | "info";
}

let notices: readonly Notice[] = [];
let last = 0;
const watchers = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  watchers.forEach((watcher) => watcher());
}

/** Says that something has happened, for a while; assistive technology reads it out. */
export function notify(text: string, tone: Notice["tone"] = "info"): void {
  const id = ++last;
  set([...notices.slice(-3), { id, text, tone }]);
  setTimeout(() => set(notices.filter((notice) => notice.id !== id)), tone === "bad" ? 12_000 : 6_000);
}

export function Notices() {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const watcher = (): void => redraw(undefined);
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
    };
  }, []);
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.map((notice) => (
        <p key={notice.id} class={`notice tone-${notice.tone}`}>
          <Icon name={notice.tone === "good" ? "check" : notice.tone === "bad" ? "alert" : "info"} />
          <span>{notice.text}</span>
          <button type="button" aria-label="Dismiss" onClick={() => set(notices.filter((other) => other !== notice))}>
            <Icon name="cross" size={12} />
          </button>
        </p>
      ))}
    </div>
  );
}
