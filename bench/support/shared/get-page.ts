import { Agent, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { HttpError } from "../fetch-page.js";

const agent = new Agent({ keepAlive: true });

/** As `fetchPage`, and as cheap as HTTP gets. */
export async function getPage(url: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent }, resolve).once("error", reject);
  });
  // Also of an error: the connection is free once the body has been read.
  const body = await text(response);
  const { statusCode: status = 0, statusMessage: statusText = "" } = response;
  if (status === 200) return body;
  const headers = new Headers(response.headers as Record<string, string>);
  throw new HttpError({ status, statusText, headers });
}
