/** The few DER encodings that an X.509 certificate needs. Encoding only. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export const derTrue: Buffer = encodeElement(TAG.boolean, Buffer.from([0xff]));

export function derSequence(...items: readonly Buffer[]): Buffer {
  return encodeElement(TAG.sequence, Buffer.concat(items));
}

export function derSet(...items: readonly Buffer[]): Buffer {
  return encodeElement(TAG.set, Buffer.concat(items));
}

/** An unsigned integer given as big-endian bytes without leading zeros. */
export function derInteger(bytes: Buffer): Buffer {
  const first = bytes[0] ?? 0;
  return encodeElement(TAG.integer, first >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** The last `unusedBits` bits do not count. */
export function derBitString(bytes: Buffer, unusedBits = 0): Buffer {
  return encodeElement(TAG.bitString, Buffer.concat([Buffer.from([unusedBits]), bytes]));
}

export function derOctetString(bytes: Buffer): Buffer {
  return encodeElement(TAG.octetString, bytes);
}

export function derUtf8String(text: string): Buffer {
  return encodeElement(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** A dotted identifier, for example `2.5.4.3`. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left & 0x7f));
    bytes.push(...groups);
  }
  return encodeElement(TAG.objectIdentifier, Buffer.from(bytes));
}

/** UTCTime up to 2049, GeneralizedTime from 2050 on, as RFC 5280 section 4.1.2.5 wants it. */
export function derTime(value: Date): Buffer {
  const digits = value.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return value.getUTCFullYear() < 2050
    ? encodeElement(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : encodeElement(TAG.generalizedTime, Buffer.from(`${digits}Z`));
}

/** The context-specific tag `[number]`: around whole elements, or over bare content. */
export function derContext(number: number, content: Buffer, kind: 'constructed' | 'primitive'): Buffer {
  return encodeElement((kind === 'constructed' ? 0xa0 : 0x80) | number, content);
}

function encodeElement(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}
