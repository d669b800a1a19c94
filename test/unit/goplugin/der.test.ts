/** src/goplugin/der.ts */
import test from 'ava';
import fc from 'fast-check';
import {
  derBitString,
  derContext,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derTime,
  derUtf8String,
} from '../../../src/goplugin/der.ts';

const hex = (der: Buffer): string => der.toString('hex');

test('integer, leading one bit, gets a sign octet', (t) => {
  t.is(hex(derInteger(Uint8Array.from([0x80]))), '02020080');
});

test('integer, leading zeros, are dropped', (t) => {
  t.is(hex(derInteger(Uint8Array.from([0, 0, 0x7f]))), '02017f');
  t.is(hex(derInteger(Uint8Array.from([0, 0]))), '020100');
  t.is(hex(derInteger(Uint8Array.from([]))), '020100');
});

test('integer, any bytes, reads back as the same number', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (magnitude) => {
      const content = derInteger(magnitude).subarray(2);
      t.is(BigInt(`0x${hex(content)}`), BigInt(`0x${hex(Buffer.from(magnitude))}`));
      t.true((content[0] ?? 0x80) < 0x80);
    }),
    { seed: 1 },
  );
});

test('object identifier, members above 127, use seven bits per octet', (t) => {
  t.is(hex(derObjectIdentifier('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
  t.is(hex(derObjectIdentifier('2.5.29.15')), '0603551d0f');
  t.is(hex(derObjectIdentifier('1.3.6.1.5.5.7.3.1')), '06082b06010505070301');
});

test('length, from 128 on, takes the long form', (t) => {
  t.is(hex(derOctetString(Buffer.alloc(127)).subarray(0, 2)), '047f');
  t.is(hex(derOctetString(Buffer.alloc(128)).subarray(0, 3)), '048180');
  t.is(hex(derOctetString(Buffer.alloc(65_536)).subarray(0, 5)), '0483010000');
});

test('time, up to 2049, has a two-digit year', (t) => {
  t.is(derTime(new Date('2049-12-31T23:59:59.999Z')).toString('latin1'), '\x17\x0d491231235959Z');
});

test('time, from 2050 on, has a four-digit year', (t) => {
  t.is(derTime(new Date('2050-01-01T00:00:00.000Z')).toString('latin1'), '\x18\x0f20500101000000Z');
});

test('bit string, unused bits, are counted first', (t) => {
  t.is(hex(derBitString(Uint8Array.from([0xac]), 2)), '030202ac');
});

test('context tag, both kinds, differ in the constructed bit', (t) => {
  t.is(hex(derContext(3, derSequence(), 'constructed')), 'a3023000');
  t.is(hex(derContext(2, Buffer.from('a'), 'primitive')), '820161');
});

test('text, non-ASCII, is UTF-8', (t) => {
  t.is(hex(derUtf8String('é')), '0c02c3a9');
});
