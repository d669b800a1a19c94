/** The fixture plugin (test/fixtures/wire-plugin.ts), bundled exactly as the real one is, in a folder far from ours. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

interface BundleModule {
  bundle(entry: string): Promise<{ readonly text: string }>;
}

/** Path of the executable; gone when this test process ends. */
export async function buildFixture(): Promise<string> {
  const builder = (await import(pathToFileURL(path.resolve('scripts/lib/bundle.mjs')).href)) as BundleModule;
  const { text } = await builder.bundle('test/fixtures/wire-plugin.ts');
  const folder = mkdtempSync(path.join(tmpdir(), 'wire-plugin-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'wire-plugin');
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}
