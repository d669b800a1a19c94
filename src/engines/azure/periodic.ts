/**
 * What happens once a minute on the node that may write: unfinished operations, left-overs, retired applications, a
 * staged root secret, a rotation of the root secret that is due, credentials whose lease is long over, and static roles.
 * One failing item never stops the others, and waits longer each time; what there is no time for in one minute waits for
 * the next.
 */
import { CancelledError, errorMessage, InternalError, MultiError } from '../../errors.ts';
import { isWriteSafe } from '../../framework/index.ts';
import type { Request } from '../../logical/index.ts';
import { addMs } from '../../util/rfc3339.ts';
import { rejections, settleAll } from '../../util/parallel.ts';
import type { Budget } from './budget.ts';
import { describePart, removePart, rescheduleLeftover } from './leftovers.ts';
import { leftoverLock, MINUTE_LOCK } from './lock-keys.ts';
import type { ConfigRecord } from './model-config.ts';
import type { IssuedRecord } from './model-tracking.ts';
import type { AzureMount } from './mount.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { RetryPlan } from './retry-plan.ts';
import { isRetiredDue, removeRetired, warnOfPersisted } from './steps-persist-retire.ts';
import { StaticRolePlan, warnOfStaticSecrets } from './static-role-plan.ts';
import { isDue, recoverOperation } from './steps-recover.ts';
import { revokeApplication, revokePassword } from './steps-revoke.ts';
import { rotateOnSchedule } from './steps-rotate-on-schedule.ts';
import { promoteStagedRoot } from './steps-rotate-root.ts';
import { requireTenant } from './tenant.ts';

/** One tick's time; the host waits 90 s. */
const TICK_TIMEOUT_SECONDS = 60;
/** With less left nothing more is begun. */
const LAST_START_MS = 10_000;
/** A lease that ended this long ago and still has its record was never handed out, or its end was lost. */
const LEASE_GRACE_MS = 24 * 3600 * 1000;
/** Live credentials are many and their deadlines far: they are looked through this often. */
const ISSUED_SCAN_INTERVAL_MS = 3600 * 1000;
/** Of each kind of work. */
const PARALLEL_ITEMS = 4;
/** A step that fails three times in a row does not take the time of the others. */
const MAX_ATTEMPTS = 3;
/** Longest pause between two attempts to put a staged root secret into force. */
const MAX_PROMOTION_PAUSE_MS = 10 * 60_000;
/** More failures are counted, not told. */
const MAX_TOLD_FAILURES = 10;

/** One minute's run. */
interface Tick {
  readonly budget: Budget;
  /** The mount is going away: ages do not count. */
  readonly isTainted: boolean;
  /** What failed, each naming its item. */
  readonly failures: Error[];
}

export class PeriodicWork {
  readonly #mount: AzureMount;
  readonly #operationPlan = new RetryPlan();
  readonly #retiredPlan = new RetryPlan();
  readonly #staticPlan: StaticRolePlan;
  readonly #promotionPlan = new RetryPlan(MAX_PROMOTION_PAUSE_MS);
  /** What the present look through the live credentials has still to look at. */
  #issuedToLookAt: string[] = [];
  #nextIssuedScanAt: Date | undefined;
  #hasWarnedOfPersisted = false;

  constructor(mount: AzureMount) {
    this.#mount = mount;
    this.#staticPlan = new StaticRolePlan(mount);
  }

  /** Two runs never overlap. @throws MultiError that names each failed item. */
  async run(request: Request): Promise<void> {
    await this.#mount.locks.run(MINUTE_LOCK, () => this.#runAlone(request), request.signal);
  }

