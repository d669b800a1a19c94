/** A mount: what the bridge drives and an engine implements. Source: Vault plugin protocol, service pb.Backend. */
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import type { Random } from '../util/random.ts';
import type { CallContext, Request, Response } from './request.ts';
import type { Storage } from './storage.ts';
import type { SystemView } from './system-view.ts';

/** Paths that the host treats differently. */
export interface SpecialPaths {
  /** API paths that need `sudo`; exact, or a prefix with one trailing `*`. */
  readonly root: readonly string[];
  readonly unauthenticated: readonly string[];
  /** Storage prefixes that are not replicated, for example `wal/`. */
  readonly localStorage: readonly string[];
  /** Storage keys (exact, or prefixes ending in `/`) that are seal-wrapped, for example `config`. */
  readonly sealWrapStorage: readonly string[];
}

export interface ExistenceCheckResult {
  /** False: the path has no existence check; the host treats the write as an update. */
  readonly isCheckFound: boolean;
  readonly exists: boolean;
}

/** One mount. Methods may be called concurrently and again after a reload; none is called before `Setup` returned. */
export interface Backend {
  readonly specialPaths: SpecialPaths;
  /** After mount, unseal, reload, crash. Storage is writable from here on. */
  initialize(call: InitializeCall): Promise<void>;
  handleRequest(request: Request): Promise<Response | undefined>;
  handleExistenceCheck(request: Request): Promise<ExistenceCheckResult>;
  /** A stored record changed behind our back. Drops caches, does no I/O, never throws. */
  invalidateKey(storageKey: string): void;
  /** Stops timers and background work. May be called twice. */
  cleanup(): Promise<void>;
}

export interface InitializeCall extends CallContext {
  readonly storage: Storage;
  readonly systemView: SystemView;
}

/** What a mount is made from. Making one must not call the host: during Setup it does not answer. */
export interface BackendDependencies {
  /** The mount's storage, not bound to any call; for background work and compensation. Open until `cleanup`. */
  readonly storage: Storage;
  readonly systemView: SystemView;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Mount options and `plugin_name`, `plugin_type`, `plugin_version`. */
  readonly config: ReadonlyMap<string, string>;
  /** Stable id of the mount, for example `9a1c0e6e-…`; '' at registration. */
  readonly backendUuid: string;
}

export type BackendFactory = (dependencies: BackendDependencies) => Backend;
