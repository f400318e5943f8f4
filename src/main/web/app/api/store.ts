import { useEffect, useReducer } from "preact/hooks";
import { CallError, request, withQuery } from "./client";
import { session } from "./session";

/** What is known of a resource; `data` stays while it is read again, and when that fails. */
export interface Known<T> {
  readonly data: T | undefined;
  readonly error: CallError | undefined;
  readonly loading: boolean;
  readonly etag: string | null;
}

export interface KnownList<T> extends Known<readonly T[]> {
  /** False while more parts of the list are to come. */
  readonly complete: boolean;
}

interface Part {
  etag: string | null;
  body: Record<string, unknown>;
}

const PAGE = 1000;
const SETTLE = 250;
const LONGEST = 60_000;

/**
 * One resource, shared by all who look at it: read when somebody looks, again when an event says that something has
 * happened, and every now and then in case no events come. Conditional requests keep quiet meshes quiet: what has not
 * changed is not parsed and not drawn.
 */
abstract class Source<T> {
  data: T | undefined;
  error: CallError | undefined;
  loading = false;
  etag: string | null = null;

  private readonly watchers = new Map<() => void, number>();
  private timer: number | undefined;
  private due = Infinity;
  private again = false;
  private lastTook = 0;
  private readAt = 0;

  protected abstract load(): Promise<boolean>;

  watch(watcher: () => void, every: number): () => void {
    this.watchers.set(watcher, every);
    if (Date.now() - this.readAt > 1000 && !this.loading) {
      this.schedule(0);
    } else {
      this.plan();
    }
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size === 0) {
        clearTimeout(this.timer);
        this.due = Infinity;
      }
    };
  }

  /** True for what events may change; what is read once a minute is none of that. */
  eager(): boolean {
    return Math.min(...this.watchers.values()) < 30_000;
  }

  watched(): boolean {
    return this.watchers.size > 0;
  }

  refresh(delay = 0): void {
    if (!this.watched()) {
      this.readAt = 0;
    } else if (this.loading) {
      this.again = true;
    } else {
      // A list that takes long to read is not read with every event.
      this.schedule(Math.max(delay, Math.min(LONGEST, this.lastTook * 3)));
    }
  }

  protected tell(): void {
    for (const watcher of [...this.watchers.keys()]) {
      watcher();
    }
  }

  /** What is due is never put off, or a storm of events would keep it from being read at all. */
  private schedule(delay: number): void {
    const due = Date.now() + delay;
    if (due < this.due) {
      clearTimeout(this.timer);
      this.due = due;
      this.timer = window.setTimeout(() => {
        this.due = Infinity;
        void this.turn();
      }, delay);
    }
  }

  private plan(): void {
    if (!this.watched()) {
      return;
    }
    const every = Math.min(...this.watchers.values());
    this.schedule(Math.max(every, Math.min(LONGEST, this.lastTook * 6)));
  }

  private async turn(): Promise<void> {
    if (this.loading) {
      return;
    }
    if (session.challenge() !== null) {
      // Nobody is asked in vain; all is read once there is a token.
      this.readAt = 0;
      return;
    }
    if (document.hidden && this.data !== undefined) {
      this.plan();
      return;
    }
    const first = this.data === undefined;
    this.loading = true;
    this.again = false;
    if (first) {
      this.tell();
    }
    const began = performance.now();
    let changed = first;
    try {
      changed = (await this.load()) || changed || this.error !== undefined;
      this.error = undefined;
    } catch (cause) {
      const error =
        cause instanceof CallError ? cause : new CallError(0, "UNREADABLE", "The answer could not be read");
      changed = changed || error.message !== this.error?.message;
      this.error = error;
      if (error.status === 404) {
        this.data = undefined;
      }
    }
    this.lastTook = performance.now() - began;
    this.readAt = Date.now();
    this.loading = false;
    if (changed) {
      this.tell();
    }
    if (this.again) {
      this.refresh(SETTLE);
    } else {
      this.plan();
    }
  }
}

class One<T> extends Source<T> {
  constructor(
    private readonly path: string,
    private readonly accept: string,
  ) {
    super();
  }

