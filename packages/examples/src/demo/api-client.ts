/** Calls the API over HTTP. Any status but 2xx is thrown, as tools often do. */
export class ApiClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string, query: Record<string, string>): Promise<unknown> {
    return this.#send("GET", path, query);
  }

  put(
    path: string,
    query: Record<string, string>,
    body: unknown,
  ): Promise<unknown> {
    return this.#send("PUT", path, query, JSON.stringify(body));
  }

  post(path: string, query: Record<string, string>): Promise<unknown> {
    return this.#send("POST", path, query);
  }

  async #send(
    method: string,
    path: string,
    query: Record<string, string>,
    body?: string,
  ): Promise<unknown> {
    const url = `${this.#url}${path}?${new URLSearchParams(query).toString()}`;
    const init = body === undefined ? { method } : { method, body };
    const response = await fetch(url, init);
    const content: unknown = await response.json();
    if (response.ok) return content;
    const retryAfter = response.headers.get("Retry-After");
    const hint = retryAfter === null ? "" : `, retry after ${retryAfter} s`;
    throw new Error(`${response.status} ${String(content)}${hint}`);
  }
}
