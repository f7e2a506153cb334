/** What a DNS message says: which name was asked, and what became of it. */
export interface DnsMessage {
  /** Ties the messages about one question together, however many forward it. */
  readonly key: string;
  /** An answer is told whether or not there is an address in it; a failure is an error of the name server. */
  readonly kind: 'question' | 'answer' | 'failure';
  /** Lower case, without the final dot. Untrusted text of printable ASCII. */
  readonly name: string;
  /** What an answer led to. */
  readonly addresses: readonly string[];
}

const mostRecords = 64;

/**
 * Takes a message apart (RFC 1035, section 4; RFC 3596). Undefined for whatever is none: another
 * operation than a query, several questions, the root, a name with other than printable letters, an
 * answer cut short.
 */
export function readDnsMessage(message: Uint8Array): DnsMessage | undefined {
  if (message.length < 12) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const flags = view.getUint16(2);
  if ((flags & 0x7800) !== 0 || view.getUint16(4) !== 1) return undefined;
  const question = readName(message, 12);
  if (question === undefined || question.name === '' || question.end + 4 > message.length) {
    return undefined;
  }
  const { name, end } = question;
  const key = `${view.getUint16(0)} ${view.getUint16(end)} ${name}`;
  if ((flags & 0x8000) === 0) return { key, kind: 'question', name, addresses: [] };
  if ((flags & 0x0f) !== 0) return { key, kind: 'failure', name, addresses: [] };
  const addresses = readAddresses(message, view, end + 4);
  return addresses && { key, kind: 'answer', name, addresses };
}

/** The addresses among the records of an answer, which begin at `start`. */
function readAddresses(
  message: Uint8Array,
  view: DataView,
  start: number,
): readonly string[] | undefined {
  const records = view.getUint16(6);
  if (records > mostRecords) return undefined;
  const addresses: string[] = [];
  let at = start;
  for (let record = 0; record < records; record += 1) {
    const owner = readName(message, at);
    if (owner === undefined || owner.end + 10 > message.length) return undefined;
    const type = view.getUint16(owner.end);
    const length = view.getUint16(owner.end + 8);
    const data = owner.end + 10;
    if (data + length > message.length) return undefined;
    // Whatever aliases lie between: it was the question that led there.
    if (type === 1 && length === 4) addresses.push(message.slice(data, data + 4).join('.'));
    if (type === 28 && length === 16) addresses.push(shortV6(view, data));
    at = data + length;
  }
  return addresses;
}

/** The name that begins at `start`, and where what follows it begins. */
function readName(
  message: Uint8Array,
  start: number,
): { readonly name: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let [at, end, length] = [start, -1, 0];
  // Pointers lead backwards only, so that no name goes round in a circle.
  for (let lowest = start; ;) {
    const size = message[at];
    if (size === undefined) return undefined;
    if (size === 0) {
      return { name: labels.join('.').toLowerCase(), end: end < 0 ? at + 1 : end };
    }
    if ((size & 0xc0) === 0xc0) {
      const low = message[at + 1];
      const target = ((size & 0x3f) << 8) | (low ?? 0);
      if (low === undefined || target >= lowest) return undefined;
      if (end < 0) end = at + 2;
      [at, lowest] = [target, target];
      continue;
    }
    const label = message.slice(at + 1, at + 1 + size);
    length += size + 1;
    if ((size & 0xc0) !== 0 || label.length < size || length > 254) return undefined;
    if (!label.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x2e)) return undefined;
    labels.push(String.fromCharCode(...label));
    at += size + 1;
  }
}

function shortV6(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    view.getUint16(at + index * 2).toString(16),
  );
  // The URL parser knows the one short spelling of an IPv6 address (RFC 5952).
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
