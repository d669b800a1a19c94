/** src/goplugin/socket.ts */
import test from 'ava';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HandshakeError } from '../../../src/errors.ts';
import { chooseSocketPath, removeSocket, restrictSocket } from '../../../src/goplugin/socket.ts';

function makeFile(t: { teardown: (undo: () => void) => void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'socket-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'plugin1');
  writeFileSync(file, '', { mode: 0o755 });
  return file;
}

test('socket path, any directory, is absolute, new and named plugin…', (t) => {
  t.regex(chooseSocketPath('/tmp'), /^\/tmp\/plugin[0-9a-f]{16}$/);
  t.not(chooseSocketPath('/tmp'), chooseSocketPath('/tmp'));
  t.true(path.isAbsolute(chooseSocketPath('relative')));
  t.regex(chooseSocketPath('//tmp//'), /^\/tmp\/plugin/);
});

test('socket path, up to the limit, is taken; one byte more, is refused', (t) => {
  const fits = `/${'d'.repeat(107 - 1 - 1 - 22)}`;
  t.is(Buffer.byteLength(chooseSocketPath(fits)), 107);
  t.throws(() => chooseSocketPath(`${fits}d`), { instanceOf: HandshakeError, message: /TMPDIR/ });
  t.throws(() => chooseSocketPath(`/${'é'.repeat(50)}`), { instanceOf: HandshakeError });
});

test('socket mode, no group, is for its owner only', (t) => {
  const file = makeFile(t);
  restrictSocket(file, undefined);
  t.is(statSync(file).mode & 0o777, 0o600);
});

test('socket mode, group by number or name, is for both', (t) => {
  for (const group of [String(process.getgid?.() ?? 0), ...(process.getuid?.() === 0 ? ['root'] : [])]) {
    const file = makeFile(t);
    restrictSocket(file, group);
    t.is(statSync(file).mode & 0o777, 0o660);
    t.is(statSync(file).gid, process.getgid?.() ?? 0);
  }
});

test('socket mode, unknown group, is refused by name', (t) => {
  const file = makeFile(t);
  t.throws(() => restrictSocket(file, 'no-such-group'), { instanceOf: HandshakeError, message: /no-such-group/ });
});

test('socket file, removed twice, is no error', (t) => {
  const file = makeFile(t);
  removeSocket(file);
  t.false(existsSync(file));
  t.notThrows(() => removeSocket(file));
});
