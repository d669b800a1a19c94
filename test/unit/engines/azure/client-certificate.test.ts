import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { describeClientCertificate, parseClientCertificate } from '../../../../src/engines/azure/client-certificate.ts';
import { InvalidRequestError } from '../../../../src/errors.ts';
import { createTestCertificate } from '../../../helpers/client-certificate.ts';

const NOW = new Date('2027-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const MINE = createTestCertificate(NOW);
const OTHER = createTestCertificate(NOW);
const EC = createTestCertificate(NOW, 'ec');
const EXPIRED = createTestCertificate(new Date(NOW.getTime() - 3651 * DAY_MS));
const FUTURE = createTestCertificate(new Date(NOW.getTime() + 2 * DAY_MS));
const SMALL_KEY = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;

const MINE_PEM = MINE.privateKeyPem + MINE.certificatePem;

function exportKey(type: 'pkcs1' | 'pkcs8', passphrase?: string): string {
  const key = createPrivateKey(MINE.privateKeyPem);
  return key
    .export({ type, format: 'pem', ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }) })
    .toString();
}

for (const [title, text] of [
  ['key and certificate', MINE_PEM],
  ['the certificate first', MINE.certificatePem + MINE.privateKeyPem],
  ['a PKCS #1 key', exportKey('pkcs1') + MINE.certificatePem],
  ['Windows line ends', MINE_PEM.replaceAll('\n', '\r\n')],
  ['attributes around the blocks', `Bag Attributes\n  friendlyName: x\n${MINE_PEM}\ntrailing words\n`],
] as const) {
  test(`certificate, ${title}, is stored as key and certificate`, (t) => {
    t.is(parseClientCertificate(text, NOW), MINE_PEM);
  });
}

test('certificate with a chain, in any order, is stored with its own certificate first', (t) => {
  const blocks = [MINE.privateKeyPem, MINE.certificatePem, MINE.authorityPem, OTHER.authorityPem];
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.shuffledSubarray(blocks, { minLength: blocks.length }), (shuffled) => {
        const chain = shuffled.filter((block) => block === MINE.authorityPem || block === OTHER.authorityPem);
        return parseClientCertificate(shuffled.join('\n'), NOW) === MINE_PEM + chain.join('');
      }),
      { seed: 1, numRuns: 30 },
    ),
  );
});

for (const [title, text, message] of [
  ['no PEM', 'MIIKmQIBAzCC', /must be PEM text with one private key and its certificate/],
  ['a certificate alone', MINE.certificatePem, /must be PEM text/],
  ['a key alone', MINE.privateKeyPem, /must be PEM text/],
  ['two keys', MINE_PEM + OTHER.privateKeyPem, /must be PEM text with one private key/],
  ["somebody else's key", OTHER.privateKeyPem + MINE.certificatePem, /private key that belongs to none/],
  ['an encrypted PKCS #8 key', exportKey('pkcs8', 'x') + MINE.certificatePem, /encrypted private key: decrypt it/],
  ['an encrypted PKCS #1 key', exportKey('pkcs1', 'x') + MINE.certificatePem, /encrypted private key: decrypt it/],
  ['an EC key', EC.privateKeyPem + EC.certificatePem, /must have an RSA key: /],
  ['a short key', SMALL_KEY + MINE.certificatePem, /RSA key of 2048 bits or more/],
  ['an expired certificate', EXPIRED.privateKeyPem + EXPIRED.certificatePem, /has expired \(.* GMT\): write one/],
  ['one for later', FUTURE.privateKeyPem + FUTURE.certificatePem, /is not valid yet \(from .* GMT on\)/],
  ['a long text', MINE_PEM + ' '.repeat(40_000), /is longer than 32 KiB/],
] as const) {
  test(`certificate, ${title}, is refused with the problem and nothing of the text`, (t) => {
    const error = t.throws(() => parseClientCertificate(text, NOW), { instanceOf: InvalidRequestError, message });
    t.true(error.message.startsWith('client_certificate '));
    for (const line of text.split('\n').filter((part) => part.length > 20 && !part.startsWith('-'))) {
      t.false(error.message.includes(line.trim().slice(0, 20)) && line.trim() !== '');
    }
  });
}

test('certificate with any character changed is stored as it was or refused, never a crash', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.nat(MINE_PEM.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 3 }), (at, text) => {
        try {
          return parseClientCertificate(MINE_PEM.slice(0, at) + text + MINE_PEM.slice(at + 1), NOW).length > 0;
        } catch (error) {
          return error instanceof InvalidRequestError;
        }
      }),
      { seed: 1, numRuns: 300 },
    ),
  );
});

test('certificate, stored, is described by thumbprint and end', (t) => {
  t.deepEqual(describeClientCertificate(parseClientCertificate(MINE_PEM + MINE.authorityPem, NOW)), {
    thumbprint: MINE.thumbprint,
    expiresAt: MINE.expiresAt,
  });
  t.is(describeClientCertificate(''), undefined);
  t.is(describeClientCertificate('damaged'), undefined);
});
