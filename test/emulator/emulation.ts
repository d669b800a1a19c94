/** What the services work on. */
import type { EmulatorClock } from './clock.ts';
import type { LoginFailures } from './entra/login-failures.ts';
import type { TokenAuthority } from './entra/token-authority.ts';
import type { TrustedIssuers } from './entra/trusted-issuers.ts';
import type { FreshAnswers } from './graph/fresh-answers.ts';
import type { WriteCollisions } from './graph/write-collisions.ts';
import type { ManagedIdentities } from './managed-identity/identities.ts';
import type { SeededRandom } from './random.ts';
import type { EmulatorSettings } from './settings.ts';
import type { Tenant } from './state/tenant.ts';

export interface Emulation {
  readonly tenant: Tenant;
  readonly settings: EmulatorSettings;
  readonly clock: EmulatorClock;
  /** Identifiers and secrets of new objects. */
  readonly random: SeededRandom;
  readonly tokens: TokenAuthority;
  readonly loginFailures: LoginFailures;
  readonly managedIdentities: ManagedIdentities;
  /** What App Service's identity endpoint wants to see in each request. */
  readonly identityHeader: string;
  readonly trustedIssuers: TrustedIssuers;
  readonly writeCollisions: WriteCollisions;
  readonly freshAnswers: FreshAnswers;
}
