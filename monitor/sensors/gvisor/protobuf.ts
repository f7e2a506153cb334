/** A field of a protobuf message: a number, or bytes. */
export type ProtobufField =
  | { readonly number: number; readonly kind: 'number'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly bytes: Uint8Array };

/**
 * The fields of a message in the order in which they stand; undefined when the bytes are none.
 * Numbers are unsigned 64-bit. Format: protobuf.dev, "Encoding".
 */
export function protobufFields(bytes: Uint8Array): readonly ProtobufField[] | undefined {
  const fields: ProtobufField[] = [];
  let at = 0;

  function varint(): bigint | undefined {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  }

  while (at < bytes.length) {
    const key = varint();
    if (key === undefined) return undefined;
    const number = Number(key >> 3n);
    if ((key & 7n) === 0n) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ number, kind: 'number', value });
      continue;
    }
    const length = lengthOf(Number(key & 7n), varint);
    if (length === undefined || length > bytes.length - at) return undefined;
    fields.push({ number, kind: 'bytes', bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

function lengthOf(wireType: number, varint: () => bigint | undefined): number | undefined {
  switch (wireType) {
    case 1:
      return 8;
    case 2: {
      const length = varint();
      return length === undefined ? undefined : Number(length);
    }
    case 5:
      return 4;
    default:
      return undefined;
  }
}
