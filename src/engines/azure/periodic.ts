/**
 * What happens once a minute on the node that may write: unfinished operations, left-overs, a staged root secret, and
 * credentials whose lease is long over. One failing item never stops the others.
 */
import { errorMessage, InternalError, MultiError } from '../../errors.ts';
import { isWriteSafe } from '../../framework/index.ts';
import type { Request } from '../../logical/index.ts';
import { addMs } from '../../util/rfc3339.ts';
import { rejections, settleAll } from '../../util/parallel.ts';
import { removePart, rescheduleLeftover } from './leftovers.ts';
import type { IssuedRecord } from './model-tracking.ts';
import type { AzureMount } from './mount.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { isDue, recoverOperation } from './steps-recover.ts';
import { revokeApplication, revokePassword } from './steps-revoke.ts';
import { promoteStagedRoot } from './steps-rotate-root.ts';

/** One tick's time; the host waits 90 s. */
const TICK_TIMEOUT_SECONDS = 60;
/** A lease that ended this long ago and still has its record was never handed out, or its end was lost. */
const LEASE_GRACE_MS = 24 * 3600 * 1000;
/** Live credentials are many and their deadlines far: they are looked through this often. */
const ISSUED_SCAN_INTERVAL_MS = 3600 * 1000;
const PARALLEL_ITEMS = 4;

export class PeriodicWork {
  readonly #mount: AzureMount;
  #nextIssuedScanAt: Date | undefined;

  constructor(mount: AzureMount) {
    this.#mount = mount;
  }

  /** @throws MultiError that names each failed item. */
  async run(request: Request): Promise<void> {
    const mount = this.#mount;
    if (!(await isWriteSafe(request.systemView))) return;
    if ((await mount.stores.configs.get(request.storage, '')) === undefined) return;
    const isTainted = await request.systemView.isTainted();
    const session = await mount.session(request.storage);
    using budget = mount.startRequestBudget(request, {
      ...session.config,
      requestTimeoutSeconds: TICK_TIMEOUT_SECONDS,
    });
    const context: ProcedureContext = { mount, session, budget };
    const errors: Error[] = [];
    const collect = async (what: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        errors.push(new InternalError(`${what}: ${errorMessage(error)}`, { cause: error }));
      }
    };
    await collect('root secret', () => promoteStagedRoot(context));
    // The root secret, and with it the session, may be another one now.
    const current: ProcedureContext = { ...context, session: await mount.session(request.storage) };
    await collect('unfinished operations', () => this.#recoverOperations(current, isTainted));
    await collect('left-overs', () => this.#removeLeftovers(current, isTainted));
    await collect('expired credentials', () => this.#removeExpired(current));
    if (errors.length > 0) throw new MultiError(errors);
  }

  async #recoverOperations(context: ProcedureContext, isTainted: boolean): Promise<void> {
    const { stores, dependencies, runningOperations } = this.#mount;
    const { storage, clock } = dependencies;
    const ids = (await stores.operations.list(storage)).filter((id) => !runningOperations.has(id));
    await this.#each('operation', ids, async (id) => {
      const operation = await stores.operations.get(storage, id);
      if (operation === undefined || runningOperations.has(id)) return;
      if (isTainted || isDue(operation, clock.now())) await recoverOperation(context, id, operation);
    });
  }

  async #removeLeftovers(context: ProcedureContext, isTainted: boolean): Promise<void> {
    const { stores, dependencies } = this.#mount;
    const { storage, clock, logger } = dependencies;
    await this.#each('left-over', await stores.leftovers.list(storage), async (id) => {
      const record = await stores.leftovers.get(storage, id);
      if (record === undefined) return;
      if (!isTainted && clock.now().getTime() < record.nextAttemptAt.getTime()) return;
      const steps = stepContext(context);
      const settled = await settleAll(record.parts, PARALLEL_ITEMS, (part) =>
        removePart(steps, context.session, part, record.createdAt),
      );
      const remaining = settled.filter(({ result }) => result.status === 'rejected').map(({ item }) => item);
      if (remaining.length === 0) {
        await stores.leftovers.delete(storage, id);
        return;
      }
      const reason = errorMessage(rejections(settled)[0]);
      await stores.leftovers.put(storage, id, rescheduleLeftover(record, remaining, reason, clock.now()));
      logger.warn('left-overs of a revoked credential cannot be removed yet', {
        leftover: id,
        role: record.roleName,
        parts: remaining.map((part) => part.type),
        reason,
      });
    });
  }

  async #removeExpired(context: ProcedureContext): Promise<void> {
    const { stores, dependencies } = this.#mount;
    const { storage, clock } = dependencies;
    const now = clock.now();
    if (this.#nextIssuedScanAt !== undefined && now.getTime() < this.#nextIssuedScanAt.getTime()) return;
    for (const folder of await stores.issued.list(storage)) {
      const ids = (await stores.issued.list(storage, folder)).map((id) => folder + id);
      await this.#each('credential', ids, async (id) => {
        context.budget.signal.throwIfAborted();
        const issued = await stores.issued.get(storage, id);
        if (issued === undefined || now.getTime() < addMs(issued.leaseDeadline, LEASE_GRACE_MS).getTime()) return;
        await this.#removeCredential(context, id, issued);
      });
    }
    this.#nextIssuedScanAt = addMs(now, ISSUED_SCAN_INTERVAL_MS);
  }

  async #removeCredential(context: ProcedureContext, id: string, issued: IssuedRecord): Promise<void> {
    const { stores, dependencies } = this.#mount;
    dependencies.logger.info('removing a credential whose lease is over', {
      role: issued.roleName,
      application_object_id: issued.applicationObjectId,
    });
    if (issued.kind === 'password') {
      await revokePassword(context, { ...issued });
    } else {
      await revokeApplication(context, issued, id.replaceAll('/', '-'));
    }
    await stores.issued.delete(dependencies.storage, id);
  }

  /** Works every item; @throws MultiError that names those that failed. */
  async #each(noun: string, ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
    const settled = await settleAll(ids, PARALLEL_ITEMS, work);
    const errors = settled.flatMap(({ item, result }) =>
      result.status === 'rejected' ? [new InternalError(`${noun} ${item}: ${errorMessage(result.reason)}`)] : [],
    );
    if (errors.length > 0) throw new MultiError(errors);
  }
}
