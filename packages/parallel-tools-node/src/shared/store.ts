import type { Update } from "./protocol.js";

/**
 * A place outside of this process that keeps limits, and the connection to it.
 * It applies updates, one at a time, and answers each with events. It also
 * sends messages, which hold events, when another process has changed
 * something.
 */
export interface Store {
  /** As a warning names it. */
  readonly name: string;
  /** The id of this process in the store. */
  readonly processId: string;
  /**
   * Whether there is a connection. If there is none, `onConnect` tells when the
   * store may be back.
   */
  readonly isConnected: boolean;
  /**
   * Applies an update. Gives the answer as it came, not yet checked.
   *
   * @throws StoreUnavailable if there is no answer. Any other error is final:
   * this store will never work.
   */
  send(update: Update): Promise<unknown>;
  /** Whether messages of other processes arrive. */
  readonly hasMessages: boolean;
  /** Opens the connection for messages if it isn't open. */
  openMessages(): void;
  /**
   * This process may send no messages.
   *
   * @param hasLost it would have sent one
   */
  onRefusal(problem: string, hasLost: boolean): void;
  /**
   * The store has nothing of this process, which waits for nothing. Until the
   * next update, the store has nothing to report.
   */
  standBy(): void;
}

/** What a store reports by itself. */
export interface StoreListener {
  readonly onConnect: () => void;
  readonly onDisconnect: () => void;
  /** The application has closed the connection for good. */
  readonly onEnd: () => void;
  /** A message, not yet checked. */
  readonly onMessage: (message: unknown) => void;
  /** Messages arrive from now on. Earlier ones may have been lost. */
  readonly onMessagesOpen: () => void;
  /** Messages don't arrive any more, or can't be had. */
  readonly onMessagesClosed: () => void;
}

/** Why a store didn't answer. `cause` is what it or its client said. */
export class StoreUnavailable extends Error {}
