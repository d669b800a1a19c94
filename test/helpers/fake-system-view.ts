/** The host's view in memory. Every answer is a property that a test may change. */
import { NotSupportedByHostError } from '../../src/errors.ts';
import type {
  Entity,
  Group,
  PluginEnvironment,
  ResponseWrapInfo,
  RotationJob,
  SystemView,
} from '../../src/logical/index.ts';
import type { JsonObject } from '../../src/util/json.ts';

export class FakeSystemView implements SystemView {
  /** Set to make every method throw it, as when the host is gone. */
  failure: Error | undefined;
  defaultTtlSeconds = 2764800;
  maxTtlSeconds = 2764800;
  tainted = false;
  cachingDisabled = false;
  /** Bits of `ReplicationState`; 4096 + 8192 is what Community Edition says. */
  replication = 12288;
  mlockEnabled = false;
  localMount = false;
  environment: PluginEnvironment = { hostVersion: '1.21.0', hostVersionPrerelease: '', hostVersionMetadata: '' };
  cluster = '2fd4b6b4-0000-4000-8000-000000000001';
  readonly entities = new Map<string, Entity>();
  readonly groups = new Map<string, readonly Group[]>();
  readonly passwords = new Map<string, string>();
  /** Makes the JWT of `generateIdentityToken`; `undefined`: the host refuses, as Community Edition does. */
  mintIdentityToken: ((audience: string, ttlSeconds: number) => string) | undefined;
  /** `undefined`: the host has no rotation manager, as Community Edition. */
  rotationJobs: Map<string, RotationJob> | undefined;
  /** What the rotation manager says instead of taking or ending a job. */
  rotationFailure: Error | undefined;
  readonly identityTokenRequests: { audience: string; ttlSeconds: number }[] = [];

  async defaultLeaseTtlSeconds(): Promise<number> {
    return this.#answer(this.defaultTtlSeconds);
  }

  async maxLeaseTtlSeconds(): Promise<number> {
    return this.#answer(this.maxTtlSeconds);
  }

  async isTainted(): Promise<boolean> {
    return this.#answer(this.tainted);
  }

  async isCachingDisabled(): Promise<boolean> {
    return this.#answer(this.cachingDisabled);
  }

  async replicationState(): Promise<number> {
    return this.#answer(this.replication);
  }

  async isMlockEnabled(): Promise<boolean> {
    return this.#answer(this.mlockEnabled);
  }

  async isLocalMount(): Promise<boolean> {
    return this.#answer(this.localMount);
  }

  async wrapResponseData(_data: JsonObject, ttlSeconds: number): Promise<ResponseWrapInfo> {
    return this.#answer({
      ttlSeconds,
      hostToken: 'wrapping-token',
      accessor: 'wrapping-accessor',
      createdAt: new Date('2026-01-01T00:00:00Z'),
      creationPath: 'sys/wrapping/wrap',
    });
  }

  async entityInfo(entityId: string): Promise<Entity | undefined> {
    return this.#answer(this.entities.get(entityId));
  }

  async groupsForEntity(entityId: string): Promise<readonly Group[]> {
    return this.#answer(this.groups.get(entityId) ?? []);
  }

  async pluginEnvironment(): Promise<PluginEnvironment> {
    return this.#answer(this.environment);
  }

  async generatePasswordFromPolicy(policyName: string): Promise<string> {
    const password = this.#answer(this.passwords.get(policyName));
    if (password === undefined) throw new NotSupportedByHostError('no password policy found');
    return password;
  }

  async clusterId(): Promise<string> {
    return this.#answer(this.cluster);
  }

  async generateIdentityToken(
    audience: string,
    ttlSeconds: number,
  ): Promise<{ identityToken: string; ttlSeconds: number }> {
    const mint = this.#answer(this.mintIdentityToken);
    if (mint === undefined) {
      throw new NotSupportedByHostError(
        'failed to generate plugin identity token: plugin workload identity not supported in Vault community edition',
      );
    }
    this.identityTokenRequests.push({ audience, ttlSeconds });
    return { identityToken: mint(audience, ttlSeconds), ttlSeconds };
  }

  async registerRotationJob(job: RotationJob): Promise<string> {
    const jobs = this.#rotationJobs();
    jobs.set(`${job.mountPoint}${job.path}`, job);
    return `rotation-${jobs.size}`;
  }

  async deregisterRotationJob(mountPoint: string, path: string): Promise<void> {
    this.#rotationJobs().delete(`${mountPoint}${path}`);
  }

  #rotationJobs(): Map<string, RotationJob> {
    const jobs = this.#answer(this.rotationJobs);
    if (this.rotationFailure !== undefined) throw this.rotationFailure;
    if (jobs === undefined) {
      throw new NotSupportedByHostError(
        'error registering rotation job: rotation manager capabilities not supported in Vault community edition',
      );
    }
    return jobs;
  }

  #answer<T>(value: T): T {
    if (this.failure !== undefined) throw this.failure;
    return value;
  }
}
