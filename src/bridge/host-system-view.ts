/** The host's view of itself and of the mount, over the brokered connection. */
import { InternalError, NotSupportedByHostError } from '../errors.ts';
import type {
  Alias,
  Entity,
  Group,
  PluginEnvironment,
  ResponseWrapInfo,
  RotationJob,
  SystemView,
} from '../logical/index.ts';
import type { JsonObject } from '../util/json.ts';
import type { PartialMessage } from '../wire/codec.ts';
import type * as logical from '../wire/generated/logical.ts';
import { systemViewService } from '../wire/generated/pb.ts';
import type { UnaryMethodData } from '../wire/service.ts';
import { timestampToDate } from '../wire/timestamp.ts';
import { nanosecondsToSeconds, secondsToNanoseconds } from './duration.ts';
import { callHost, isNotSupportedText, NO_METADATA, type CallScope } from './host-call.ts';
import type { HostConnection } from './unary-caller.ts';

/**
 * A system view whose calls live and die with `scope`. Makes no call by itself.
 * Sub-messages of requests are always set: some hosts crash on an unset one.
 */
export function bindSystemView(connection: HostConnection, scope: CallScope): SystemView {
  return new HostSystemView(connection, scope);
}

/** A class, since one is made for each call and most calls use little of it. */
class HostSystemView implements SystemView {
  readonly #connection: HostConnection;
  readonly #scope: CallScope;

  constructor(connection: HostConnection, scope: CallScope) {
    this.#connection = connection;
    this.#scope = scope;
  }

  async defaultLeaseTtlSeconds(): Promise<number> {
    const { ttl } = await this.#call(systemViewService.defaultLeaseTtl, {}, 'reading the default lease TTL');
    return nanosecondsToSeconds(ttl);
  }

  async maxLeaseTtlSeconds(): Promise<number> {
    const { ttl } = await this.#call(systemViewService.maxLeaseTtl, {}, 'reading the maximum lease TTL');
    return nanosecondsToSeconds(ttl);
  }

