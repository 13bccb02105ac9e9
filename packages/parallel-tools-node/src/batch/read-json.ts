/** An escape or a quote, which bound texts, or a number. */
const TOKEN = /\\.|"|-?\d[\d.eE+-]*/gs;

/** An integer of so many digits may be more than a number can hold. */
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * What a text says as JSON, or the text itself if it is none. An integer that a
 * number would round is the text of its digits, wherever it stands: it is an
 * id, most likely, and one of another record if a digit gets lost.
 */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return /\d{16}/.test(text) ? JSON.parse(quoteLongIntegers(text)) : value;
  } catch {
    return text;
  }
}

function quoteLongIntegers(json: string): string {
  let isInText = false;
  return json.replaceAll(TOKEN, (token) => {
    if (token === '"') isInText = !isInText;
    const isRounded =
      !isInText && LONG_INTEGER.test(token) && `${Number(token)}` !== token;
    return isRounded ? `"${token}"` : token;
  });
}
