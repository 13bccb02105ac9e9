import { afterAll, beforeAll } from "vitest";
import { ModelServer } from "./model-server.js";

/** An OpenAI server for the tests of this file. */
export function useModelServer(): Pick<ModelServer, "script"> {
  let server: ModelServer;
  beforeAll(async () => {
    server = await ModelServer.start();
  });
  afterAll(() => server.stop());
  return { script: (...scene) => server.script(...scene) };
}
