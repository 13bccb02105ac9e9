import { tool } from "@langchain/core/tools";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { withReferences } from "@/references/with-references.js";
import { checkStrictSchema } from "../support/check-strict-schema.js";
import { REFERENCE } from "../support/reference-schema.js";
import { type SentTool, sentBy } from "../support/sent-by.js";

const run = async () => "done";

describe("strict tools", () => {
  const money = z.object({ cents: z.int().min(1), currency: z.enum(["EUR"]) });
  const tree = z.lazy(() =>
    z.object({ value: z.number(), kids: z.array(z.unknown()) }),
  );
  const SCHEMAS = {
    nullable: z.object({ limit: z.number().nullable() }),
    enums: z.object({ unit: z.enum(["F", "C"]), code: z.literal(5) }),
    formats: z.object({ at: z.iso.datetime(), id: z.uuid() }),
    lists: z.object({ ids: z.array(z.int()).min(1).max(9) }),
    objects: z.object({ total: money, parts: z.array(money) }),
    unions: z.object({ pick: z.union([z.number(), money, z.null()]) }),
    variants: z.object({
      shape: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("circle"), radius: z.number() }),
        z.object({ kind: z.literal("square"), side: z.number() }),
      ]),
    }),
    texts: z.object({ a: z.string().describe("Any text."), b: z.boolean() }),
  };

  it.each(Object.entries(SCHEMAS))(
    "stay within OpenAI's rules: %s",
    (name, schema) => {
      const given = tool(run, { name, schema });
      const sent = sentBy(withReferences([given]), { strict: true });
      const [{ function: definition }] = sent as [SentTool];
      expect(definition.strict).toBe(true);
      expect(checkStrictSchema({ ...definition.parameters })).toEqual([]);
    },
  );

  it("of a lazy schema take references, too", () => {
    const given = tool(run, { name: "plant", schema: z.object({ tree }) });
    const [result] = withReferences([given]);
    expect(JSON.stringify(result)).toContain(
      JSON.stringify({ anyOf: [{ type: "number" }, REFERENCE] }),
    );
  });
});
