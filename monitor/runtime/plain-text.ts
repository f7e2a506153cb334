/**
 * Characters that can steer a terminal or deceive its reader: C0 and C1 controls, line and
 * paragraph separators, and the bidirectional and invisible format characters (Trojan Source).
 */
const steering =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Lone surrogates, which some terminals and encoders choke on. */
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Untrusted text made fit for a terminal: what steers is shown as `\u{1b}` is written in source,
 * and what is longer than `limit` characters is cut with an ellipsis.
 */
export function plainText(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, Math.max(0, limit - 1))}…` : text;
  return cut
    .replace(loneSurrogate, '\ufffd')
    .replace(steering, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}
