/** A mount of HashiCorp's plugin with an identity of its own, which tests then move to ours and back. */
import type { ExecutionContext, TestFn } from 'ava';
import { AzureHost } from '../e2e/_azure-host.ts';
import { AzureMount } from '../e2e/_mount.ts';
import { addOperator } from '../e2e/_operator.ts';
import type { Operator } from '../e2e/_operator.ts';
import { assertTenantUnchanged, readTenantContent } from '../e2e/_tenant.ts';
import type { TenantContent } from '../e2e/_tenant.ts';
import { findTool } from '../host/find-tool.ts';
import { GO_PLUGIN } from '../host/host-tools.ts';
import { enableMount, readPluginFile, registerPlugin } from '../host/register-plugin.ts';
import { readRunning, switchVersion } from './_migration.ts';
import type { Side } from './_pair.ts';
import { COMMANDS, startParityHost } from './_parity-host.ts';
import type { ParityHost } from './_parity-host.ts';
import { configFields } from './_setup.ts';

export class Scene {
  readonly parity: ParityHost;
  readonly azure: AzureHost;
  readonly mount: AzureMount;
  readonly operator: Operator;

  constructor(parity: ParityHost, mount: AzureMount, operator: Operator) {
    this.parity = parity;
    this.azure = new AzureHost(parity.host, parity.emulator);
    this.mount = mount;
    this.operator = operator;
  }

  /** By version and reload, proven by what the host says of the mount. */
  async switchTo(t: ExecutionContext, side: Side): Promise<void> {
    const { parity, mount } = this;
    await switchVersion(parity, mount.path, side);
    t.is((await readRunning(parity.host, mount.path)).version, parity.versions[side]);
  }
}

/** A name in the catalog that HashiCorp's plugin has without a version. */
export const UNVERSIONED = 'azure-unversioned';

/** Mounts HashiCorp's plugin; by version, unless the name of a registration without one is given. */
type SetScene = (t: ExecutionContext, path: string, plugin?: typeof UNVERSIONED) => Promise<Scene>;

/** One host and one emulator for all tests of a file. @returns a function that gives a test its scene */
export function serveScenes(test: TestFn): SetScene {
  let parity: ParityHost | undefined;
  let before: TenantContent | undefined;
  test.before(async () => {
    parity = await startParityHost({ config: { raw_storage_endpoint: true } });
    before = readTenantContent(parity.emulator);
    const { sha256 } = await readPluginFile(await findTool(GO_PLUGIN));
    await registerPlugin(parity.host, { name: UNVERSIONED, command: COMMANDS.theirs, sha256 });
  });
  test.after.always(async () => {
    await parity?.stop();
  });
  test.afterEach.always((t) => {
    if (!t.passed && parity !== undefined) t.log(parity.host.logTail());
  });
  // A plugin that dies takes all its mounts along and is started again: only the log tells.
  test.after('no plugin has panicked', (t) => {
    t.notRegex(parity?.host.logs() ?? '', /panic:|SIGSEGV|\[running\]:/);
  });
  test.after('the tenant holds what it held before', async (t) => {
    if (parity !== undefined && before !== undefined) await assertTenantUnchanged(t, parity.emulator, before);
  });
  return async (t, path, plugin) => {
    if (parity === undefined) throw new Error('the host is not started');
    const operator = addOperator(t, parity.emulator, path);
    await (plugin === undefined ? parity.mount(path, 'theirs') : enableMount(parity.host, { path, plugin }));
    const mount = new AzureMount(parity.host, path, new Set());
    await mount.api('POST', 'config', { ...configFields(parity.emulator, operator), root_password_ttl: '48h' });
    return new Scene(parity, mount, operator);
  };
}
