import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { isIdentityToken } from '../../../../src/engines/azure/identity-token.ts';
import { TokenFiles } from '../../../../src/engines/azure/token-files.ts';
import { InternalError } from '../../../../src/errors.ts';
import { systemSmallFiles } from '../../../../src/util/small-file.ts';
import { TokenIssuer } from '../../../helpers/token-issuer.ts';

const ISSUER = new TokenIssuer();
const mint = (): string => ISSUER.mint({ audience: 'a', ttlSeconds: 60, now: new Date(0) });
const TOKEN = mint();

/** `allowed/` with a token, `other/` with another, and their parent. */
function makeFolders(t: ExecutionContext): { folder: string; allowed: string; other: string } {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'tokens-')));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [allowed, other] = ['allowed', 'other'].map((name) => path.join(folder, name)) as [string, string];
  for (const made of [allowed, other]) {
    mkdirSync(made);
    writeFileSync(path.join(made, 'token'), TOKEN);
  }
  return { folder, allowed, other };
}

const open = (...allowedFolders: string[]): TokenFiles => new TokenFiles({ allowedFolders, files: systemSmallFiles });

async function assertRefused(t: ExecutionContext, files: TokenFiles, file: string, message: RegExp): Promise<void> {
  const error = await t.throwsAsync(files.read(file), { instanceOf: InternalError, message });
  t.true(error.message.startsWith('federated_token_file '));
  t.false(error.message.includes(TOKEN.slice(0, 20)));
}

test('token file in an allowed folder, is read without the white space around the token', async (t) => {
  const { allowed } = makeFolders(t);
  writeFileSync(path.join(allowed, 'spaced'), `\n  ${TOKEN}\r\n`);
  t.is(await open(allowed).read(path.join(allowed, 'token')), TOKEN);
  t.is(await open(allowed).read(path.join(allowed, 'spaced')), TOKEN);
});

test('token file that is replaced as Kubernetes does it, is read anew each time', async (t) => {
  const { allowed } = makeFolders(t);
  const project = (name: string, token: string): void => {
    mkdirSync(path.join(allowed, name));
    writeFileSync(path.join(allowed, name, 'projected'), token);
    symlinkSync(name, path.join(allowed, '..next'));
    renameSync(path.join(allowed, '..next'), path.join(allowed, '..data'));
  };
  const [first, second] = [mint(), mint()];
  project('..2027_01_01', first);
  symlinkSync('..data/projected', path.join(allowed, 'projected'));
  const files = open(allowed);
  t.is(await files.read(path.join(allowed, 'projected')), first);
  project('..2027_01_02', second);
  rmSync(path.join(allowed, '..2027_01_01'), { recursive: true });
  t.is(await files.read(path.join(allowed, 'projected')), second);
});

test('token file that is replaced between two steps, is looked for again', async (t) => {
  const found = ['/tokens/old', '/tokens/new'];
  const files = new TokenFiles({
    allowedFolders: ['/tokens'],
    files: {
      realPath: async (file) => (file === '/tokens' ? file : (found.shift() ?? '/tokens/none')),
      readStart: async (file) => {
        if (file !== '/tokens/new') throw Object.assign(new Error('gone'), { code: 'ENOENT' });
        return Buffer.from(TOKEN);
      },
    },
  });
  t.is(await files.read('/tokens/token'), TOKEN);
});

test('token file by way of a linked folder, is read under either name of the folder', async (t) => {
  const { folder, allowed } = makeFolders(t);
  const link = path.join(folder, 'link');
  symlinkSync(allowed, link);
  t.is(await open(link).read(path.join(link, 'token')), TOKEN);
  t.is(await open(link).read(path.join(allowed, 'token')), TOKEN);
});

test('token file, no folder allowed, is refused with the remedy', async (t) => {
  const { allowed } = makeFolders(t);
  await assertRefused(t, open(), path.join(allowed, 'token'), /-args=--federated-token-dir=<folder>/);
});

