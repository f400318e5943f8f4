import { useEffect, useReducer } from "preact/hooks";
import { API } from "./client";
import { session } from "./session";
import { refreshAll, useResource } from "./store";
import type { Event } from "./types";

export type LiveState = "connecting" | "live" | "lost";

type Listener = (event: Event) => void;

/** A stream that says nothing, not even a heartbeat (15 s), for so long is dead. */
const SILENCE = 40_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/**
 * Follows the events of all plans (server-sent events, by fetch, so that the token travels in a header). Events say
 * *that* something has happened; what is shown is read from the API again. Comes back by itself, with the id of the
 * last event, and reads everything again once it is back.
 */
class Live {
  state: LiveState = "connecting";
  private lastId: string | null = null;
  private wait = FIRST_WAIT;
  private watchdog: number | undefined;
  private running: AbortController | undefined;
  private readonly watchers = new Set<() => void>();
  private readonly listeners = new Set<Listener>();

  start(): void {
    session.subscribe(() => {
      if (session.challenge() === null) {
        this.running?.abort();
      }
    });
    window.addEventListener("online", () => this.running?.abort());
    void this.follow();
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private become(state: LiveState): void {
    if (this.state !== state) {
      this.state = state;
      this.watchers.forEach((watcher) => watcher());
    }
  }

  private async follow(): Promise<never> {
    for (;;) {
      await this.knownCaller();
      const was = this.state;
      this.running = new AbortController();
      try {
        await this.stream(this.running, was !== "connecting");
      } catch {
        // Whatever it was, the answer is to come back.
      }
      clearTimeout(this.watchdog);
      this.become("lost");
      await new Promise((resolve) => setTimeout(resolve, this.wait * (0.75 + Math.random() / 2)));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }
  }

  /** Nobody is asked for events in vain while a token is wanted. */
  private knownCaller(): Promise<void> {
    return new Promise((resolve) => {
      if (session.challenge() === null) {
        resolve();
        return;
      }
      const forget = session.subscribe(() => {
        if (session.challenge() === null) {
          forget();
          resolve();
        }
      });
    });
  }

  private async stream(running: AbortController, back: boolean): Promise<void> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    const token = await session.token();
    if (token) {
      headers["Authorization"] = `Bearer ${token}`;
    }
    if (this.lastId !== null) {
      headers["Last-Event-ID"] = this.lastId;
    }
    this.alive(running);
    const response = await fetch(`${API}/events`, {
      headers,
      signal: running.signal,
      cache: "no-store",
      credentials: "omit",
    });
    if (!response.ok || !response.body) {
      return;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      this.alive(running);
      if (this.state !== "live") {
        this.become("live");
        this.wait = FIRST_WAIT;
        if (back) {
          refreshAll(true);
        }
      }
      rest += value;
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      blocks.forEach((block) => this.take(block));
    }
  }

  private alive(running: AbortController): void {
    clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => running.abort(), SILENCE);
  }

  private take(block: string): void {
    let data = "";
    for (const line of block.split(/\r?\n/)) {
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "id") {
        this.lastId = value;
      } else if (field === "data") {
        data += data ? `\n${value}` : value;
      }
    }
    if (data) {
      const event = JSON.parse(data) as Event;
      this.listeners.forEach((listener) => listener(event));
      refreshAll();
    }
  }
}

export const live = new Live();

export function useLive(): LiveState {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => live.watch(() => redraw(undefined)), []);
  return live.state;
}

/** True while the service answers nothing at all: what is shown is of before, and nothing can be asked of it. */
export function useAway(): boolean {
  const { error } = useResource<unknown>("/mesh", 5000);
  return useLive() === "lost" && (error?.unreachable ?? false);
}
