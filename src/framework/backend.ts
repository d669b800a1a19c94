/** A mount made from tables: the request algorithm of the host's own framework. Source: Vault SDK framework/backend.go. */
import { InternalError, UnsupportedOperationError, UnsupportedPathError, errorMessage } from '../errors.ts';
import type {
  Backend,
  BackendDependencies,
  ExistenceCheckResult,
  InitializeCall,
  Request,
  Response,
  SpecialPaths,
} from '../logical/index.ts';
import { collectFields, type CollectedFields } from './field-data.ts';
import { describePath, describeRoot } from './help.ts';
import type { Path } from './path.ts';
import { createReadOnlyError, shouldForward } from './replication.ts';
import { withWarnings } from './responses.ts';
import { runRollback, type WalRollback } from './rollback.ts';
import { createRouter, type RouteMatch } from './router.ts';
import { createSecretDispatcher, type SecretType } from './secret.ts';

/** What an engine is. Every function may be called again after it ended, and while another call runs. */
export interface BackendSpec {
  /** What the engine is for; the head of its help. */
  readonly help: string;
  /** The first whose pattern matches serves a request. */
  readonly paths: readonly Path[];
  readonly secretTypes?: readonly SecretType[];
  readonly specialPaths?: Partial<SpecialPaths>;
  readonly initialize?: (call: InitializeCall) => Promise<void>;
  /** A stored record changed elsewhere. */
  readonly invalidate?: (storageKey: string) => void;
  /** Called once. */
  readonly cleanup?: () => Promise<void> | void;
  /** Every minute on the node that may write. */
  readonly periodic?: (request: Request) => Promise<void>;
  readonly walRollback?: WalRollback;
  /** The host's rotation manager asks for the rotation of what `request.path` names. */
  readonly rotate?: (request: Request) => Promise<void>;
}

export type FrameworkDependencies = Pick<BackendDependencies, 'logger' | 'clock'>;

/**
 * Makes the mount. Calls nothing outside.
 * @throws InvariantError on a mistake in the tables.
 */
export function createFrameworkBackend(spec: BackendSpec, dependencies: FrameworkDependencies): Backend {
  return new FrameworkBackend(spec, dependencies);
}

class FrameworkBackend implements Backend {
  readonly specialPaths: SpecialPaths;
  readonly #spec: BackendSpec;
  readonly #dependencies: FrameworkDependencies;
  readonly #route: (requestPath: string) => RouteMatch | undefined;
  readonly #dispatchSecret: (request: Request) => Promise<Response | undefined>;
  #cleanedUp: Promise<void> | undefined;

  constructor(spec: BackendSpec, dependencies: FrameworkDependencies) {
    this.#spec = spec;
    this.#dependencies = dependencies;
    this.#route = createRouter(spec.paths);
    this.#dispatchSecret = createSecretDispatcher(spec.secretTypes ?? []);
    this.specialPaths = { root: [], unauthenticated: [], localStorage: [], sealWrapStorage: [], ...spec.specialPaths };
  }

  async initialize(call: InitializeCall): Promise<void> {
    await this.#spec.initialize?.(call);
  }

  async handleRequest(request: Request): Promise<Response | undefined> {
    switch (request.operation) {
      case 'renew':
      case 'revoke':
        return this.#dispatchSecret(request);
      case 'rollback':
        return runRollback(
          request,
          { periodic: this.#spec.periodic, walRollback: this.#spec.walRollback },
          this.#dependencies,
        );
      case 'rotate':
        return this.#rotate(request);
      case 'help':
        if (request.path === '') return describeRoot(request, this.#spec, this.#dependencies.logger);
        return this.#runOperation(request);
      default:
        return this.#runOperation(request);
    }
  }

  async handleExistenceCheck(request: Request): Promise<ExistenceCheckResult> {
    if (request.operation !== 'create' && request.operation !== 'update') {
      throw new InternalError(`incorrect operation type ${request.operation} for an existence check`);
    }
    const match = this.#route(request.path);
    if (match === undefined) throw new UnsupportedPathError();
    const { checkExistence, fields } = match.path;
    if (checkExistence === undefined) return { isCheckFound: false, exists: false };
    const { raw } = collectFields(fields, request.data, match.captures);
    return { isCheckFound: true, exists: await checkExistence(request, raw) };
  }

  invalidateKey(storageKey: string): void {
    try {
      this.#spec.invalidate?.(storageKey);
    } catch (error) {
      this.#dependencies.logger.error('invalidation failed', { storage_key: storageKey, error: errorMessage(error) });
    }
  }

  async cleanup(): Promise<void> {
    this.#cleanedUp ??= (async () => this.#spec.cleanup?.())();
    await this.#cleanedUp;
  }

  async #runOperation(request: Request): Promise<Response | undefined> {
    const match = this.#route(request.path);
    if (match === undefined) throw new UnsupportedPathError();
    const { path } = match;
    const collected = collectFields(path.fields, request.data, match.captures);
    const operation = path.operations.get(request.operation);
    if (operation === undefined) {
      if (request.operation !== 'help') throw new UnsupportedOperationError();
      const help = await describePath(request, path, this.#spec, this.#dependencies.logger);
      return withWarnings(help, fieldWarnings(path, collected));
    }
    if (await shouldForward(operation, request.systemView)) throw createReadOnlyError();
    const response = await operation.run(request, collected.raw);
    const warnings = fieldWarnings(path, collected);
    if (response !== undefined) return withWarnings(response, warnings);
    // Differs: Go stays silent (204) when a write's handler has nothing to say, and so hides misspelt fields.
    return isWrite(request.operation) && hasIgnored(path, collected) ? { warnings } : undefined;
  }

  async #rotate(request: Request): Promise<Response> {
    const { rotate } = this.#spec;
    if (rotate === undefined) throw new UnsupportedOperationError();
    await rotate(request);
    return {};
  }
}

function isWrite(operation: string): boolean {
  return operation === 'create' || operation === 'update' || operation === 'patch';
}

function hasIgnored(path: Path, { ignored }: CollectedFields): boolean {
  return !path.takesArbitraryInput && ignored.length > 0;
}

/** Go's texts, to the letter. */
function fieldWarnings(path: Path, collected: CollectedFields): string[] {
  const { ignored, replaced } = collected;
  const warnings: string[] = [];
  if (hasIgnored(path, collected)) {
    warnings.push(`Endpoint ignored these unrecognized parameters: [${ignored.join(' ')}]`);
  }
  if (replaced.length > 0) {
    warnings.push(
      `Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [${replaced.join(' ')}]`,
    );
  }
  return warnings;
}
