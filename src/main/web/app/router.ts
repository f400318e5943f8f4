import { useEffect, useReducer } from "preact/hooks";

/** Where the page is: everything that is looked at and every filter, so that an address can be passed on. */
export interface Route {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return {
    path: path.split("/").filter(Boolean).map(decode),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

let current = parse(location.hash);
const watchers = new Set<() => void>();

function moved(): void {
  current = parse(location.hash);
  watchers.forEach((watcher) => watcher());
}

window.addEventListener("hashchange", moved);

export function href(path: readonly string[], query: Record<string, string | undefined> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value) {
      parameters.set(name, value);
    }
  }
  const text = parameters.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

export function go(path: readonly string[], query: Record<string, string | undefined> = {}): void {
  location.hash = href(path, query);
}

/** Changes some of the filters in place: going back does not step through each letter that was typed. */
export function filter(change: Record<string, string | undefined>): void {
  become(href(current.path, { ...current.query, ...change }));
}

/** Is at another address in place of this one. */
export function become(hash: string): void {
  if (hash !== location.hash) {
    history.replaceState(null, "", hash);
    moved();
  }
}

export function useRoute(): Route {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const watcher = (): void => redraw(undefined);
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
    };
  }, []);
  return current;
}
