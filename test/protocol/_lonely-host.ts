/**
 * A fake host as a process of its own, to be killed: starts the plugin named in its first argument, enables a mount,
 * prints the plugin's process id and folder as JSON, and lives on. With `--no-handshake` it prints as soon as the plugin
 * is started.
 */
import { startFakeHost } from './_host.ts';
import { PluginProcess } from './_plugin-process.ts';

const [bundlePath = '', mode] = process.argv.slice(2);

if (mode === '--no-handshake') {
  const plugin = new PluginProcess({ bundlePath });
  console.log(JSON.stringify({ pid: plugin.pid, folder: plugin.folder }));
} else {
  const host = await startFakeHost({ bundlePath });
  await host.mount().enable();
  console.log(JSON.stringify({ pid: host.pid, folder: host.folder }));
}
setInterval(() => undefined, 60_000);