test('token file outside of the allowed folder, is refused before it is looked for', async (t) => {
  const { folder, allowed, other } = makeFolders(t);
  const asked: string[] = [];
  const files = new TokenFiles({
    allowedFolders: [allowed],
    files: {
      realPath: (file) => {
        asked.push(file);
        return systemSmallFiles.realPath(file);
      },
      readStart: () => Promise.reject(new Error('not to be read')),
    },
  });
  for (const file of [path.join(other, 'token'), path.join(folder, 'none'), `${allowed}-not/token`, allowed]) {
    await assertRefused(t, files, file, /must lie in a folder that was allowed/);
  }
  t.deepEqual([...new Set(asked)], [allowed]);
});

test('token file that is a link out of the folder, is refused', async (t) => {
  const { allowed, other } = makeFolders(t);
  symlinkSync(path.join(other, 'token'), path.join(allowed, 'file-link'));
  symlinkSync(other, path.join(allowed, 'folder-link'));
  for (const name of ['file-link', 'folder-link/token']) {
    await assertRefused(t, open(allowed), `${allowed}/${name}`, /symbolic link that leads out of the folders/);
  }
});

test('token file with a path that is not plain, is refused', async (t) => {
  const { allowed } = makeFolders(t);
  for (const file of [
    'token',
    './token',
    `${allowed}/../other/token`,
    `${allowed}/./token`,
    `${allowed}//token`,
    `${allowed}/`,
    `${allowed}/to\0ken`,
    '',
  ]) {
    await assertRefused(t, open(allowed), file, /must be an absolute path, without/);
  }
});

test('token file that cannot be read, is refused with the reason', async (t) => {
  const { allowed } = makeFolders(t);
  mkdirSync(path.join(allowed, 'folder'));
  for (const [name, message] of [
    ['none', /cannot be read \(ENOENT\): it must be a file that the user of the server may read/],
    ['folder', /cannot be read \(not a regular file\)/],
  ] as const) {
    await assertRefused(t, open(allowed), path.join(allowed, name), message);
  }
  await assertRefused(t, open('/dev'), '/dev/zero', /cannot be read \(not a regular file\)/);
});

test('token file of 16 KiB, is read; a longer one is refused', async (t) => {
  const { allowed } = makeFolders(t);
  const [head = '', payload = ''] = TOKEN.split('.');
  const long = `${head}.${payload}.`.padEnd(16 * 1024, 'A');
  writeFileSync(path.join(allowed, 'largest'), long);
  writeFileSync(path.join(allowed, 'larger'), `${long}A`);
  t.is(await open(allowed).read(path.join(allowed, 'largest')), long);
  await assertRefused(t, open(allowed), path.join(allowed, 'larger'), /is larger than 16 KiB/);
});

const encode = (value: string): string => Buffer.from(value).toString('base64url');
for (const [title, content] of [
  ['nothing', ''],
  ['words', 'secret words of somebody'],
  ['two parts', 'e30.e30'],
  ['four parts', 'e30.e30.x.x'],
  ['no JSON', `${encode('no')}.${encode('{}')}.x`],
  ['a JSON list', `${encode('[]')}.${encode('{}')}.x`],
  ['a payload that is no JSON', `${encode('{}')}.${encode('no')}.x`],
  ['two tokens', `${TOKEN}\n${TOKEN}`],
  ['no base64url', 'e30=.e30.x'],
  ['no UTF-8', `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.e30.x`],
] as const) {
  test(`token file that holds ${title}, is refused and not quoted`, async (t) => {
    const { allowed } = makeFolders(t);
    writeFileSync(path.join(allowed, 'other'), content);
    const error = await t.throwsAsync(open(allowed).read(path.join(allowed, 'other')), {
      instanceOf: InternalError,
      message: /^federated_token_file holds no JSON Web Token/,
    });
    if (content !== '') t.false(error.message.includes(content));
  });
}

test('identity token, any text, is told from others without a crash', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (header, payload, signature) => {
        const isObject = (value: unknown): boolean =>
          typeof value === 'object' && value !== null && !Array.isArray(value);
        const token = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}.${signature}`;
        const isExpected = isObject(header) && isObject(payload) && /^[\w-]+$/.test(signature);
        return isIdentityToken(token) === isExpected && !isIdentityToken(signature);
      }),
      { seed: 1 },
    ),
  );
});
