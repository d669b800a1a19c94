#!/usr/bin/env node
// The one door to every command of the repository: `npm run NAME` or `node scripts/run.mjs NAME [arguments]`.
// Until the packages are known to be installed it uses Node's built-ins only.
import { requireNodeVersion } from './lib/node-version.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';

/** Each module exports `main(args): Promise<number>`, the exit code. */
const COMMANDS = {
  compile: { load: () => import('./compile.mjs'), help: 'TypeScript to build/' },
  build: { load: () => import('./build.mjs'), help: 'the plugin file: dist/vault-plugin-azure and plugin.sha256' },
  check: { load: () => import('./check.mjs'), help: 'types, lint, format, floors, unused code, generated files' },
  suite: { load: () => import('./suite.mjs'), help: 'one test suite: unit, protocol, engine, e2e or parity' },
  test: { load: () => import('./test.mjs'), help: 'everything: check, two builds compared, all suites' },
  generate: { load: () => import('./generate.mjs'), help: 'all generated files; --check only compares' },
  emulator: { load: () => import('./emulator.mjs'), help: 'the fake Azure' },
  demo: { load: () => import('./demo.mjs'), help: 'a guided tour on a real Vault and the fake Azure' },
  bench: { load: () => import('./bench.mjs'), help: 'ours and the official Go plugin side by side' },
};

requireNodeVersion();
const [name = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(COMMANDS, name)) {
  const lines = Object.entries(COMMANDS).map(([command, { help }]) => `  ${command.padEnd(10)}${help}`);
  console.error(`usage: node scripts/run.mjs COMMAND [arguments]\n\n${lines.join('\n')}`);
  process.exit(2);
}
await ensureDependencies();
const { main } = await COMMANDS[name].load();
// The code is set, not forced: output that is still on its way to a pipe must arrive.
process.exitCode = await main(args);
