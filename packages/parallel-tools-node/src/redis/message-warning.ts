import type { RedisClient } from "./redis-client.js";

const CONSEQUENCE =
  "Until they do, calls that wait for a slot ask for it, every 20 ms to 1 s.";

/**
 * Tells that messages between processes don't arrive, and what the application
 * has to change. Once, until this process has received them again.
 */
export class MessageWarning {
  readonly #client: RedisClient;
  readonly #base: string;
  #isGiven = false;
  /** This process receives messages. */
  #hears = false;
  /** Why this process may send none. Empty: it may. */
  #sendProblem = "";
  /** Others have missed a message of this process. */
  #hasLost = false;

  /** @param base what the names of all channels begin with */
  constructor(client: RedisClient, base: string) {
    this.#client = client;
    this.#base = base;
  }

  /** This process receives none. */
  onDeaf(problem: string): void {
    this.#hears = false;
    this.#warn(
      `Messages from Redis don't arrive in this process (${problem}).`,
      this.#advice(problem),
    );
  }

  /**
   * This process may send none. What it lacks is known only when it has tried to
   * receive some.
   *
   * @param hasLost it would have sent one
   * @returns whether it has to try
   */
  onMute(problem: string, hasLost: boolean): boolean {
    this.#sendProblem = problem;
    this.#hasLost ||= hasLost;
    if (this.#hears) this.#warnOfLost();
    return this.#hasLost && !this.#isGiven;
  }

  /** This process receives them. */
  onHearing(): void {
    if (!this.#hasLost) this.#isGiven = false;
    this.#hears = true;
    this.#warnOfLost();
  }

  #warnOfLost(): void {
    if (!this.#hasLost) return;
    this.#warn(
      `Messages of this process don't reach others (${this.#sendProblem}).`,
      this.#aclAdvice(this.#sendProblem, ["+publish"]),
    );
  }

  #warn(what: string, advice: string): void {
    if (this.#isGiven) return;
    this.#isGiven = true;
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn(`parallel-tools-node: ${what} ${CONSEQUENCE} ${advice}`);
  }

  #advice(problem: string): string {
    if (problem.includes("NOPERM")) {
      // Redis takes no channel for a user that has all channels.
      const lacksChannel =
        problem.includes("channel") || this.#sendProblem !== "";
      const lacksPublish = this.#sendProblem.includes("can't run");
      return this.#aclAdvice(problem, [
        "+subscribe",
        ...(lacksChannel ? [this.#channels] : []),
        ...(lacksPublish ? ["+publish"] : []),
      ]);
    }
    const connection =
      "They come on a connection of their own, which is made with `client.duplicate()`";
    if (/WRONGPASS|NOAUTH|invalid password/i.test(problem)) {
      return `${connection}. It takes the password from \`client.options\`: keep that up to date.`;
    }
    return `${connection}: make sure that Redis takes another one (\`maxclients\`).`;
  }

  #aclAdvice(problem: string, rights: readonly string[]): string {
    const user =
      /NOPERM User (\S+) has/.exec(problem)?.[1] ??
      usernameOf(this.#client) ??
      "<user>";
    const line = `ACL SETUSER ${user} ${rights.join(" ")}`;
    return `The Redis user needs +subscribe, +publish and ${this.#channels}, of which it lacks some: ${line}`;
  }

  get #channels(): string {
    // Whatever has a meaning in a pattern or on a command line is any character.
    return `&${this.#base.replaceAll(/[\s"'*?[\]\\]/g, "?")}to:*`;
  }
}

/** As ioredis keeps it. */
function usernameOf({ options }: RedisClient): string | undefined {
  const { username, redisOptions } = (options ?? {}) as {
    readonly username?: unknown;
    readonly redisOptions?: { readonly username?: unknown };
  };
  const name = username ?? redisOptions?.username;
  return typeof name === "string" && name !== "" ? name : undefined;
}
