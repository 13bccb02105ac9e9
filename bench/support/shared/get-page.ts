import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";

const agent = new Agent({ keepAlive: true });

/** As cheap as HTTP gets, on connections that stay open. */
export function getPage(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      text(response).then((body) => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`The server answered ${response.statusCode}.`));
      }, reject);
    }).once("error", reject);
  });
}
