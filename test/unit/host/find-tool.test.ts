import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureTool } from '../../host/build-tool.ts';
import { findTool } from '../../host/find-tool.ts';
import type { HostTool } from '../../host/host-tools.ts';

/** Stands in for Go: knows its version, counts its builds, and builds an executable after a moment or fails. */
const FAKE_GO = `#!/bin/sh
if [ "$1" = env ]; then echo go9.9; exit 0; fi
echo build >> "$HOME/builds"
if [ -f "$HOME/broken" ]; then echo "no such module" >&2; exit 1; fi
while [ "$1" != -o ]; do shift; done
sleep 0.2
printf '#!/bin/sh\\n' > "$2" && chmod 755 "$2"
`;

interface Bench {
  readonly tool: HostTool;
  readonly home: string;
  /** With the fake Go on PATH. */
  readonly env: NodeJS.ProcessEnv;
  readonly builds: () => number;
}

function makeBench(t: ExecutionContext): Bench {
  const home = mkdtempSync(path.join(os.tmpdir(), 'tool-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  for (const name of ['bin', 'module']) mkdirSync(path.join(home, name));
  for (const name of ['go.mod', 'go.sum']) writeFileSync(path.join(home, 'module', name), name);
  writeExecutable(path.join(home, 'bin', 'go'), FAKE_GO);
  const tool = {
    name: 'thing',
    title: 'the thing',
    variable: 'THING_BIN',
    command: 'thing',
    moduleFolder: path.join(home, 'module'),
    package: 'example.com/thing',
    tags: [],
  };
  return {
    tool,
    home,
    env: { HOME: home, PATH: `${path.join(home, 'bin')}:/usr/bin:/bin` },
    builds: () =>
      existsSync(path.join(home, 'builds')) ? readFileSync(path.join(home, 'builds'), 'utf8').length / 6 : 0,
  };
}

function writeExecutable(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

const silent = (): void => undefined;

test('host tool, its variable names a file that is none: refused, not passed over', async (t) => {
  const { tool, env } = makeBench(t);
  await t.throwsAsync(findTool(tool, { ...env, THING_BIN: '/no/such/file' }), {
    message: /THING_BIN names \/no\/such/,
  });
});

test('host tool, on PATH: taken, nothing is built', async (t) => {
  const { tool, env, home, builds } = makeBench(t);
  writeExecutable(path.join(home, 'bin', 'thing'), '#!/bin/sh\n');
  t.is(await ensureTool(tool, env, silent), path.join(home, 'bin', 'thing'));
  t.is(builds(), 0);
});

test('host tool, nowhere and no Go: the error says what was looked at and what helps', async (t) => {
  const { tool, env } = makeBench(t);
  const error = await t.throwsAsync(ensureTool(tool, { ...env, PATH: '/no/such/folder' }, silent));
  t.regex(
    error.message,
    /THING_BIN is not set, there is no `thing` on PATH, nothing was built before in .*, Go is not/,
  );
  t.regex(error.message, /Install Go 1\.25 or newer, or set THING_BIN/);
});

test('host tool, two want it at once: built once, in the cache, and found there without Go', async (t) => {
  const { tool, env, home, builds } = makeBench(t);
  const [first, second] = await Promise.all([ensureTool(tool, env, silent), ensureTool(tool, env, silent)]);
  t.is(first, second);
  t.is(builds(), 1);
  t.true(first.startsWith(path.join(home, '.cache', 'vault-plugin-azure', 'thing-')));
  t.deepEqual(readdirSync(path.dirname(first)), ['thing']);
  t.is(await findTool(tool, { HOME: home, PATH: '/no/such/folder' }), first);
});

test('host tool, its modules changed: built again elsewhere', async (t) => {
  const { tool, env, home } = makeBench(t);
  const before = await ensureTool(tool, env, silent);
  writeFileSync(path.join(home, 'module', 'go.sum'), 'other');
  t.not(await ensureTool(tool, env, silent), before);
});

test('host tool, the build fails: the error carries what Go said, and nothing is left in the way', async (t) => {
  const { tool, env, home, builds } = makeBench(t);
  writeFileSync(path.join(home, 'broken'), '');
  await t.throwsAsync(ensureTool(tool, env, silent), { message: /the thing could not be built: [^]*no such module/ });
  rmSync(path.join(home, 'broken'));
  await ensureTool(tool, env, silent);
  t.is(builds(), 2);
});

const lock = test.macro(async (t, owner: number, heldAt: Date) => {
  const { tool, env } = makeBench(t);
  const target = await ensureTool(tool, env, silent);
  rmSync(target);
  writeFileSync(`${target}.lock`, String(owner));
  utimesSync(`${target}.lock`, heldAt, heldAt);
  t.is(await ensureTool(tool, env, silent), target);
});
// Above every process id that Linux and macOS give out.
test('host tool, a lock whose owner is gone: taken over', lock, 999_999_999, new Date());
test('host tool, a lock that nobody touches any more: taken over', lock, process.pid, new Date(0));
