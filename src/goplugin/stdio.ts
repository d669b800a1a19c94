/** The stream by which Go plugins copy their output. Hosts throw it away, so ours is open and silent. */
import { grpcStdioService } from '../wire/generated/plugin.ts';
import { bindService, type BoundService } from '../wire/service.ts';
import { waitForAbort } from './wait-for-abort.ts';

export function createStdioService(): BoundService {
  return bindService(grpcStdioService, {
    streamStdio: async (_request, call) => waitForAbort(call.signal),
  });
}
