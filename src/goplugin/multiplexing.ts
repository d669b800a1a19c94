/** Tells the host that one process serves all mounts of this plugin. Source: Vault sdk/helper/pluginutil/multiplexing.go. */
import { pluginMultiplexingService } from '../wire/generated/multiplexing.ts';
import { bindService, type BoundService } from '../wire/service.ts';

export function createMultiplexingService(): BoundService {
  return bindService(pluginMultiplexingService, { multiplexingSupport: async () => ({ supported: true }) });
}
