/** The mount's id in the metadata of a call. */
import test from 'ava';
import { readMultiplexId } from '../../../src/bridge/multiplex-id.ts';
import { GrpcStatusError } from '../../../src/wire/service.ts';

test('exactly one id is taken', (t) => {
  t.is(readMultiplexId(new Map([['multiplex_id', ['aB3']]])), 'aB3');
});

const bad: readonly [string, readonly (readonly [string, readonly string[]])[], string][] = [
  ['no metadata', [], 'no multiplexing ID found'],
  ['an empty list', [['multiplex_id', []]], 'no multiplexing ID found'],
  ['two ids', [['multiplex_id', ['a', 'b']]], 'unexpected number of IDs in metadata: (2)'],
  ['an empty id', [['multiplex_id', ['']]], 'empty multiplex ID in metadata'],
];
for (const [title, metadata, message] of bad) {
  test(`${title}: status UNKNOWN`, (t) => {
    const error = t.throws(() => readMultiplexId(new Map(metadata)), { instanceOf: GrpcStatusError, message });
    t.is(error.grpcCode, 2);
  });
}
