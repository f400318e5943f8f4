import { BASE } from "./base";

const KEY = "mtls-migration.token";
const PLACE = "mtls-migration.place";

/** A token is renewed so long before it ends, which is when the service does so; or after half of its time, when it lasts shorter. */
const EARLY_MS = 20_000;

/** Between two attempts at least, whatever the answers. */
const PAUSE_MS = 3_000;

type Listener = () => void;

/** What the service says of the session of whoever looks at the page. */
interface SignedIn {
  readonly offered: boolean;
  readonly token?: string;
  readonly expiresIn?: number;
}

interface Lent {
  readonly token: string;
  /** When to ask for another one, on the clock that never jumps. */
  readonly renewAt: number;
}

const UNREACHABLE = "The OpenID provider does not answer. Try again in a while, or give a token that you have.";
const FIRST = "Sign in to see the mesh, and to do what you may do there.";
const ENDED = "Your session has ended. Sign in again to go on where you were.";
const FAILED = "What the OpenID provider answered was not taken. The log of the service tells why.";

/** Words for what the service gives as the reason why somebody could not sign in. */
const PROBLEMS: Readonly<Record<string, string>> = {
  declined: "The OpenID provider did not let you sign in.",
  expired: "Signing in took too long, or was begun in another browser. Try again.",
  cookies: "Signing in needs cookies, and this browser did not keep the one of this service.",
  unreachable: UNREACHABLE,
};

/**
 * Whose token calls show. One that was pasted is in this tab's session storage, so that it goes with the tab and no other
 * site or tab can read it. One of a person who signed in is in memory alone: the service lends it again for the cookie that
 * no script can read, and renews it as long as the provider lets it.
 *
 * `challenge` is set while the service wants a token that it does not have.
 */
class Session {
  private pasted: string | null = sessionStorage.getItem(KEY);
  private lent: Lent | null = null;
  private asked = false;
  private asking: Promise<void> | null = null;
  private offer = false;
  private away = false;
  private challenged: string | null = null;
  private taken = false;
  private end: string | null = null;
  private readonly listeners = new Set<Listener>();
  private readonly tabs = new BroadcastChannel("mtls-migration.session");

  constructor() {
    this.tabs.onmessage = ({ data }) => {
      if (data === "out") {
        if (this.lent) {
          this.leave("You have logged out in another tab.");
        }
      } else if (this.challenged !== null && this.pasted === null) {
        void this.comeBack();
      }
    };
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.challenged !== null && this.taken && this.pasted === null) {
        void this.comeBack();
      }
    });
  }

  challenge(): string | null {
    return this.challenged;
  }

  /** True when people can sign in at an OpenID provider. */
  offered(): boolean {
    return this.offer;
  }

  /** True while there is something on the page that must not be lost by asking for a token. */
  resumable(): boolean {
    return this.taken;
  }

  /** Where the session at the provider can be ended, too; null unless one was left. */
  endAtProvider(): string | null {
    return this.end;
  }

  /** The token to show now. */
  async token(): Promise<string | null> {
    if (this.pasted !== null) {
      return this.pasted;
    }
    if (!this.asked || (this.lent !== null && performance.now() > this.lent.renewAt)) {
      await this.ask();
    }
    return this.kept();
  }

  logIn(token: string): void {
    this.pasted = token.trim().replace(/^Bearer\s+/i, "");
    sessionStorage.setItem(KEY, this.pasted);
    this.resume();
  }

  logOut(): void {
    const signedIn = this.lent !== null;
    this.pasted = null;
    sessionStorage.removeItem(KEY);
    this.leave("You have logged out.");
    if (this.offer) {
      void this.forget(signedIn);
    }
  }

  /** Keeps where the page is, for it is left to sign in. */
  depart(): void {
    sessionStorage.setItem(PLACE, location.hash);
  }

  /** Somebody comes back from signing in, or from trying to. */
  arrive(problem: string | null): string | null {
    const place = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    if (problem !== null) {
      this.challenged = PROBLEMS[problem] ?? FAILED;
      void this.ask().then(() => (this.kept() === null ? this.tell() : this.resume()));
    }
    return place;
  }

  /** Tells tabs that wait for it that somebody has signed in. */
  announce(): void {
    this.tabs.postMessage("in");
  }

  /** A call that showed this token was let in; one that was left meanwhile brings nothing back. */
  accepted(token: string | null): void {
    this.taken ||= token !== null && token === this.kept();
  }

  /**
   * A call that showed this token was refused. True when there is another one to show; a call that was refused while
   * another token was given tells nothing of that.
   */
  async refused(token: string | null, why: string): Promise<boolean> {
    if (token !== this.kept()) {
      return this.kept() !== null;
    }
    if (this.pasted === null && (token !== null || !this.asked)) {
      await this.ask();
      if (this.kept() !== token) {
        return this.kept() !== null;
      }
    }
    const lent = this.pasted === null;
    // A pasted one is of no more use, and must not stand in the way of signing in.
    this.pasted = null;
    sessionStorage.removeItem(KEY);
    this.expire(this.away ? UNREACHABLE : this.words(lent, token, why));
    return false;
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private kept(): string | null {
    return this.pasted ?? this.lent?.token ?? null;
  }

  private ask(): Promise<void> {
    this.asking ??= this.borrow().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private async borrow(): Promise<void> {
    let answer: Response;
    try {
      answer = await fetch(`${BASE}login/session`, { cache: "no-store", credentials: "same-origin", redirect: "error" });
    } catch {
      // The service is away: what is known stays, and is asked for again.
      this.retryLater();
      return;
    }
    this.asked = true;
    this.away = answer.status === 503;
    if (!answer.ok) {
      this.retryLater();
      return;
    }
    const now = (await answer.json()) as SignedIn;
    this.offer = now.offered;
    if (now.token === undefined) {
      // One that still lasts is shown to its end.
      this.lent = this.lent && { ...this.lent, renewAt: Infinity };
      return;
    }
    const left = now.expiresIn === undefined ? Infinity : now.expiresIn * 1000;
    this.lent = { token: now.token, renewAt: performance.now() + Math.max(left - EARLY_MS, left / 2, PAUSE_MS) };
  }

  private retryLater(): void {
    this.lent = this.lent && { ...this.lent, renewAt: performance.now() + PAUSE_MS };
  }

  private async comeBack(): Promise<void> {
    const before = this.kept();
    await this.ask();
    if (this.kept() !== null && this.kept() !== before) {
      this.resume();
    }
  }

  private resume(): void {
    this.challenged = null;
    this.end = null;
    this.tell();
  }

  private leave(why: string): void {
    this.lent = null;
    this.taken = false;
    this.end = null;
    this.expire(why);
  }

  private async forget(signedIn: boolean): Promise<void> {
    try {
      const answer = await fetch(`${BASE}login/logout`, { method: "POST", credentials: "same-origin" });
      this.tabs.postMessage("out");
      const { endSession } = (await answer.json()) as { endSession?: string };
      if (signedIn && endSession && this.challenged !== null) {
        this.end = endSession;
        this.tell();
      }
    } catch {
      this.expire("You have logged out of this tab, but the service was not reached to end the session.");
    }
  }

  /** What the service answers is for whoever writes programs; who may sign in is told that. */
  private words(lent: boolean, token: string | null, why: string): string {
    if (!this.offer || !lent) {
      return why;
    }
    return token === null ? FIRST : ENDED;
  }

  private expire(why: string): void {
    if (this.challenged !== why) {
      this.challenged = why;
      this.tell();
    }
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}

export const session = new Session();
