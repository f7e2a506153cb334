import { domainToASCII } from 'node:url';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** RFC 1035, section 2.3.4: 63 octets a label, 255 on the wire, which are 253 as text. */
const longestName = 253;
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * The name as it stands on the wire: lower case, other scripts in punycode (so that a look-alike is
 * seen for what it is), without the final dot. The failure is a sentence.
 */
export function normaliseName(text: string): Result<string, string> {
  const shown = JSON.stringify(text.slice(0, 80));

  if (/[\u0000-\u0020\u007f-\u009f]/.test(text)) {
    return failed(`${shown} is no name: it holds spaces or control characters.`);
  }
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  // Names of services may have underscores and capitals, which the mapping treats like the rest.
  const mapped = /^[\u0021-\u007e]*$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
  if (mapped === '' || mapped.length > longestName) {
    return failed(`${shown} is no name: it is empty, longer than 253 characters, or not mappable.`);
  }
  const labels = mapped.split('.');
  if (!labels.every((each) => label.test(each))) {
    return failed(`${shown} is no name: each part has 1 to 63 letters, digits, "-" or "_".`);
  }
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) {
    return failed(`${shown} is neither a name nor a whole address.`);
  }
  return ok(mapped);
}
