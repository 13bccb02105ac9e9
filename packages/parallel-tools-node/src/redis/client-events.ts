import type { RedisClient } from "./redis-client.js";

export interface ClientListener {
  readonly onReady: () => void;
  readonly onClose: () => void;
  readonly onEnd: () => void;
}

/**
 * What listens to one client of the application. However many do, the client has
 * one listener per event, and none when nobody listens.
 */
class ClientEvents {
  readonly #client: RedisClient;
  readonly #listeners = new Set<ClientListener>();

  constructor(client: RedisClient) {
    this.#client = client;
  }

  add(listener: ClientListener): void {
    if (this.#listeners.size === 0) {
      this.#client.on("ready", this.#onReady);
      this.#client.on("close", this.#onClose);
      this.#client.on("end", this.#onEnd);
    }
    this.#listeners.add(listener);
  }

  remove(listener: ClientListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#client.off("ready", this.#onReady);
    this.#client.off("close", this.#onClose);
    this.#client.off("end", this.#onEnd);
  }

  readonly #onReady = () => {
    for (const { onReady } of this.#listeners) onReady();
  };

  readonly #onClose = () => {
    for (const { onClose } of this.#listeners) onClose();
  };

  readonly #onEnd = () => {
    for (const { onEnd } of this.#listeners) onEnd();
  };
}

const eventsOf = new WeakMap<RedisClient, ClientEvents>();

/** Listens to a client of the application. Returns what ends it. */
export function listenTo(
  client: RedisClient,
  listener: ClientListener,
): () => void {
  let events = eventsOf.get(client);
  if (events === undefined) {
    events = new ClientEvents(client);
    eventsOf.set(client, events);
  }
  events.add(listener);
  return () => events.remove(listener);
}
