/** Runs the emulator as a program: one JSON line on stdout when ready, ends on SIGTERM or SIGINT. */
import { parseArguments, USAGE } from './arguments.ts';
import { startEmulator } from './index.ts';

async function run(): Promise<void> {
  const options = parseArguments(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const emulator = await startEmulator(options);
  const end = (): void => {
    void emulator.stop();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  const ready = {
    proxy: emulator.proxyUrl,
    control: emulator.controlUrl,
    caFile: emulator.caFile,
    tenantId: emulator.tenantId,
    subscriptionId: emulator.subscriptionId,
    clientId: emulator.clientId,
    clientSecret: emulator.clientSecret,
    groups: emulator.groups,
    applications: emulator.applications,
    identityEndpoints: emulator.identityEndpoints,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

run().catch((error: unknown) => {
  process.stderr.write(`emulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
