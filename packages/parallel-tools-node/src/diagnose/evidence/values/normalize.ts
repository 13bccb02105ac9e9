const ESCAPE = /\\(?:u([\da-f]{4})|[nrtbf"\\/])/gi;

/** A text as it is told: in lower case, compatible characters alike. */
export function normalize(text: string): string {
  const plain = text.includes("\\")
    ? text.replaceAll(ESCAPE, (_, code: string | undefined) =>
        code === undefined
          ? " "
          : String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;
  // Most texts are ASCII, where this would be for nothing.
  const isAscii = !/[\u0080-\uffff]/.test(plain);
  return (isAscii ? plain : plain.normalize("NFKC")).toLowerCase();
}
