/** A provider over the real SDKs and the emulator, as the operator application of its seeded tenant. */
import type { ExecutionContext } from 'ava';
import { findCloud } from '../../src/azure/clouds.ts';
import { createAzureProviderFactory } from '../../src/azure/provider-factory.ts';
import type { AzureProvider, AzureProviderSpec } from '../../src/azure/provider.ts';
import { systemClock } from '../../src/util/clock.ts';
import { startEmulator, type SettingsChange, type StartedEmulator } from '../emulator/index.ts';
import { createTestTransport } from './azure-transport.ts';
import type { TestLogger } from './test-logger.ts';

export interface EmulatedAzure {
  readonly emulator: StartedEmulator;
  readonly provider: AzureProvider;
  readonly logger: TestLogger;
  /** Another provider over the same transport. */
  readonly createProvider: (spec: Partial<AzureProviderSpec>) => AzureProvider;
}

export interface EmulatedAzureOptions {
  readonly settings?: SettingsChange;
  /** The name of a cloud. Default: the public one. */
  readonly cloudName?: string;
  /** Of one call. Default: the transport's. */
  readonly timeoutMs?: number;
}

export async function startEmulatedAzure(
  t: ExecutionContext,
  { settings = {}, cloudName = '', timeoutMs }: EmulatedAzureOptions = {},
): Promise<EmulatedAzure> {
  const emulator = await startEmulator({ settings });
  t.teardown(() => emulator.stop());
  const { transport, logger } = createTestTransport(t, {
    caPem: emulator.caPem,
    proxyUrl: emulator.proxyUrl,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const cloud = findCloud(cloudName);
  if (cloud === undefined) throw new Error(`no cloud ${cloudName}`);
  const createProvider = (spec: Partial<AzureProviderSpec>): AzureProvider =>
    createAzureProviderFactory({ transport, clock: systemClock })({
      cloud,
      tenantId: emulator.tenantId,
      credential: { kind: 'clientSecret', clientId: emulator.clientId, clientSecret: emulator.clientSecret },
      ...spec,
    });
  return { emulator, provider: createProvider({}), logger, createProvider };
}
