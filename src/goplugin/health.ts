/** The standard health service: asked only by a host's ping. Source: go-plugin, grpc_server.go. */
import { healthService, HealthCheckResponseServingStatus } from '../wire/generated/health.ts';
import { bindService, GrpcCode, GrpcStatusError, type BoundService } from '../wire/service.ts';
import { waitForAbort } from './wait-for-abort.ts';

/** Go plugins register this one name; the empty name asks for the server as a whole. */
const KNOWN_SERVICES = ['', 'plugin'];

export function createHealthService(): BoundService {
  return bindService(healthService, {
    check: async ({ service }) => {
      if (!KNOWN_SERVICES.includes(service)) throw new GrpcStatusError(GrpcCode.notFound, 'unknown service');
      return { status: HealthCheckResponseServingStatus.serving };
    },
    watch: async ({ service }, call, answers) => {
      const { serving, serviceUnknown } = HealthCheckResponseServingStatus;
      answers.write({ status: KNOWN_SERVICES.includes(service) ? serving : serviceUnknown });
      await waitForAbort(call.signal);
    },
  });
}
