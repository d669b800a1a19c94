/** `npm run demo`: starts a fake Azure and a dev-mode Vault, takes the tour on them, and tidies up. */
import { parseArgs } from 'node:util';
import { watchEndSignals } from '../helpers/end-signals.ts';
import { createPrinter, type Printer } from './print.ts';
import { giveTour } from './tour.ts';
import { startWorld, type DemoWorld } from './world.ts';

const printer = createPrinter((text) => process.stdout.write(text), hasColour());

/**
 * @param args `--keep`: leave everything running after the tour, until Ctrl-C
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { keep: { type: 'boolean', default: false } } });
  const ending = watchEndSignals();
  const { signal } = ending;
  let world: DemoWorld | undefined;
  try {
    world = await startWorld(printer, signal);
    showExports(printer, world, 'The settings of the shell that all commands below run in, in this folder');
    await giveTour({ ...world, printer });
    if (values.keep) await keepRunning(world, signal);
    else printer.text('\nDone. `npm run demo -- --keep` leaves everything running, to go on by hand.');
    return 0;
  } catch (error) {
    const endedCode = ending.exitCode();
    if (endedCode !== undefined) return endedCode;
    printer.text(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
    if (world !== undefined) printer.text(world.vault.logTail());
    return 1;
  } finally {
    await printer.waitFor('stopping everything', world?.stop() ?? Promise.resolve());
    ending.release();
  }
}

async function keepRunning(world: DemoWorld, signal: AbortSignal): Promise<void> {
  const { controlUrl } = world.emulator;
  showExports(printer, world, 'All is still running. In another terminal, in this folder');
  printer.text(`
  vault read azure/creds/my-role                 another credential
  vault path-help azure                          what else there is
  curl -s ${controlUrl}/_emulator/tenant    what the fake Azure holds
  curl -s ${controlUrl}/_emulator/calls     what it was asked

Ctrl-C here stops everything and removes it.`);
  await new Promise<void>((resolve) => {
    // A timer that nobody waits for keeps the process from ending.
    const timer = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      resolve();
    });
  });
  printer.text('');
}

function showExports({ heading, text }: Printer, { exports }: DemoWorld, title: string): void {
  heading(title);
  for (const [name, value] of Object.entries(exports)) text(`export ${name}="${value}"`);
}

function hasColour(): boolean {
  return process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
}
