/** The host's request to end. Source: go-plugin, grpc_controller.go. */
import { grpcControllerService } from '../wire/generated/plugin.ts';
import { bindService, type BoundService } from '../wire/service.ts';

/** `onShutdown` must return at once and end the process a moment later, when the answer is on its way. */
export function createControllerService(onShutdown: () => void): BoundService {
  return bindService(grpcControllerService, {
    shutdown: async () => {
      onShutdown();
      return {};
    },
  });
}