  protected async load(): Promise<boolean> {
    const headers: Record<string, string> = { Accept: this.accept };
    if (this.etag && this.data !== undefined) {
      headers["If-None-Match"] = this.etag;
    }
    const response = await request(this.path, { headers });
    if (response.status === 304) {
      return false;
    }
    this.data = (this.accept.endsWith("json") ? await response.json() : await response.text()) as T;
    this.etag = response.headers.get("ETag");
    return true;
  }
}

/** Every part of a list, one after the other; the first time each is shown as it comes. */
class Every<T> extends Source<readonly T[]> {
  complete = false;
  private parts = new Map<string, Part>();

  constructor(
    private readonly path: string,
    private readonly field: string,
    private readonly most: number,
  ) {
    super();
  }

  protected async load(): Promise<boolean> {
    const first = !this.complete;
    const before = this.parts;
    const parts = new Map<string, Part>();
    const items: T[] = [];
    let changed = false;
    // Drawn at 1,000, 2,000, 4,000 …: each time costs what is there so far.
    let shown = 1;
    let next: string | null = null;
    do {
      const key: string = next ?? "";
      const joint = this.path.includes("?") ? "&" : "?";
      const url: string = this.path + joint + withQuery("", { limit: PAGE, continue: next }).slice(1);
      const known = before.get(key);
      const headers: Record<string, string> = { Accept: "application/json" };
      if (known?.etag) {
        headers["If-None-Match"] = known.etag;
      }
      const response = await request(url, { headers });
      let part: Part;
      if (response.status === 304 && known) {
        part = known;
      } else {
        part = { etag: response.headers.get("ETag"), body: (await response.json()) as Record<string, unknown> };
        changed = true;
      }
      parts.set(key, part);
      for (const item of part.body[this.field] as T[]) {
        items.push(item);
      }
      next = (part.body["continue"] as string | null) ?? null;
      if (first && next && items.length >= shown * 2) {
        shown = items.length;
        this.data = items.slice();
        this.tell();
      }
    } while (next && items.length < this.most);
    this.parts = parts;
    if (changed || first || parts.size !== before.size) {
      this.data = items;
      this.complete = next === null;
      return true;
    }
    return false;
  }
}

const sources = new Map<string, Source<unknown>>();

function source<S extends Source<unknown>>(key: string, make: () => S): S {
  let known = sources.get(key) as S | undefined;
  if (!known) {
    known = make();
    sources.set(key, known);
    forget();
  }
  return known;
}

/** Keeps the latest few that nobody looks at, so that going back shows at once what was there. */
function forget(): void {
  if (sources.size <= 60) {
    return;
  }
  for (const [key, known] of sources) {
    if (!known.watched() && sources.size > 40) {
      sources.delete(key);
    }
  }
}

/** Reads everything again that is looked at; many calls at once become one. */
let settling: number | undefined;
export function refreshAll(now = false): void {
  if (now) {
    clearTimeout(settling);
    settling = undefined;
    sources.forEach((known) => known.refresh());
  } else if (settling === undefined) {
    settling = window.setTimeout(() => {
      settling = undefined;
      sources.forEach((known) => known.eager() && known.refresh());
    }, SETTLE);
  }
}

session.subscribe(() => {
  if (session.challenge() === null) {
    refreshAll(true);
  }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    refreshAll();
  }
});

function useSource(known: Source<unknown> | null, every: number): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => known?.watch(() => redraw(undefined), every), [known, every]);
}

const NOTHING = { data: undefined, error: undefined, loading: false, etag: null } as const;

/** A resource that is kept up to date while it is shown; null for none. */
export function useResource<T>(path: string | null, every = 5000, accept = "application/json"): Known<T> {
  const known = path === null ? null : source(`${accept} ${path}`, () => new One<T>(path, accept));
  useSource(known, every);
  return known ?? NOTHING;
}

/**
 * A whole list, however many parts it has.
 *
 * @param field name of the entries in the answer
 * @param most entries that are read at most
 */
export function useList<T>(path: string | null, every = 5000, field = "items", most = 100_000): KnownList<T> {
  const known =
    path === null ? null : source(`* ${field} ${most} ${path}`, () => new Every<T>(path, field, most));
  useSource(known, every);
  return known ?? { ...NOTHING, complete: true };
}
