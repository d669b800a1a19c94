/** The generated codecs, judged by proto-loader in both directions, by golden bytes and by bad input. */
import test from 'ava';
import fc from 'fast-check';
import { createCodec, warmUpCodecs, type AnyCodec } from '../../../src/wire/codec.ts';
import * as logical from '../../../src/wire/generated/logical.ts';
import * as pb from '../../../src/wire/generated/pb.ts';
import { structCodec } from '../../../src/wire/struct.ts';
import { arbitraryOfMessage, ourCodecs, peerMessages } from '../../helpers/wire-peer.ts';

const SEED = 20_260_101;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a Struct is made of. */
const WITHOUT_CODEC = ['google.protobuf.Struct', 'google.protobuf.Value', 'google.protobuf.ListValue'];

test('every message of proto/ has a codec, and no codec is without its message', (t) => {
  const messages = [...peerMessages.keys()].filter((name) => !WITHOUT_CODEC.includes(name));
  // The peer does not list nested messages by themselves; they are tried inside their parents.
  t.deepEqual([...ourCodecs.keys()].sort(), [...messages, 'plugin.ConnInfo.Knock'].sort());
});

for (const [name, codec] of [...ourCodecs, ['google.protobuf.Struct', structCodec] as [string, AnyCodec]]) {
  const peer = peerMessages.get(name);
  if (peer === undefined) continue;

  test(`${name}, encoded by us, is decoded to the same message by proto-loader and by us`, (t) => {
    fc.assert(
      fc.property(arbitraryOfMessage(name), ({ ours, theirs }) => {
        const bytes = codec.encode(ours as object);
        t.deepEqual(plain(peer.deserialize(Buffer.from(bytes))), theirs);
        t.deepEqual(plain(codec.decode(bytes)), plain(ours));
      }),
      { seed: SEED, numRuns: 60 },
    );
    t.pass();
  });

  test(`${name}, encoded by proto-loader, is decoded to the same message by us`, (t) => {
    fc.assert(
      fc.property(arbitraryOfMessage(name), ({ ours, theirs }) => {
        t.deepEqual(plain(codec.decode(peer.serialize(theirs as object))), plain(ours));
      }),
      { seed: SEED + 1, numRuns: 60 },
    );
    t.pass();
  });

  test(`${name}, cut short anywhere, throws or decodes, and never hangs`, (t) => {
    fc.assert(
      fc.property(arbitraryOfMessage(name), fc.double({ min: 0, max: 1, noNaN: true }), ({ ours }, where) => {
        const bytes = codec.encode(ours as object);
        try {
          codec.decode(bytes.subarray(0, Math.floor(bytes.length * where)));
        } catch (error) {
          t.like(error, { name: 'InternalError' });
        }
      }),
      { seed: SEED + 2, numRuns: 30 },
    );
    t.pass();
  });
}

