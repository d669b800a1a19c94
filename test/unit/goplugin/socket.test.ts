/** src/goplugin/socket.ts */
import test, { type ExecutionContext } from 'ava';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HandshakeError } from '../../../src/errors.ts';
import { openSocket, type ListeningSocket } from '../../../src/goplugin/socket.ts';

function makeFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'socket-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function open(t: ExecutionContext, folder: string, group?: string): Promise<ListeningSocket> {
  const socket = await openSocket(folder, group);
  t.teardown(() => socket.close());
  return socket;
}

test('socket, any directory, is new, absolute and named plugin…', async (t) => {
  const folder = makeFolder(t);
  const [first, second] = [await open(t, folder), await open(t, `${folder}//`)];
  t.regex(first.path, /\/plugin[0-9a-f]{16}$/);
  t.not(first.path, second.path);
  t.is(path.dirname(second.path), folder);
  t.true(statSync(first.path).isSocket());
});

test('socket, path up to the limit, is taken; one byte more, is refused', async (t) => {
  const folder = makeFolder(t);
  const fits = path.join(folder, 'd'.repeat(107 - '/plugin0123456789abcdef'.length - folder.length - 1));
  mkdirSync(fits);
  mkdirSync(`${fits}d`);
  t.is(Buffer.byteLength((await open(t, fits)).path), 107);
  await t.throwsAsync(openSocket(`${fits}d`, undefined), { instanceOf: HandshakeError, message: /TMPDIR/ });
});

test('socket, directory missing, is refused by name', async (t) => {
  await t.throwsAsync(openSocket('/nonexistent', undefined), { instanceOf: HandshakeError, message: /nonexistent/ });
});

test('socket, no group, is for its owner only', async (t) => {
  t.is(statSync((await open(t, makeFolder(t))).path).mode & 0o777, 0o600);
});

test('socket, group by number or name, is for both', async (t) => {
  const groupId = process.getgid?.() ?? 0;
  for (const group of [String(groupId), ...(groupId === 0 ? ['root'] : [])]) {
    const { path: file } = await open(t, makeFolder(t), group);
    t.is(statSync(file).mode & 0o777, 0o660);
    t.is(statSync(file).gid, groupId);
  }
});

test('socket, unknown group, is refused by name and leaves no file', async (t) => {
  const folder = makeFolder(t);
  await t.throwsAsync(openSocket(folder, 'no-such-group'), { instanceOf: HandshakeError, message: /no-such-group/ });
  t.deepEqual(readdirSync(folder), []);
});

test('connections, made before and after serving begins, are all handed over unread', async (t) => {
  const socket = await open(t, makeFolder(t));
  const dial = async (text: string): Promise<void> => {
    const caller = connect(socket.path);
    t.teardown(() => caller.destroy());
    await once(caller, 'connect');
    caller.write(text);
  };
  await dial('early');
  const texts: string[] = [];
  const accept = (connection: Socket): void => {
    t.teardown(() => connection.destroy());
    connection.setEncoding('utf8').on('data', (text: string) => texts.push(text));
    connection.resume();
  };
  // Time for a listener that reads on its own account to do harm.
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.serve(accept);
  await dial('late');
  while (texts.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  t.deepEqual(texts.sort(), ['early', 'late']);
});

test('socket, closed twice, leaves no file and no error', async (t) => {
  const socket = await openSocket(makeFolder(t), undefined);
  socket.close();
  t.false(existsSync(socket.path));
  t.notThrows(() => socket.close());
});
