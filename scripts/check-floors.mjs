// The floors of src/: imports go down only, siblings never meet, and each outside package has its home. Types count
// like values: a type that leaks through a floor is a dependency all the same.
import path from 'node:path';
import { isBuiltin } from 'node:module';
import { runAlone } from './lib/run-alone.mjs';
import { listFiles, readImports } from './lib/sources.mjs';

const GRPC = ['@grpc/grpc-js', 'google-protobuf'];
const AZURE = ['@azure/', '@microsoft/'];
/** Built-ins that compute and touch nothing outside the process. */
const PURE = [
  'node:assert',
  'node:async_hooks',
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:stream',
  'node:string_decoder',
  'node:url',
  'node:util',
  'node:zlib',
];
const ANY_BUILTIN = ['node:'];

/**
 * What a unit of src/ may import: other units, packages and built-ins (a name that ends in `/` or `:` is a prefix).
 * `lazy` packages are loaded by `await import()` only, so that nothing waits for them before the handshake.
 * @type {Record<string, {units: string[], packages?: string[], lazy?: string[], builtins?: string[]}>}
 */
const FLOORS = {
  errors: { units: [] },
  util: { units: ['errors'], lazy: ['croner'], builtins: ANY_BUILTIN },
  wire: { units: ['errors', 'util'], packages: GRPC },
  logical: { units: ['errors', 'util'] },
  framework: { units: ['logical', 'errors', 'util'] },
  azure: {
    units: ['errors', 'util'],
    lazy: AZURE,
    builtins: [...PURE, 'node:http', 'node:https', 'node:http2', 'node:net', 'node:tls'],
  },
  goplugin: { units: ['wire', 'errors', 'util'], packages: GRPC, builtins: ANY_BUILTIN },
  bridge: {
    units: ['goplugin', 'logical', 'wire', 'errors', 'util'],
    packages: GRPC,
    builtins: [...PURE, 'node:http2'],
  },
  engines: { units: ['framework', 'azure', 'logical', 'errors', 'util'] },
  'run-plugin': { units: ['bridge', 'goplugin', 'logical', 'wire', 'errors', 'util'], builtins: ANY_BUILTIN },
  main: {
    units: ['run-plugin', 'engines', 'bridge', 'framework', 'azure', 'goplugin', 'logical', 'wire', 'errors', 'util'],
    builtins: ANY_BUILTIN,
  },
};

/** Tests that judge the plugin from outside read the specification, never our code. */
const OUTSIDERS = ['test/protocol', 'test/emulator', 'test/host', 'test/e2e', 'test/parity', 'test/demo', 'test/bench'];

/** @returns {Promise<string[]>} one line per import that is not allowed and per cycle */
export async function checkFloors() {
  const sources = listFiles('src', /\.ts$/);
  const importsOf = new Map(sources.map((file) => [file, readImports(file)]));
  const problems = [];
  for (const [file, imports] of importsOf) {
    for (const entry of imports) {
      const problem = judgeImport(file, entry);
      if (problem !== undefined) problems.push(`${file}:${entry.line}: ${problem}`);
    }
  }
  return [...problems, ...findCycles(importsOf), ...checkOutsiders()];
}

/**
 * @param {string} file below src/
 * @param {Pick<import('./lib/sources.mjs').Import, 'specifier' | 'isTypeOnly' | 'isLazy'>} entry
 * @returns {string | undefined} what is wrong with it
 */
export function judgeImport(file, { specifier, isTypeOnly, isLazy }) {
  const unit = unitOf(file);
  const floor = FLOORS[unit];
  if (floor === undefined) return `src/${unit} is on no floor: add it to scripts/check-floors.mjs`;
  if (specifier.startsWith('.')) {
    const target = resolveImport(file, specifier);
    if (!target.startsWith('src/')) return `imports ${target} outside src/`;
    const targetUnit = unitOf(target);
    if (targetUnit === unit) return judgeSibling(file, target);
    return floor.units.includes(targetUnit) ? undefined : `${unit} may not import ${targetUnit} (${specifier})`;
  }
  if (isBuiltin(specifier)) {
    const isAllowed = matches(floor.builtins ?? PURE, specifier);
    return isAllowed ? undefined : `${unit} may not import ${specifier}`;
  }
  if (matches(floor.packages ?? [], specifier)) return undefined;
  if (!matches(floor.lazy ?? [], specifier)) return `${unit} may not import ${specifier}`;
  return isTypeOnly || isLazy ? undefined : `${specifier} is loaded lazily: await import(), or import type`;
}

/** Engines are separate products: one never imports another. */
function judgeSibling(file, target) {
  if (unitOf(file) !== 'engines') return undefined;
  const [from, to] = [file, target].map((name) => name.split('/')[2]);
  return from === to ? undefined : `engine ${from} may not import engine ${to}`;
}

/** `src/util/clock.ts` → `util`, `src/errors.ts` → `errors`. */
const unitOf = (file) => file.split('/')[1].replace(/\.ts$/, '');

const resolveImport = (file, specifier) => path.posix.join(path.posix.dirname(file), specifier);

const matches = (names, specifier) =>
  names.some((name) =>
    /[/:]$/.test(name) ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`),
  );

/** Depth-first search; each cycle is reported once, at the import that closes it. */
export function findCycles(importsOf) {
  const problems = [];
  const state = new Map();
  const visit = (file, trail) => {
    state.set(file, 'open');
    for (const { specifier, line } of importsOf.get(file) ?? []) {
      if (!specifier.startsWith('.')) continue;
      const target = resolveImport(file, specifier);
      if (state.get(target) === 'open') {
        const cycle = [...trail.slice(trail.indexOf(target)), target];
        problems.push(`${file}:${line}: import cycle ${cycle.join(' → ')}`);
      } else if (!state.has(target)) visit(target, [...trail, target]);
    }
    state.set(file, 'done');
  };
  for (const file of importsOf.keys()) if (!state.has(file)) visit(file, [file]);
  return problems;
}

function checkOutsiders() {
  return listFiles('test', /\.ts$/)
    .filter((file) => OUTSIDERS.some((folder) => file.startsWith(`${folder}/`)))
    .flatMap((file) =>
      readImports(file)
        .filter(({ specifier }) => specifier.startsWith('.') && resolveImport(file, specifier).startsWith('src/'))
        .map(({ specifier, line }) => `${file}:${line}: judges from outside and may not import ${specifier}`),
    );
}

await runAlone(import.meta.url, checkFloors);
