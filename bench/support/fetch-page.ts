/** An answer that isn't 2xx, as HTTP clients throw it. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: Headers;

  constructor({
    status,
    statusText,
    headers,
  }: Pick<Response, "status" | "statusText" | "headers">) {
    super(`${status} ${statusText}`);
    this.status = status;
    this.headers = headers;
  }
}

export async function fetchPage(url: string): Promise<string> {
  const response = await fetch(url);
  // Also of an error: the connection is free once the body has been read.
  const body = await response.text();
  if (!response.ok) throw new HttpError(response);
  return body;
}
