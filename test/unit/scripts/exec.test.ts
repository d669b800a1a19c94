import test from 'ava';
import { childEnvironment } from '../../helpers/child-environment.ts';
import { fromRepository } from '../../helpers/repository.ts';
import { StartedProcess } from '../../helpers/started-process.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const TIDY_PROGRAM = `
  const timer = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => { console.log('tidied up'); clearInterval(timer); });
  console.log('ready');
`;
const COMMAND = `
  const { execShared } = await import(process.argv[1]);
  process.exitCode = await execShared(process.execPath, ['-e', process.argv[2]]);
`;

test('command with a program on its terminal, ended by SIGTERM: the program ends first, and in order', async (t) => {
  const command = await StartedProcess.start({
    title: 'a command',
    file: process.execPath,
    args: ['--input-type=module', '-e', COMMAND, fromRepository('scripts/lib/exec.mjs'), TIDY_PROGRAM],
    env: childEnvironment(fromRepository()),
    cwd: fromRepository(),
  });
  t.teardown(() => command.stop());
  await waitUntil('the program', () => command.stdout() === 'ready\n');
  command.signal('SIGTERM');
  t.deepEqual(await command.exited, { code: 0 });
  t.is(command.stdout(), 'ready\ntidied up\n');
});
