import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemSmallFiles } from '../../../src/util/small-file.ts';

function makeFolder(t: ExecutionContext): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'small-')));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a file, shorter than the limit, is read whole; a longer one up to it', async (t) => {
  const file = path.join(makeFolder(t), 'file');
  writeFileSync(file, 'abcdef');
  t.is(Buffer.from(await systemSmallFiles.readStart(file, 10)).toString(), 'abcdef');
  t.is(Buffer.from(await systemSmallFiles.readStart(file, 3)).toString(), 'abc');
});

test('a link, asked to be read, is refused; asked for its real path, leads there', async (t) => {
  const folder = makeFolder(t);
  const [file, link] = [path.join(folder, 'file'), path.join(folder, 'link')];
  writeFileSync(file, 'x');
  symlinkSync('file', link);
  await t.throwsAsync(systemSmallFiles.readStart(link, 10), { code: 'ELOOP' });
  t.is(await systemSmallFiles.realPath(link), file);
});

test('a folder, a device and nothing are no files', async (t) => {
  const folder = makeFolder(t);
  mkdirSync(path.join(folder, 'sub'));
  await t.throwsAsync(systemSmallFiles.readStart(path.join(folder, 'sub'), 10), { message: 'not a regular file' });
  await t.throwsAsync(systemSmallFiles.readStart('/dev/zero', 10), { message: 'not a regular file' });
  await t.throwsAsync(systemSmallFiles.readStart(path.join(folder, 'none'), 10), { code: 'ENOENT' });
});
