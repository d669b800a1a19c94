/** One mount of the engine: its dependencies and what it keeps in memory. Handed to every path and procedure. */
import type { AzureProvider, CreateAzureProvider } from '../../azure/provider.ts';
import { InternalError } from '../../errors.ts';
import type { BackendDependencies, CallContext, Storage } from '../../logical/index.ts';
import { createAbortController } from '../../util/abort.ts';
import { KeyedLock } from '../../util/keyed-lock.ts';
import { BackgroundWork } from './background.ts';
import { type Budget, startBudget } from './budget.ts';
import { createAzureCredential, isSameCredential } from './login-credential.ts';
import { type ConfigRecord, EMPTY_CONFIG } from './model-config.ts';
import { RunningOperations } from './running-operations.ts';
import { type AzureEnvironment, type EffectiveSettings, resolveSettings } from './settings.ts';
import { createStores, type Stores } from './stores.ts';
import type { TokenFiles } from './token-files.ts';
import { YoungApplications } from './young-applications.ts';

/** Azure for the configuration in force. A new one is made whenever the config changes. */
export interface AzureSession {
  readonly config: ConfigRecord;
  readonly settings: EffectiveSettings;
  readonly provider: AzureProvider;
  /** False once the tenant has refused, or lost, a password in the request that creates the application. */
  canCreateWithPassword: boolean;
}

export interface MountOptions {
  readonly environment: AzureEnvironment;
  readonly createProvider: CreateAzureProvider;
  readonly tokenFiles: TokenFiles;
}

export class AzureMount {
  readonly dependencies: BackendDependencies;
  readonly environment: AzureEnvironment;
  readonly tokenFiles: TokenFiles;
  readonly stores: Stores = createStores();
  /** Keys: lock-keys.ts. */
  readonly locks = new KeyedLock();
  readonly runningOperations = new RunningOperations();
  readonly youngApplications: YoungApplications;
  /** Why the minute work on a static role failed last, by the role's name; absent when it did not. */
  readonly staticRoleErrors = new Map<string, string>();
  readonly background: BackgroundWork;
  readonly #createProvider: CreateAzureProvider;
  readonly #closing = createAbortController();
  #leaving = createAbortController();
  #session: AzureSession | undefined;

  constructor(dependencies: BackendDependencies, options: MountOptions) {
    this.dependencies = dependencies;
    this.environment = options.environment;
    this.tokenFiles = options.tokenFiles;
    this.#createProvider = options.createProvider;
    this.youngApplications = new YoungApplications(dependencies.clock);
    this.background = new BackgroundWork(dependencies.logger);
  }

  /** Aborts when the mount closes. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * @throws InternalError when there is no config, or it lacks something required. The texts are the Go plugin's.
   * Source: vault-plugin-secrets-azure v0.23.0, backend.go (getClient).
   */
  async session(storage: Storage): Promise<AzureSession> {
    const config = await this.stores.configs.get(storage, '');
    if (config !== undefined && this.#session?.config === config) return this.#session;
    if (config === undefined) {
      resolveSettings(EMPTY_CONFIG, this.environment); // what is missing is said first, as the Go plugin does
      throw new InternalError('config is nil');
    }
    this.#session = this.#continueSession(config) ?? this.openSession(config);
    return this.#session;
  }

  /** An operator has written or deleted the config: whatever it now says is asked of Azure anew. */
  dropSession(): void {
    this.#session = undefined;
  }

  /**
   * The session in use, for a config that only the engine has changed: a rotated secret must fail no request, neither
   * those under way, which hold the same provider, nor later ones, since not every front end knows it yet.
   */
  #continueSession(config: ConfigRecord): AzureSession | undefined {
    const previous = this.#session;
    if (previous === undefined) return undefined;
    const settings = resolveSettings(config, this.environment);
    const { credential, cloud, tenantId } = settings;
    const before = previous.settings;
    if (cloud.name !== before.cloud.name || tenantId !== before.tenantId) return undefined;
    if (isSameCredential(credential, before.credential)) return { ...previous, config, settings };
    if (credential.method !== 'client_secret' || before.credential.method !== 'client_secret') return undefined;
    const isOurs = config.clientSecretKeyId !== '' && credential.clientId === before.credential.clientId;
    if (!isOurs) return undefined;
    previous.provider.useSecret(credential.clientSecret);
    return { ...previous, config, settings };
  }

  /** A session of its own for a config that may not be stored. @throws InternalError as `session` does. */
  openSession(config: ConfigRecord): AzureSession {
    const settings = resolveSettings(config, this.environment);
    const { cloud, tenantId } = settings;
    const { systemView } = this.dependencies;
    const credential = createAzureCredential(settings.credential, { systemView, tokenFiles: this.tokenFiles });
    const provider = this.#createProvider({ cloud, tenantId, credential });
    return { config, settings, provider, canCreateWithPassword: true };
  }

  /** The budget of one request of this mount. */
  startRequestBudget(call: CallContext, config: ConfigRecord): Budget {
    const { clock } = this.dependencies;
    return startBudget({ clock, timeoutSeconds: config.requestTimeoutSeconds, call, closing: this.closing });
  }

  /** The same for a request that makes something in Azure: it also ends when the mount is about to go. */
  startIssueBudget(call: CallContext, config: ConfigRecord): Budget {
    const { clock } = this.dependencies;
    const { signal: leaving } = this.#leaving;
    return startBudget({ clock, timeoutSeconds: config.requestTimeoutSeconds, call, closing: this.closing, leaving });
  }

  /**
   * Ends the requests that make something in Azure, and waits until they have taken it back or `signal` aborts. Later
   * ones are served: a mount that moves lives on.
   */
  async cancelIssuing(reason: Error, signal: AbortSignal): Promise<void> {
    this.#leaving.abort(reason);
    this.#leaving = createAbortController();
    await this.runningOperations.whenNone(signal);
  }

  /** A budget for work that no request waits for. */
  startBackgroundBudget(timeoutSeconds: number): Budget {
    return startBudget({ clock: this.dependencies.clock, timeoutSeconds, closing: this.closing });
  }

  /** Ends everything that is under way. */
  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    await this.background.settled();
  }
}
