import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { findJsonError } from "@/diagnose/formats/find-json-error.js";

test.each([
  ['{"a": oops}', 6],
  ['{"a": 1,}', 8],
  ['{"a": 1 "b": 2}', 8],
  ['{"a" 1}', 5],
  ["{a: 1}", 1],
  ["[1, 2", 5],
  ["[01]", 2],
  ['["a\nb"]', 1],
  ['["\\x"]', 1],
  ["[tru]", 1],
  ["[1]]", 3],
  ["", 0],
])("%j stops being JSON at %i", (text, index) => {
  expect(findJsonError(text)).toBe(index);
});

property.prop([fc.json()])("JSON is JSON to its end", (text) => {
  expect(findJsonError(text)).toBe(text.length);
});

property.prop([fc.json(), fc.nat(), fc.constantFrom("~", "\u0007")])(
  "a character that is no JSON is found, or the string that holds it",
  (text, place, wrong) => {
    const at = place % (text.length + 1);
    const broken = text.slice(0, at) + wrong + text.slice(at);
    fc.pre(!isJson(broken));
    expect(findJsonError(broken)).toBeLessThanOrEqual(at);
  },
);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
