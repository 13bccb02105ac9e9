import type { BindableTool } from "./bindable-tool.js";
import { isSchemaObject } from "./schema-keywords.js";

/**
 * Two lines that show references between tools that there are: to a field, and
 * to a whole output or to an item of it.
 */
export type ReferenceExamples = readonly [field: string, other: string];

/** A parameter that can take what another tool returns. */
interface Slot {
  readonly tool: string;
  readonly parameter: string;
  readonly isList: boolean;
}

/** For tools that have no parameter to show. */
const WITHOUT_TOOLS: ReferenceExamples = [
  '`{"id":"$1.items[0].id"}`, an id of the first item that call 1 returns',
  '`{"items":"$1"}`, all that call 1 returns',
];

/** What a path of references can spell without quotes. */
const PLAIN_NAME = /^[A-Za-z_]\w{0,63}$/;

/**
 * Examples from the tools' own names and parameters: the first that fit, in the
 * order of the tools. The second call is of another tool than the first where
 * there are two.
 *
 * @param tools all that a model may call
 * @param consumers those of them whose arguments may hold references
 */
export function referenceExamples(
  tools: readonly BindableTool[],
  consumers: readonly BindableTool[],
): ReferenceExamples {
  const [first] = tools;
  const slots = consumers.flatMap(slotsOf);
  // Whatever comes first in the list is called first here, if it can be.
  const preferred = [
    ...slots.filter(({ tool }) => tool !== first?.name),
    ...slots.filter(({ tool }) => tool === first?.name),
  ];
  const scalar = preferred.find(({ isList }) => !isList);
  const list = preferred.find(({ isList }) => isList);
  const one = scalar ?? list;
  if (first === undefined || one === undefined) return WITHOUT_TOOLS;
  const producerFor = (slot: Slot) =>
    tools.find(({ name }) => name !== slot.tool) ?? first;
  const example = (slot: Slot, reference: string) => {
    const args = JSON.stringify({ [slot.parameter]: reference });
    return `1 \`${producerFor(slot).name}\`, 2 \`${slot.tool} ${args}\``;
  };
  return [
    example(one, `$1.${one.parameter}`),
    list === undefined
      ? example(one, `$1[0].${one.parameter}`)
      : example(list, "$1"),
  ];
}

/** Required parameters first. */
function slotsOf({ name: tool, parameters }: BindableTool): Slot[] {
  const { properties, required } = parameters;
  if (!PLAIN_NAME.test(tool.replaceAll("-", "_"))) return [];
  if (!isSchemaObject(properties)) return [];
  const slots = Object.entries(properties).flatMap(([parameter, schema]) => {
    const isList = isListSchema(schema);
    return isList === undefined || !PLAIN_NAME.test(parameter)
      ? []
      : [{ tool, parameter, isList }];
  });
  const isRequired = ({ parameter }: Slot) =>
    Array.isArray(required) && required.includes(parameter);
  return [
    ...slots.filter(isRequired),
    ...slots.filter((slot) => !isRequired(slot)),
  ];
}

/** `undefined`: nothing that another tool is likely to return. */
function isListSchema(parameter: unknown): boolean | undefined {
  if (!isSchemaObject(parameter)) return undefined;
  // Of a choice the first counts: the rest is often null, or a reference.
  const { anyOf } = parameter;
  const schema: unknown = Array.isArray(anyOf) ? anyOf[0] : parameter;
  if (!isSchemaObject(schema)) return undefined;
  if ("enum" in schema || "const" in schema) return undefined;
  const types = [schema["type"]].flat();
  if (types.includes("array")) return true;
  const scalars = ["string", "number", "integer"];
  return scalars.some((type) => types.includes(type)) ? false : undefined;
}
