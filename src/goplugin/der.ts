/** The few DER shapes that a certificate is written with. Writing only; reading is left to `node:crypto`. */

const Tag = {
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

/** The boolean TRUE. */
export const derTrue: Buffer = Buffer.from([0x01, 0x01, 0xff]);

export function derSequence(...members: readonly Uint8Array[]): Buffer {
  return tagged(Tag.sequence, ...members);
}

export function derSet(...members: readonly Uint8Array[]): Buffer {
  return tagged(Tag.set, ...members);
}

/** A non-negative integer from its big-endian bytes. */
export function derInteger(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const digits = magnitude.subarray(start);
  // A leading one bit would read as a minus sign.
  const sign = (digits[0] ?? 0) >= 0x80 || digits.length === 0 ? [0] : [];
  return tagged(Tag.integer, Uint8Array.from(sign), digits);
}

/** From dotted text, for example `2.5.29.15`. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(Tag.objectIdentifier, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

export function derUtf8String(text: string): Buffer {
  return tagged(Tag.utf8String, Buffer.from(text, 'utf8'));
}

export function derOctetString(content: Uint8Array): Buffer {
  return tagged(Tag.octetString, content);
}

/** Whole bytes, or with `unusedBits` (0–7) at the end of the last one, which must be zero. */
export function derBitString(content: Uint8Array, unusedBits = 0): Buffer {
  return tagged(Tag.bitString, Uint8Array.from([unusedBits]), content);
}

/** Whole seconds, UTC. Certificates must use the two-digit year up to 2049 and the four-digit one from 2050. */
export function derTime(time: Date): Buffer {
  const digits = time
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return time.getUTCFullYear() < 2050
    ? tagged(Tag.utcTime, Buffer.from(digits.slice(2), 'ascii'))
    : tagged(Tag.generalizedTime, Buffer.from(digits, 'ascii'));
}

/** Context tag `[number]`: constructed around whole values, or primitive over bare content. */
export function derContext(number: number, content: Uint8Array, kind: 'constructed' | 'primitive'): Buffer {
  return tagged((kind === 'constructed' ? 0xa0 : 0x80) | number, content);
}

function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.from([tag, ...lengthOctets(content.length)]), content]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** Seven bits per octet, all but the last one marked. */
function base128(value: number): number[] {
  const octets = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    octets.unshift(0x80 | (rest % 128));
  }
  return octets;
}
