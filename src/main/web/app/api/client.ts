import type { FieldError, Problem } from "./types";
import { BASE } from "./base";
import { session } from "./session";

export const API = `${BASE}api/v1`;

/** Why a call failed: the service's own problem, or that it cannot be reached. */
export class CallError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: readonly FieldError[] = [],
    readonly allowedActions: readonly string[] = [],
    readonly incident?: string,
  ) {
    super(message);
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

export interface Answer<T> {
  readonly status: number;
  readonly data: T;
  readonly etag: string | null;
  readonly location: string | null;
}

/** Difference of the service's clock to ours, in milliseconds, by its latest answer. */
let clockSkew = 0;

export function serviceNow(): number {
  return Date.now() + clockSkew;
}

function headers(token: string | null, extra: Record<string, string>): Record<string, string> {
  return token ? { ...extra, Authorization: `Bearer ${token}` } : extra;
}

type Sent = RequestInit & { headers?: Record<string, string> };

/** Sends a request with the caller's token; 304 is no error. With another token, if one is refused and there is another. */
export async function request(path: string, init: Sent = {}): Promise<Response> {
  const token = await session.token();
  const response = await fetched(path, init, token);
  if (response.ok || response.status === 304) {
    session.accepted(token);
    return response;
  }
  const error = await failure(response);
  if (error.status === 401 && (await session.refused(token, error.message))) {
    const again = await fetched(path, init, await session.token());
    if (again.ok || again.status === 304) {
      return again;
    }
    throw await failure(again);
  }
  throw error;
}

async function fetched(path: string, init: Sent, token: string | null): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(API + path, {
      ...init,
      headers: headers(token, init.headers ?? {}),
      cache: "no-store",
      credentials: "omit",
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") {
      throw cause;
    }
    throw new CallError(0, "UNREACHABLE", "The service does not answer");
  }
  const date = response.headers.get("Date");
  if (date) {
    clockSkew = Date.parse(date) + 500 - Date.now();
    if (Math.abs(clockSkew) < 2000) {
      clockSkew = 0;
    }
  }
  return response;
}

async function failure(response: Response): Promise<CallError> {
  let problem: Partial<Problem> = {};
  if (response.headers.get("Content-Type")?.includes("json")) {
    problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  }
  return new CallError(
    response.status,
    problem.code ?? `HTTP_${response.status}`,
    problem.detail ?? problem.title ?? `The service answered with ${response.status}`,
    problem.errors ?? [],
    problem.allowedActions ?? [],
    problem.incident,
  );
}

export async function read<T>(path: string, accept = "application/json"): Promise<Answer<T>> {
  const response = await request(path, { headers: { Accept: accept } });
  const data = accept === "application/json" ? await response.json() : await response.text();
  return answer<T>(response, data as T);
}

/**
 * Reads a version right before it is demanded, for a running plan's changes often; refuses when what was shown is not what
 * is there now.
 */
export async function versionOf<T>(path: string, shown: T, what: string, part: (whole: T) => unknown = (whole) => whole): Promise<string | null> {
  const { data, etag } = await read<T>(path);
  if (JSON.stringify(part(data)) !== JSON.stringify(part(shown))) {
    throw new CallError(412, "STALE", `${what} changed after it was shown here`);
  }
  return etag;
}

/**
 * Every part of a list, read once: for what must not change under the hand of who reads it.
 *
 * @param most entries that are read at most; `complete` is false where there are more
 */
export async function readList<T>(path: string, most = 20_000): Promise<{ items: readonly T[]; complete: boolean }> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const joint = path.includes("?") ? "&" : "?";
    const url: string = path + joint + withQuery("", { limit: 1000, continue: next }).slice(1);
    const part: { items: readonly T[]; continue: string | null } = (await read<{ items: readonly T[]; continue: string | null }>(url)).data;
    items.push(...part.items);
    next = part.continue;
  } while (next && items.length < most);
  return { items, complete: next === null };
}

/** A changing call; `body` is sent as JSON unless it is a string. */
export async function send<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  options: { ifMatch?: string | null; type?: string } = {},
): Promise<Answer<T>> {
  const sent: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) {
    sent["Content-Type"] = options.type ?? "application/json";
  }
  if (options.ifMatch) {
    sent["If-Match"] = options.ifMatch;
  }
  const init: RequestInit & { headers: Record<string, string> } = { method, headers: sent };
  if (body !== undefined) {
    init.body = typeof body === "string" ? body : JSON.stringify(body);
  }
  const response = await request(path, init);
  const text = await response.text();
  return answer<T>(response, (text ? JSON.parse(text) : null) as T);
}

function answer<T>(response: Response, data: T): Answer<T> {
  return {
    status: response.status,
    data,
    etag: response.headers.get("ETag"),
    location: response.headers.get("Location"),
  };
}

/** A path with query parameters; empty ones are left out. */
export function withQuery(path: string, query: Record<string, string | number | boolean | null | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "" && value !== false) {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

export const segment = encodeURIComponent;