/** Without prototypes, buffer classes and the order of map entries, which are not part of a message. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (value instanceof Map) {
    const entries = [...(value as Map<string, unknown>)].map(([key, member]) => [key, plain(member)] as const);
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

test('random bytes decode or throw InternalError', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        pb.handleRequestArgsCodec.decode(bytes);
      } catch (error) {
        t.like(error, { name: 'InternalError' });
      }
    }),
    { seed: SEED, numRuns: 2000 },
  );
  t.pass();
});

test('golden bytes: a storage entry', (t) => {
  const bytes = pb.storagePutArgsCodec.encode({ entry: { key: 'config', value: Buffer.from('{}'), sealWrap: true } });
  t.is(hex(bytes), '0a0e0a06636f6e66696712027b7d1801');
});

test('golden bytes: a lease with the zero time', (t) => {
  const bytes = pb.leaseOptionsCodec.encode({
    ttl: 3_600_000_000_000n,
    renewable: true,
    issueTime: { seconds: -62_135_596_800n },
    maxTtl: 1n,
  });
  t.is(hex(bytes), '0880c0e285e3681001220b088092b8c398feffffff012801');
});

test('golden bytes: a setup with its map', (t) => {
  const bytes = pb.setupArgsCodec.encode({
    brokerId: 300,
    config: new Map([['plugin_name', 'azure']]),
    backendUuid: 'u',
  });
  t.is(hex(bytes), '08ac0212140a0b706c7567696e5f6e616d651205617a7572651a0175');
});

test('golden bytes: a reply with an error only', (t) => {
  const bytes = pb.handleRequestReplyCodec.encode({ err: { errType: 6, errMsg: 'unsupported path' } });
  t.is(hex(bytes), '12140806' + '1210' + Buffer.from('unsupported path').toString('hex'));
});

test('defaults take no bytes, an empty sub-message two', (t) => {
  t.is(pb.handleRequestReplyCodec.encode({}).length, 0);
  t.is(hex(pb.handleRequestReplyCodec.encode({ response: {} })), '0a00');
  t.is(pb.handleRequestReplyCodec.encode({ response: undefined }).length, 0);
});

test('an absent sub-message decodes to undefined, an empty one to its defaults', (t) => {
  t.deepEqual(pb.storageGetReplyCodec.decode(new Uint8Array()), { entry: undefined, err: '' });
  const { entry } = pb.storageGetReplyCodec.decode(Buffer.from('0a00', 'hex'));
  t.deepEqual(entry, { key: '', value: new Uint8Array(), sealWrap: false });
});

test('int64, at its edges, keeps every bit', (t) => {
  for (const ttl of [-(2n ** 63n), 2n ** 63n - 1n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 32n, -(2n ** 32n)]) {
    t.is(pb.ttlReplyCodec.decode(pb.ttlReplyCodec.encode({ ttl })).ttl, ttl);
  }
});

test('a number that does not fit its field is refused', (t) => {
  t.throws(() => pb.ttlReplyCodec.encode({ ttl: 2n ** 63n }), { message: /cannot encode pb\.TTLReply/ });
  t.throws(() => pb.setupArgsCodec.encode({ brokerId: 2 ** 32 }), { name: 'InternalError' });
  t.throws(() => pb.setupArgsCodec.encode({ brokerId: -1 }), { name: 'InternalError' });
});

test('bytes of several MiB come back equal', (t) => {
  const value = new Uint8Array(5 * 1024 * 1024).map((_, index) => index % 251);
  const decoded = pb.storageEntryCodec.decode(pb.storageEntryCodec.encode({ key: 'big', value }));
  t.true(Buffer.from(value).equals(decoded.value));
});

test('text of several MiB comes back equal', (t) => {
  const data = 'aé😀'.repeat(500_000);
  t.is(pb.responseCodec.decode(pb.responseCodec.encode({ data })).data, data);
});

test('a leading byte order mark stays', (t) => {
  t.is(pb.responseCodec.decode(pb.responseCodec.encode({ data: '\uFEFFx' })).data, '\uFEFFx');
});

test('an unpaired surrogate is replaced, not refused', (t) => {
  t.is(pb.protoErrorCodec.decode(pb.protoErrorCodec.encode({ errMsg: 'a\uD800b' })).errMsg, 'a\uFFFDb');
});

test('unknown fields of every wire type are skipped', (t) => {
  const unknown = [
    'f80101', // field 31, varint
    'f9010000000000000000', // field 31, 64 bits
    'fa010161', // field 31, length-delimited
    'fd0100000000', // field 31, 32 bits
    'fb01fc01', // field 31, group
  ].join('');
  const known = hex(pb.storageGetArgsCodec.encode({ key: 'config' }));
  t.is(pb.storageGetArgsCodec.decode(Buffer.from(unknown + known + unknown, 'hex')).key, 'config');
});

test('a known field with another wire type is skipped as unknown', (t) => {
  t.deepEqual(pb.storageGetArgsCodec.decode(Buffer.from('0805', 'hex')), { key: '', txn: '' });
});

test('input that is cut short or malformed throws', (t) => {
  for (const input of ['0a', '0a05616263', '08', '0b', '07', 'ffffffffffffffffffffff', '0a8080808008']) {
    t.throws(() => pb.storageGetArgsCodec.decode(Buffer.from(input, 'hex')), { name: 'InternalError' }, input);
  }
});

test('a message that nests without end throws and leaves the codec usable', (t) => {
  let bytes: Uint8Array = new Uint8Array();
  const wrap = (field: number, inner: Uint8Array): Uint8Array =>
    createCodec<object>(
      'test',
      (_, writer) => writer.writeBytes(field, inner),
      () => ({}),
    ).encode({});
  // Struct { fields: { '': Value { struct_value: Struct { ... } } } }
  for (let depth = 0; depth < 500; depth++) bytes = wrap(1, wrap(2, wrap(5, bytes)));
  t.throws(() => structCodec.decode(bytes), { name: 'InternalError' });
  t.deepEqual(structCodec.decode(structCodec.encode({ a: [{ b: null }] })), { a: [{ b: null }] });
});

test('a struct keeps a member called __proto__ as a plain member', (t) => {
  const object = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, never>;
  const decoded = structCodec.decode(structCodec.encode(object));
  t.is(JSON.stringify(decoded), '{"__proto__":{"polluted":true}}');
  t.is(Object.getPrototypeOf(decoded), Object.prototype);
});

test('a map keeps a key called __proto__', (t) => {
  const metadata = new Map([['__proto__', 'x']]);
  t.deepEqual(logical.groupCodec.decode(logical.groupCodec.encode({ metadata })).metadata, metadata);
});

test('a map entry without key or value is read with defaults', (t) => {
  t.deepEqual(pb.setupArgsCodec.decode(Buffer.from('1200', 'hex')).config, new Map([['', '']]));
  t.deepEqual(pb.requestCodec.decode(Buffer.from('4200', 'hex')).headers, new Map([['', { header: [] }]]));
});

test('warming up changes nothing', (t) => {
  t.notThrows(warmUpCodecs);
});