  async isTainted(): Promise<boolean> {
    return (await this.#call(systemViewService.tainted, {}, 'reading the tainted flag')).tainted;
  }

  async isCachingDisabled(): Promise<boolean> {
    return (await this.#call(systemViewService.cachingDisabled, {}, 'reading the caching flag')).disabled;
  }

  async replicationState(): Promise<number> {
    return (await this.#call(systemViewService.replicationState, {}, 'reading the replication state')).state;
  }

  async isMlockEnabled(): Promise<boolean> {
    return (await this.#call(systemViewService.mlockEnabled, {}, 'reading the mlock flag')).enabled;
  }

  async isLocalMount(): Promise<boolean> {
    return (await this.#call(systemViewService.localMount, {}, 'reading the local mount flag')).local;
  }

  async wrapResponseData(data: JsonObject, ttlSeconds: number): Promise<ResponseWrapInfo> {
    const request = { data: JSON.stringify(data), ttl: secondsToNanoseconds(ttlSeconds) };
    const { wrapInfo } = await this.#callChecked(systemViewService.responseWrapData, request, 'wrapping a response');
    const createdAt = wrapInfo?.creationTime === undefined ? undefined : timestampToDate(wrapInfo.creationTime);
    if (wrapInfo === undefined || createdAt === undefined) {
      throw new InternalError('wrapping a response: the host returned no wrap info');
    }
    return {
      ttlSeconds: nanosecondsToSeconds(wrapInfo.ttl),
      hostToken: wrapInfo.token,
      accessor: wrapInfo.accessor,
      createdAt,
      creationPath: wrapInfo.creationPath,
    };
  }

  async entityInfo(entityId: string): Promise<Entity | undefined> {
    const { entity } = await this.#callChecked(systemViewService.entityInfo, { entityId }, 'reading an entity');
    return entity === undefined ? undefined : toEntity(entity);
  }

  async groupsForEntity(entityId: string): Promise<readonly Group[]> {
    const { groups } = await this.#callChecked(systemViewService.groupsForEntity, { entityId }, 'reading groups');
    return groups.map(toGroup);
  }

  async pluginEnvironment(): Promise<PluginEnvironment> {
    const reply = await this.#callChecked(systemViewService.pluginEnv, {}, "reading the host's version");
    const environment = reply.pluginEnvironment;
    return {
      hostVersion: environment?.hostVersion ?? '',
      hostVersionPrerelease: environment?.hostVersionPrerelease ?? '',
      hostVersionMetadata: environment?.hostVersionMetadata ?? '',
    };
  }

  async generatePasswordFromPolicy(policyName: string): Promise<string> {
    const method = systemViewService.generatePasswordFromPolicy;
    return (await this.#call(method, { policyName }, 'generating a password')).password;
  }

  async clusterId(): Promise<string> {
    return (await this.#callChecked(systemViewService.clusterInfo, {}, 'reading the cluster id')).clusterId;
  }

  async generateIdentityToken(
    audience: string,
    ttlSeconds: number,
  ): Promise<{ identityToken: string; ttlSeconds: number }> {
    const request = { audience, ttl: BigInt(Math.trunc(ttlSeconds)) };
    const reply = await this.#call(systemViewService.generateIdentityToken, request, 'generating an identity token');
    return { identityToken: reply.token, ttlSeconds: Number(reply.ttl) };
  }

  async registerRotationJob(job: RotationJob): Promise<string> {
    const request = {
      job: {
        name: job.name,
        mountPoint: job.mountPoint,
        path: job.path,
        rotationSchedule: job.rotationSchedule,
        rotationWindow: BigInt(Math.trunc(job.rotationWindowSeconds)),
        rotationPeriod: BigInt(Math.trunc(job.rotationPeriodSeconds)),
      },
    };
    const method = systemViewService.registerRotationJob;
    return (await this.#callChecked(method, request, 'registering a rotation job')).rotationId;
  }

  async deregisterRotationJob(mountPoint: string, path: string): Promise<void> {
    const request = { req: { mountPoint, reqPath: path } };
    await this.#call(systemViewService.deregisterRotationJob, request, 'deregistering a rotation job');
  }

  /** Without the metadata of the call that is being served: only storage is read as of a snapshot. */
  #call<Req, Res>(method: UnaryMethodData<Req, Res>, request: PartialMessage<Req>, step: string): Promise<Res> {
    const { signal, deadline } = this.#scope;
    const scope: CallScope = { signal, deadline, metadata: NO_METADATA };
    return callHost(this.#connection, scope, method, request, step, toInternalError);
  }

  /** For replies that may hold the host's error text. */
  async #callChecked<Req, Res extends { readonly err: string }>(
    method: UnaryMethodData<Req, Res>,
    request: PartialMessage<Req>,
    step: string,
  ): Promise<Res> {
    const reply = await this.#call(method, request, step);
    if (reply.err === '') return reply;
    if (isNotSupportedText(reply.err)) {
      throw new NotSupportedByHostError(`${step} is not supported by this host: ${reply.err}`);
    }
    throw toInternalError(reply.err);
  }
}

function toInternalError(text: string, cause?: unknown): InternalError {
  return new InternalError(text, { cause });
}

function toEntity(entity: logical.Entity): Entity {
  return {
    id: entity.id,
    name: entity.name,
    aliases: entity.aliases.map(toAlias),
    metadata: entity.metadata,
    isDisabled: entity.disabled,
    namespaceId: entity.namespaceId,
  };
}

function toAlias(alias: logical.Alias): Alias {
  return {
    id: alias.id,
    name: alias.name,
    mountType: alias.mountType,
    mountAccessor: alias.mountAccessor,
    metadata: alias.metadata,
    customMetadata: alias.customMetadata,
    namespaceId: alias.namespaceId,
    isLocal: alias.local,
  };
}

function toGroup(group: logical.Group): Group {
  return { id: group.id, name: group.name, metadata: group.metadata, namespaceId: group.namespaceId };
}
