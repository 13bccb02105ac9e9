/** Beyond this, two names are compared by no program. */
const LONGEST = 128;

/**
 * Whether one name may be the other one misspelt: they differ in case, in `_` and
 * `-`, or, from five letters on, in at most two letters.
 */
export function isNearMiss(one: string, other: string): boolean {
  if (one === other) return false;
  const [a, b] = [plain(one), plain(other)];
  if (a === b) return true;
  return Math.min(a.length, b.length) >= 5 && isWithin(2, a, b);
}

/**
 * As `isNearMiss`, where nobody can say whether both are names of tools. Names
 * that are often used side by side don't count, such as `get_user` and
 * `set_user`, `read_file` and `read_files`, `step_1` and `step_2`: they must
 * differ within a word of five letters or more, and in one letter.
 */
export function isMisspelling(one: string, other: string): boolean {
  if (one === other) return false;
  if (plain(one) === plain(other)) return true;
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (!isWithin(1, a, b)) return false;
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  let start = 0;
  while (shorter[start] === longer[start]) start += 1;
  const before = /[a-z]+$/.exec(longer.slice(0, start));
  const after = /^[a-z]+/.exec(longer.slice(start + 1));
  const inWord =
    before !== null && after !== null && /[a-z]/.test(longer[start]!);
  return inWord && before[0].length + 1 + after[0].length >= 5;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Whether so many letters put in, left out or changed make one of the other. */
function isWithin(most: number, a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  if (Math.max(a.length, b.length) > LONGEST) return false;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]! <= most;
}
