import { describe, expect, it } from "vitest";
import { referencesOf } from "@/plan/references/call-references.js";

const MESSAGE = [{ name: "get" }, { name: "list" }, { name: "use" }];

/** Of the third call of a message of three. */
function read(x: unknown, embedded = false) {
  const rules = { embedded, maxReferenceBytes: 1 };
  return referencesOf({ x }, 2, MESSAGE, rules);
}

function errorOf(x: unknown, embedded = false): string | undefined {
  return read(x, embedded).problem?.message;
}

const error = (text: string, rightForm: string) =>
  `The reference "${text}" can't be read, so the call was not run. The right form is \`${rightForm}\`: names and indexes from 0, and nothing beside them. Make this call again with the value itself.`;

describe("what is nearly a reference to an earlier call", () => {
  it.each([
    ["$1.items[-1].id", "$1.items[0].id"],
    ["$1.items[*].id", "$1.items[0].id"],
    ["$1.items[].id", "$1.items[0].id"],
    ["$1.items[00].id", "$1.items[0].id"],
    ["$1.items[0:2]", "$1.items[0]"],
    ["$1.items[?(@.id)]", "$1.items[0]"],
    ["$1[-1]", "$1[0]"],
    ["$1[*]", "$1[0]"],
    ["$1[]", "$1[0]"],
    ["$1[:2]", "$1[0]"],
    ["$1?.[0]", "$1[0]"],
    ["[$1.id]", "$1.id"],
    ['["$1.id", "$2.id"]', "$1.id"],
    ["'{{$1.id}}'", "$1.id"],
    ["${{ $1.id }}", "$1.id"],
    ["{{{$1.id}}}", "$1.id"],
    ["<%= $1.id %>", "$1.id"],
    ["**$1.id**", "$1.id"],
    ["\u201c$1.id\u201d", "$1.id"],
    ["$1.id\nand more", "$1.id"],
    ["$1[id]", "$1.id"],
    ["$2[`a b`]", '$2["a b"]'],
    ['$1."a b"', '$1["a b"]'],
    ["$1.items.*.id", "$1.items"],
    ["$1..id", "$1.id"],
    ["$1.[0].id", "$1[0].id"],
    ["$1?.items?.[0]", "$1.items[0]"],
    ["$1->id", "$1.id"],
    ["$1.00.id", "$1[0].id"],
    ["$1 .items", "$1.items"],
    ["$1.items.length()", "$1.items.length"],
    ["$1.items[0].id || 'x'", "$1.items[0].id"],
    ["$1 || 'none'", "$1"],
    ["$1 ?? 0", "$1"],
    ["$1.id, $2.id", "$1.id"],
    ["$1.first name", "$1.first"],
    ["$1.id.", "$1.id"],
    ["${1.items[-1]}", "$1.items[0]"],
    ["${1.id", "$1.id"],
    ["${1?.id}", "$1.id"],
    ["${$1.id}", "$1.id"],
    ["$01.id", "$1.id"],
    ["{{$1.id}}", "$1.id"],
    ["{{ $1.items.0 }}", "$1.items[0]"],
    ["{{$1}}", "$1"],
    ["{$1.id}", "$1.id"],
    ["<$1.id>", "$1.id"],
    ["($1.id)", "$1.id"],
    ['"$1.id"', "$1.id"],
    ["'$1.id'", "$1.id"],
    ["`$1.items[-1]`", "$1.items[0]"],
    [" $1.items[-1] ", "$1.items[0]"],
  ])("%j is an error that shows %s", (text, rightForm) => {
    expect(errorOf(text)).toBe(error(text.trim(), rightForm));
    expect(errorOf({ deep: [text] })).toBe(error(text.trim(), rightForm));
  });

  it.each([
    ["the last: ${1.items[-1].id}", "${1.items[-1].id}", "${1.items[0].id}"],
    ["${1.id} and ${ 2[*] }!", "${ 2[*] }", "${2[0]}"],
    ["Order {{$1.id}} is ready", "{{$1.id}}", "${1.id}"],
    ["Order {{ $1.id }} is ready", "{{ $1.id }}", "${1.id}"],
    ["see ${$1.id}", "${$1.id}", "${1.id}"],
    ["Order {{$1}} is ready", "{{$1}}", "${1}"],
  ])("within a text is one, too: %j", (text, miss, rightForm) => {
    expect(errorOf(text, true)).toBe(error(miss, rightForm));
    expect(errorOf(`a ${text}`)).toBeUndefined();
  });

  it("has no target, and its call is not planned with the others", () => {
    const { targets, found } = read(["$1.a[-1]", "$2"]);
    expect([...targets.keys()]).toEqual([1]);
    expect(found).toHaveLength(2);
  });

  it("is shown in part where it is long", () => {
    const text = `$1.items[-1].${"x".repeat(500)}`;
    expect(read(text).problem?.reference).toBe(`${text.slice(0, 128)}...`);
  });
});

