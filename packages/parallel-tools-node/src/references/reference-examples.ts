import type { BindableTool } from "./bindable-tool.js";
import { isSchemaObject } from "./schema-keywords.js";

/**
 * Two example lines with the application's own tools: a reference to a field,
 * and one to a whole output or to an item of it.
 */
export type ReferenceExamples = readonly [field: string, other: string];

/** A parameter that a reference can be an example for. */
interface ExampleParameter {
  readonly tool: string;
  readonly parameter: string;
  readonly isList: boolean;
}

/** Used if no tool has such a parameter. */
const WITHOUT_TOOLS: ReferenceExamples = [
  '`{"id":"$1.items[0].id"}`, an id of the first item that call 1 returns',
  '`{"items":"$1"}`, all that call 1 returns',
];

/** A name that a reference's path can hold without quotes. */
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
  const candidates = consumers.flatMap(parametersOf);
  // The first call of an example is of the first tool, if that is possible.
  const preferred = [
    ...candidates.filter(({ tool }) => tool !== first?.name),
    ...candidates.filter(({ tool }) => tool === first?.name),
  ];
  const scalar = preferred.find(({ isList }) => !isList);
  const list = preferred.find(({ isList }) => isList);
  const one = scalar ?? list;
  if (first === undefined || one === undefined) return WITHOUT_TOOLS;
  const producerFor = (target: ExampleParameter) =>
    tools.find(({ name }) => name !== target.tool) ?? first;
  const example = (target: ExampleParameter, reference: string) => {
    const args = JSON.stringify({ [target.parameter]: reference });
    return `1 \`${producerFor(target).name}\`, 2 \`${target.tool} ${args}\``;
  };
  return [
    example(one, `$1.${one.parameter}`),
    list === undefined
      ? example(one, `$1[0].${one.parameter}`)
      : example(list, "$1"),
  ];
}

/** Required parameters first. */
function parametersOf({
  name: tool,
  parameters,
}: BindableTool): ExampleParameter[] {
  const { properties, required } = parameters;
  if (!PLAIN_NAME.test(tool.replaceAll("-", "_"))) return [];
  if (!isSchemaObject(properties)) return [];
  const found = Object.entries(properties).flatMap(([parameter, schema]) => {
    const isList = isListSchema(schema);
    return isList === undefined || !PLAIN_NAME.test(parameter)
      ? []
      : [{ tool, parameter, isList }];
  });
  const isRequired = ({ parameter }: ExampleParameter) =>
    Array.isArray(required) && required.includes(parameter);
  return [
    ...found.filter(isRequired),
    ...found.filter((parameter) => !isRequired(parameter)),
  ];
}

/** `undefined`: another tool is not likely to return such a value. */
function isListSchema(parameter: unknown): boolean | undefined {
  if (!isSchemaObject(parameter)) return undefined;
  // Of a choice the first schema counts: the others are often null.
  const { anyOf } = parameter;
  const schema: unknown = Array.isArray(anyOf) ? anyOf[0] : parameter;
  if (!isSchemaObject(schema)) return undefined;
  if ("enum" in schema || "const" in schema) return undefined;
  const types = [schema["type"]].flat();
  if (types.includes("array")) return true;
  const scalars = ["string", "number", "integer"];
  return scalars.some((type) => types.includes(type)) ? false : undefined;
}
