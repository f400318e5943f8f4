const KEY = "mtls-migration.token";

type Listener = () => void;

/**
 * The caller's token: in this tab's session storage, so that it goes with the tab and no other site or tab can read it.
 * `challenge` is set while the service wants a token that it does not have.
 */
class Session {
  private kept: string | null = sessionStorage.getItem(KEY);
  private challenged: string | null = null;
  private readonly listeners = new Set<Listener>();

  token(): string | null {
    return this.kept;
  }

  challenge(): string | null {
    return this.challenged;
  }

  logIn(token: string): void {
    this.kept = token.trim().replace(/^Bearer\s+/i, "");
    sessionStorage.setItem(KEY, this.kept);
    this.challenged = null;
    this.tell();
  }

  logOut(): void {
    this.kept = null;
    sessionStorage.removeItem(KEY);
    this.challenged = "You have logged out.";
    this.tell();
  }

  /** A call that showed this token was refused; that tells nothing of one that was given while it was under way. */
  refused(token: string | null, why: string): void {
    if (token === this.kept && this.challenged !== why) {
      this.challenged = why;
      this.tell();
    }
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}

export const session = new Session();