describe("no near miss is", () => {
  it.each([
    "$1.50",
    "$1.5M",
    "$1.50/month",
    "$1.0",
    "$2.99, $3.99",
    "$1.2.3",
    "$1,000",
    "$1 million",
    "$1 fee",
    "$1.",
    "$1. First of all",
    "$1/items/0",
    "$1-$2",
    "$1$2",
    "$1%",
    "$1k",
    "$1 | $2",
    "$1 [USD]",
    "$1.$2",
    "($1)",
    "($1 million)",
    '"$1"',
    "${1}st",
    "${1.id} is ready",
    "${ 1.id }/x",
    "${1}, ${2}",
    "${1:-default}",
    "${1#prefix}",
    "${1%.*}",
    "${1",
    "$$1.id",
    "\\$1.a[-1]",
    "{{1}}",
    "{{name}}",
    "{{1.id}}",
    "$call_1.items",
    "$HOME/items",
    "$.items[0].id",
    "$[1].id",
    "$0[-1]",
    "$9[-1]",
    "$3[-1]",
    "$2...maybe",
    "$1..$2",
    "$1?? Really?",
    "$1?. Hmm",
    "$1 [2024 dollars]",
    "$1 [0]",
    "$1.5[3] per share",
    "$1 || true",
    "$1 || exit 1",
    "$ 1.sh",
    "$1.*",
    "$1.[a-z]+",
    "$1[^a]$",
    "$1 [0-9]+",
    "${1[1,3]}",
    "$1\n\n[1]: https://example.org",
    "$1\n.PHONY: all",
    "$1... that's all I have",
    "costs $1.items[-1]",
    "mv $1 $1.bak",
    "awk '{print $1.x[]}'",
    "s/(a)/$1[b]/",
    "SELECT * FROM t WHERE a = $1 AND b = $2",
    `$1.items[-1]${" ".repeat(1_000)}`,
  ])("%j", (text) => {
    expect(read(text)).toMatchObject({ found: [], problem: undefined });
  });

  it.each([
    "$${1.a[-1]}",
    "${1:-x} ${2#y}",
    "`${items[1]}`",
    "{{name}} ${HOME}",
    "${1.a[-1]",
    "${9[-1]}",
    "{{9.a[-1]}} {{ $9 }}",
  ])("%j within a text", (text) => {
    expect(errorOf(`a ${text} b`, true)).toBeUndefined();
  });
});

it.each(["$3.items", "$9.items", "${9.items"])(
  "a path into no earlier call is an error as well where it can't be read: %s",
  (start) => {
    const end = start.startsWith("${") ? "}" : "";
    const form = start.replace("{", "");
    expect(errorOf(`${start}[-1]${end}`)).toBe(
      error(`${start}[-1]${end}`, `${form}[0]`),
    );
  },
);

it("time to look for near misses grows with the length of a text", () => {
  for (const part of ["{{$1.", "${1.a[-1]", "${1.", "{{$1.a}", '$1."a']) {
    const text = part.repeat(300_000);
    expect(read(`x ${text}`, true).targets.size).toBe(0);
    expect(read(text).targets.size).toBe(0);
  }
  const space = " ".repeat(450);
  for (const open of ["'", "{", "{{", "(", "<", "$1", "$1.a", "$1["]) {
    const text = `${open}${space}x${space}$1`;
    const texts = Array.from({ length: 5_000 }, () => text);
    expect(read(texts, true).targets.size).toBe(0);
  }
});
