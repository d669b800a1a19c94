/**
 * The services that the host drives mounts with: pb.Backend over one instance per multiplex id, and what is said of all
 * of them, that they share a process and their version. What fails inside a mount is answered inside its reply; only a
 * call for no mount, and a cancelled one, end in a gRPC status.
 */
import { StorageError } from '../errors.ts';
import type { Response } from '../logical/index.ts';
import type { Logger } from '../util/log.ts';
import { pluginVersionService } from '../wire/generated/logical.ts';
import { pluginMultiplexingService } from '../wire/generated/multiplexing.ts';
import * as pb from '../wire/generated/pb.ts';
import { bindService, GrpcCode, GrpcStatusError, type BoundService, type ServerCall } from '../wire/service.ts';
import { describeError } from './describe-error.ts';
import type { BoundHost, Instance } from './instance.ts';
import { Mounts, type MountsOptions } from './mounts.ts';
import { readMultiplexId } from './multiplex-id.ts';
import { toFailure, type Occasion, type ReplyFailure } from './proto-error.ts';
import { toRequest } from './translate-request.ts';
import { fromResponse, fromSpecialPaths } from './translate-response.ts';

/** `TypeReply.type` of a secrets engine. */
const SECRETS_ENGINE = 1;

export interface BackendServiceOptions extends MountsOptions {
  /** With a leading `v`, for example `v1.2.3`; '' for none. */
  readonly version: string;
}

export interface BackendService {
  readonly services: readonly BoundService[];
  /** Closes every mount; further ones are refused. Never throws. */
  close(): Promise<void>;
}

export function createBackendService(options: BackendServiceOptions): BackendService {
  const { logger } = options;
  const mounts = new Mounts(options);
  const find = (call: ServerCall): Instance => mounts.get(readMultiplexId(call.metadata));

  return {
    services: [
      bindService(pb.backendService, {
        // Its errors are told by text, not by status.
        setup: async (args, call) => {
          try {
            await mounts.setUp({ multiplexId: readMultiplexId(call.metadata), ...args });
            return {};
          } catch (error) {
            return { err: fail(error, 'setup', { operation: 'setup', path: '' }, logger).err.errMsg };
          }
        },
        // A failing type fails the unseal, failing special paths lose the root protection: neither may ever throw.
        type: async () => ({ type: SECRETS_ENGINE }),
        specialPaths: async (_, call) => {
          const instance = mounts.getAny(call.metadata.get('multiplex_id')?.[0]);
          return { paths: instance === undefined ? {} : fromSpecialPaths(instance.backend.specialPaths) };
        },
        initialize: async (_, call) => {
          const instance = find(call);
          try {
            await instance.run(call, ({ storage, systemView, scope }) =>
              instance.backend.initialize({ storage, systemView, signal: scope.signal, deadline: scope.deadline }),
            );
            return {};
          } catch (error) {
            return { err: fail(error, 'initialize', { operation: 'initialize', path: '' }, logger).err };
          }
        },
        handleRequest: async ({ request }, call) => {
          const instance = find(call);
          const wireRequest = requireRequest(request);
          try {
            const response = await instance.run(call, (host) => handle(instance, wireRequest, host));
            return { response: response && fromResponse(response) };
          } catch (error) {
            const { err, response } = fail(error, occasionOf(wireRequest), wireRequest, logger);
            return { err, response };
          }
        },
        handleExistenceCheck: async ({ request }, call) => {
          const instance = find(call);
          const wireRequest = requireRequest(request);
          try {
            const { isCheckFound, exists } = await instance.run(call, (host) =>
              instance.backend.handleExistenceCheck(toRequest(wireRequest, host)),
            );
            return { checkFound: isCheckFound, exists };
          } catch (error) {
            return { err: fail(error, 'existenceCheck', wireRequest, logger).err };
          }
        },
        invalidateKey: async ({ key }, call) => {
          try {
            find(call).backend.invalidateKey(key);
          } catch (error) {
            logger.warn('dropping a cached record failed', { key, ...describeError(error) });
          }
          return {};
        },
        cleanup: async (_, call) => {
          await mounts.cleanUp(readMultiplexId(call.metadata));
          return {};
        },
      }),
      // One process serves many mounts. Asked before there is any, without an id.
      bindService(pluginMultiplexingService, { multiplexingSupport: async () => ({ supported: true }) }),
      bindService(pluginVersionService, { version: async () => ({ pluginVersion: options.version }) }),
    ],
    close: () => mounts.close(),
  };
}

function handle(instance: Instance, request: pb.Request, host: BoundHost): Promise<Response | undefined> {
  return instance.backend.handleRequest(toRequest(request, host));
}

function requireRequest(request: pb.Request | undefined): pb.Request {
  if (request === undefined) throw new GrpcStatusError(GrpcCode.invalidArgument, 'the call carries no request');
  return request;
}

function occasionOf({ operation }: pb.Request): Occasion {
  return operation === 'revoke' || operation === 'rollback' ? operation : 'request';
}

/**
 * Logs and converts.
 * @throws GrpcStatusError when the failure is to be told by a status.
 */
function fail(
  error: unknown,
  occasion: Occasion,
  { operation, path }: { readonly operation: string; readonly path: string },
  logger: Logger,
): ReplyFailure {
  const failure = toFailure(error, occasion);
  if (failure.kind === 'status') throw new GrpcStatusError(failure.grpcCode, failure.message, { cause: error });
  if (failure.err.errType === 0) {
    // Hosts forward such a request to a node that can write: nothing has gone wrong.
    const isForwarded = error instanceof StorageError && error.message.includes('cannot write to readonly storage');
    logger[isForwarded ? 'debug' : 'error']('request failed', { operation, path, ...describeError(error) });
  }
  return failure;
}
