import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { Script } from "../../shared/model-server.js";
import type { Scene, Stage } from "../scene.js";

const WAITS = "checkout is healthy. It waits for payments.";
const LEAKS =
  "payments leaks connections since its last release. Roll it back.";
const REPAIRED = "payments is back at the release before and healthy.";

/** The result of the first call decides what the others should have been. */
export const debugging: Scene = {
  title: "4 debugging",
  story: [
    "The model guesses ahead; what the first call finds decides what is right.",
    'Declared: diagnose is sequential: "replan", so calls after it are deferred.',
    "It takes as many turns as one at a time. What counts is what was touched.",
  ],
  question:
    "The checkout is slow. Find the cause and repair it, and touch nothing that is healthy.",
  script: investigate((service) => [
    { name: "restart", args: { service } },
    { name: "flush_cache", args: { service } },
  ]),
  oneCallPerTurn: investigate(() => []),
  isRace: false,
  setUp() {
    const touched: string[] = [];
    const touch = (action: string) => (request: { query: URLSearchParams }) => {
      const service = request.query.get("service");
      touched.push(`${action} ${service}`);
      return action === "roll_back" && service === "payments"
        ? REPAIRED
        : `${action} of ${service}: done.`;
    };
    return {
      options: { policies: { diagnose: { sequential: "replan" } } },
      routes: {
        "GET /diagnose": ({ query }) => {
          if (query.get("service") === "checkout") return WAITS;
          return touched.includes("roll_back payments") ? REPAIRED : LEAKS;
        },
        "POST /restart": touch("restart"),
        "POST /flush_cache": touch("flush_cache"),
        "POST /roll_back": touch("roll_back"),
      },
      tools,
      findWrongResults: () => [
        ...touched
          .filter((action) => action !== "roll_back payments")
          .map((action) => `${action}: an action that nothing called for`),
        ...(touched.includes("roll_back payments")
          ? []
          : ["payments still leaks connections"]),
      ],
    };
  },
};

/** A model that reads every answer, the deferred ones too, and asks on. */
function investigate(
  guesses: (service: string) => { name: string; args: { service: string } }[],
): Script {
  const diagnose = (service: string) => [
    { name: "diagnose", args: { service } },
    ...guesses(service),
  ];
  return (_turn, answers) => {
    if (answers.includes(REPAIRED)) return "payments leaked; it is repaired.";
    if (answers.includes(LEAKS)) {
      return [{ name: "roll_back", args: { service: "payments" } }];
    }
    return diagnose(answers.includes(WAITS) ? "payments" : "checkout");
  };
}

const tools: Stage["tools"] = (api) => {
  const action = (name: string, description: string) =>
    tool(({ service }) => api.post(`/${name}`, { service }), {
      name,
      description,
      schema,
    });
  return [
    tool(({ service }) => api.get("/diagnose", { service }), {
      name: "diagnose",
      description: "Finds out what is wrong with a service.",
      schema,
    }),
    action("restart", "Restarts a service. Requests under way are lost."),
    action("flush_cache", "Empties the cache of a service."),
    action("roll_back", "Puts a service back to its release before."),
  ];
};

const schema = z.object({ service: z.enum(["checkout", "payments"]) });