  async #runAlone(request: Request): Promise<void> {
    const mount = this.#mount;
    if (!(await isWriteSafe(request.systemView))) return;
    const config = await mount.stores.configs.get(request.storage, '');
    if (config === undefined) return;
    using budget = mount.startRequestBudget(request, { ...config, requestTimeoutSeconds: TICK_TIMEOUT_SECONDS });
    const tick: Tick = { budget, isTainted: await request.systemView.isTainted(), failures: [] };
    if (tick.isTainted) {
      await mount.cancelIssuing(new CancelledError('the mount is going away'), budget.signal);
      await this.#collect(tick, 'persisted applications', () => this.#warnOfPersisted());
    }
    // First alone: it may change what all others log in with.
    await this.#collect(tick, 'root secret', () => this.#promoteRoot(tick, config));
    await Promise.all([
      this.#collect(tick, 'unfinished operations', () => this.#recoverOperations(tick)),
      this.#collect(tick, 'left-overs', () => this.#removeLeftovers(tick)),
      this.#collect(tick, 'expired credentials', () => this.#removeExpired(tick)),
      this.#collect(tick, 'scheduled root rotation', () => this.#rotateRoot(tick, request)),
      this.#collect(tick, 'retired applications', () => this.#removeRetired(tick)),
      this.#collect(tick, 'static roles', () => this.#advanceStaticRoles(tick)),
    ]);
    const { failures } = tick;
    if (failures.length === 0) return;
    const untold = failures.length - MAX_TOLD_FAILURES;
    throw new MultiError([
      ...failures.slice(0, MAX_TOLD_FAILURES),
      ...(untold > 0 ? [new InternalError(`and ${untold} more`)] : []),
    ]);
  }

  /** Opened only when there is something to do: a config that lacks something is no failure every minute. */
  async #context(tick: Tick): Promise<ProcedureContext> {
    const mount = this.#mount;
    const session = await mount.session(mount.dependencies.storage);
    return { mount, session, budget: tick.budget, maxAttempts: MAX_ATTEMPTS };
  }

  async #promoteRoot(tick: Tick, { staged }: ConfigRecord): Promise<void> {
    const { clock } = this.#mount.dependencies;
    if (staged === undefined || !this.#promotionPlan.isDue(staged.keyId, clock.now())) return;
    try {
      if (await promoteStagedRoot(await this.#context(tick))) this.#promotionPlan.noteSuccess(staged.keyId);
      else this.#promotionPlan.noteFailure(staged.keyId, clock.now());
    } catch (error) {
      this.#promotionPlan.noteFailure(staged.keyId, clock.now());
      throw error;
    }
  }

  async #rotateRoot({ budget, isTainted }: Tick, request: Request): Promise<void> {
    if (!isTainted) await rotateOnSchedule({ mount: this.#mount, budget, maxAttempts: MAX_ATTEMPTS }, request);
  }

  async #recoverOperations(tick: Tick): Promise<void> {
    const { stores, dependencies, runningOperations } = this.#mount;
    const { storage, clock } = dependencies;
    const plan = this.#operationPlan;
    const ids = await stores.operations.list(storage);
    plan.keepOnly(ids);
    const due = ids.filter((id) => !runningOperations.has(id) && (tick.isTainted || plan.isDue(id, clock.now())));
    await this.#each(tick, 'operation', due, async (id) => {
      try {
        const operation = await stores.operations.get(storage, id);
        if (operation === undefined || runningOperations.has(id)) return;
        if (!tick.isTainted && !isDue(operation, clock.now())) return;
        await recoverOperation(await this.#context(tick), id, operation);
        plan.noteSuccess(id);
      } catch (error) {
        plan.noteFailure(id, clock.now());
        throw error;
      }
    });
  }

  async #removeRetired(tick: Tick): Promise<void> {
    const { stores, dependencies } = this.#mount;
    const { storage, clock } = dependencies;
    const plan = this.#retiredPlan;
    const ids = await stores.retired.list(storage);
    plan.keepOnly(ids);
    const due = ids.filter((id) => tick.isTainted || plan.isDue(id, clock.now()));
    await this.#each(tick, 'retired application', due, async (applicationObjectId) => {
      const retired = await stores.retired.get(storage, applicationObjectId);
      if (retired === undefined) return;
      const item = { applicationObjectId, retired, isTainted: tick.isTainted };
      if (!isRetiredDue(item, clock.now())) return;
      plan.noteFailure(applicationObjectId, clock.now()); // until it is worked off it is looked at ever more seldom
      if (await removeRetired(await this.#context(tick), item)) plan.noteSuccess(applicationObjectId);
    });
  }

  /** Once: a mount that moves looks the same, so nothing is done about them. */
  async #warnOfPersisted(): Promise<void> {
    if (this.#hasWarnedOfPersisted) return;
    this.#hasWarnedOfPersisted = true;
    await warnOfPersisted(this.#mount);
  }

  /** Those of a mount that goes away stay as they are: a mount that moves looks the same. */
  async #advanceStaticRoles(tick: Tick): Promise<void> {
    const names = await this.#mount.stores.staticRoles.list(this.#mount.dependencies.storage);
    this.#staticPlan.keepOnly(names);
    const work = tick.isTainted
      ? (roleName: string) => warnOfStaticSecrets(this.#mount, roleName)
      : (roleName: string) => this.#staticPlan.advance(roleName, () => this.#context(tick));
    await this.#each(tick, 'static role', names, work);
  }

  async #removeLeftovers(tick: Tick): Promise<void> {
    const { stores, dependencies, locks } = this.#mount;
    await this.#each(tick, 'left-over', await stores.leftovers.list(dependencies.storage), (id) =>
      locks.run(leftoverLock(id), () => this.#removeLeftover(tick, id), tick.budget.signal),
    );
  }

  async #removeLeftover(tick: Tick, id: string): Promise<void> {
    const { stores, dependencies } = this.#mount;
    const { storage, clock, logger } = dependencies;
    const record = await stores.leftovers.get(storage, id);
    if (record === undefined) return;
    if (!tick.isTainted && clock.now().getTime() < record.nextAttemptAt.getTime()) return;
    const context = await this.#context(tick);
    await requireTenant(context, record.tenantId);
    const settled = await settleAll(record.parts, PARALLEL_ITEMS, (part) =>
      removePart(stepContext(context), context.session, part, record.createdAt),
    );
    const remaining = settled.filter(({ result }) => result.status === 'rejected').map(({ item }) => item);
    if (remaining.length === 0) {
      await stores.leftovers.delete(storage, id);
      logger.info('what was left of a credential is removed', {
        role: record.roleName,
        parts: record.parts.map(describePart),
      });
      return;
    }
    const reason = errorMessage(rejections(settled)[0]);
    await stores.leftovers.put(storage, id, rescheduleLeftover(record, remaining, reason, clock.now()));
    logger.warn('something of a credential cannot be removed yet', {
      role: record.roleName,
      parts: remaining.map(describePart),
      reason,
    });
  }

  async #removeExpired(tick: Tick): Promise<void> {
    const { stores, dependencies } = this.#mount;
    const { storage, clock } = dependencies;
    const now = clock.now();
    if (this.#nextIssuedScanAt === undefined || now.getTime() >= this.#nextIssuedScanAt.getTime()) {
      this.#nextIssuedScanAt = addMs(now, ISSUED_SCAN_INTERVAL_MS);
      this.#issuedToLookAt = await this.#listIssued();
    }
    this.#issuedToLookAt = await this.#each(tick, 'credential', this.#issuedToLookAt, async (id) => {
      const issued = await stores.issued.get(storage, id);
      if (issued === undefined || now.getTime() < addMs(issued.leaseDeadline, LEASE_GRACE_MS).getTime()) return;
      await this.#removeCredential(await this.#context(tick), id, issued);
    });
  }

  async #listIssued(): Promise<string[]> {
    const { stores, dependencies } = this.#mount;
    const { storage } = dependencies;
    const ids: string[] = [];
    for (const folder of await stores.issued.list(storage)) {
      for (const id of await stores.issued.list(storage, folder)) ids.push(folder + id);
    }
    return ids;
  }

  async #removeCredential(context: ProcedureContext, id: string, issued: IssuedRecord): Promise<void> {
    const { stores, dependencies } = this.#mount;
    dependencies.logger.info('removing a credential whose lease is over', {
      role: issued.roleName,
      application_object_id: issued.applicationObjectId,
    });
    await requireTenant(context, issued.tenantId);
    if (issued.kind === 'password') {
      await revokePassword(context, { ...issued });
    } else {
      await revokeApplication(context, issued);
    }
    await stores.issued.delete(dependencies.storage, id);
  }

  /** Works off `ids` until the tick's time is up. @returns those that it did not come to. */
  async #each(
    tick: Tick,
    noun: string,
    ids: readonly string[],
    work: (id: string) => Promise<void>,
  ): Promise<string[]> {
    const untouched: string[] = [];
    await settleAll(ids, PARALLEL_ITEMS, async (id) => {
      if (tick.budget.remainingMs() < LAST_START_MS || tick.budget.signal.aborted) untouched.push(id);
      else await this.#collect(tick, `${noun} ${id}`, () => work(id));
    });
    return untouched;
  }

  async #collect(tick: Tick, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      tick.failures.push(new InternalError(`${what}: ${errorMessage(error)}`, { cause: error }));
    }
  }
}
