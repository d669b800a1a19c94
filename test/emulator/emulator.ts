/** The emulator without its servers: state, settings, faults, log; and what a reset means. */
import { CallLog, type CallEntry } from './call-log.ts';
import { EmulatorClock, type TimeSource } from './clock.ts';
import type { Emulation } from './emulation.ts';
import { LoginFailures } from './entra/login-failures.ts';
import { TokenAuthority } from './entra/token-authority.ts';
import { TrustedIssuers } from './entra/trusted-issuers.ts';
import { FaultRegistry } from './faults.ts';
import { FreshAnswers } from './graph/fresh-answers.ts';
import { WriteCollisions } from './graph/write-collisions.ts';
import { ManagedIdentities, type ManagedIdentity, type ManagedIdentityOptions } from './managed-identity/identities.ts';
import { createSeededRandom } from './random.ts';
import { createSeededTenant, type SeededTenant } from './seed.ts';
import { dispatch, type DispatcherParts, type IncomingCall, type Outcome } from './server/dispatcher.ts';
import { changeSettings, DEFAULT_SETTINGS, type EmulatorSettings, type SettingsChange } from './settings.ts';
import { takeSnapshot, type TenantSnapshot } from './snapshot.ts';
import { Throttle } from './throttle.ts';

export interface EmulatorParts {
  readonly seed: number;
  readonly timeSource: TimeSource;
  /** What the settings are at the start and after a reset, beside the defaults. */
  readonly settings: SettingsChange;
}

/** Everything that a reset replaces. */
interface Generation {
  readonly seeded: SeededTenant;
  readonly emulation: Omit<Emulation, 'settings'>;
  readonly dispatching: Omit<DispatcherParts, 'emulation' | 'faults' | 'log'>;
}

export class Emulator {
  readonly clock: EmulatorClock;
  readonly faults = new FaultRegistry();
  readonly trustedIssuers = new TrustedIssuers();
  readonly identityHeader: string;
  readonly #parts: EmulatorParts;
  readonly #tokens = new TokenAuthority();
  readonly #log = new CallLog();
  #settings: EmulatorSettings = DEFAULT_SETTINGS;
  #generation: Generation;

  constructor(parts: EmulatorParts) {
    this.#parts = parts;
    this.clock = new EmulatorClock(parts.timeSource);
    this.identityHeader = createSeededRandom(parts.seed + 3_000_003).uuid();
    this.#generation = this.#createGeneration();
    this.changeSettings(parts.settings);
  }

  addManagedIdentity(options?: ManagedIdentityOptions): ManagedIdentity {
    const { seeded, emulation } = this.#generation;
    return emulation.managedIdentities.add(seeded, emulation, options);
  }

  get seeded(): SeededTenant {
    return this.#generation.seeded;
  }

  get settings(): EmulatorSettings {
    return this.#settings;
  }

  changeSettings(change: SettingsChange): EmulatorSettings {
    this.#settings = changeSettings(this.#settings, change);
    return this.#settings;
  }

  dispatch(call: IncomingCall): Promise<Outcome> {
    const { dispatching } = this.#generation;
    return dispatch(
      { ...dispatching, faults: this.faults, log: this.#log, emulation: () => this.#readEmulation() },
      call,
    );
  }

  snapshot(options: { readonly secrets?: boolean } = {}): TenantSnapshot {
    return takeSnapshot(this.seeded.tenant, this.clock.now(), options);
  }

  calls(after = 0): readonly CallEntry[] {
    return this.#log.list(after);
  }

  clearCalls(): void {
    this.#log.clear();
  }

  /** Notes a call that the proxy refused. */
  logRefusal(method: string, target: string): void {
    this.#log.begin({
      time: this.clock.now().toISOString(),
      host: target.replace(/:\d+$/, ''),
      method,
      path: target,
      protocol: 'HTTP/1.1',
      connection: 0,
      requestId: '',
    })({ status: 403 });
  }

  /** Back to the seeded tenant, the first settings and the real time; no faults, an empty log. */
  reset(): void {
    this.clock.reset();
    this.faults.clear();
    this.#log.clear();
    // The seeded objects are old: they are written without a replication lag.
    this.#settings = DEFAULT_SETTINGS;
    this.#generation = this.#createGeneration();
    this.changeSettings(this.#parts.settings);
  }

  #createGeneration(): Generation {
    const { seed } = this.#parts;
    const context = { clock: this.clock, settings: () => this.#settings };
    const seeded = createSeededTenant(seed, context);
    return {
      seeded,
      emulation: {
        tenant: seeded.tenant,
        clock: this.clock,
        // Not the seed itself: it made the identifiers of the seeded tenant.
        random: createSeededRandom(seed + 1_000_003),
        tokens: this.#tokens,
        managedIdentities: new ManagedIdentities(),
        identityHeader: this.identityHeader,
        trustedIssuers: this.trustedIssuers,
        loginFailures: new LoginFailures(),
        writeCollisions: new WriteCollisions(),
        freshAnswers: new FreshAnswers(),
      },
      dispatching: { throttle: new Throttle(), random: createSeededRandom(seed + 2_000_003) },
    };
  }

  #readEmulation(): Emulation {
    return { ...this.#generation.emulation, settings: this.#settings };
  }
}
