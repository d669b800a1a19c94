/** Application objects. */
import type { JsonObject } from '../json.ts';
import { DirectoryStore } from './directory-store.ts';
import type { PasswordCredential } from './passwords.ts';
import type { ReplicationSource } from './replicated-map.ts';

export const SIGN_IN_AUDIENCES = [
  'AzureADMyOrg',
  'AzureADMultipleOrgs',
  'AzureADandPersonalMicrosoftAccount',
  'PersonalMicrosoftAccount',
] as const;
export type SignInAudience = (typeof SIGN_IN_AUDIENCES)[number];

export interface FederatedCredential {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly description: string | null;
}

/** A certificate that may sign client assertions. */
export interface KeyCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startAt: Date;
  readonly endAt: Date;
  /** The certificate in DER. */
  readonly certificate: Buffer;
}

export interface Application {
  /** Object id. */
  readonly id: string;
  /** Client id. */
  readonly appId: string;
  readonly displayName: string;
  readonly uniqueName: string | null;
  readonly signInAudience: SignInAudience;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly createdAt: Date;
  readonly passwords: readonly PasswordCredential[];
  readonly keys: readonly KeyCredential[];
  readonly federatedCredentials: readonly FederatedCredential[];
  /** Properties that the emulator keeps and shows, but does not look into; for example `web`. */
  readonly otherProperties: JsonObject;
  /** The principal that made it. */
  readonly createdBy: string;
}

export type ApplicationStore = DirectoryStore<Application, 'appId' | 'uniqueName'>;

export function createApplicationStore(source: ReplicationSource): ApplicationStore {
  return new DirectoryStore(source, {
    appId: (application: Application) => application.appId,
    uniqueName: (application) => application.uniqueName,
  });
}

/** Personal accounts in the audience: two passwords at most and a lower write limit. */
export function includesPersonalAccounts(application: Application): boolean {
  return (
    application.signInAudience === 'AzureADandPersonalMicrosoftAccount' ||
    application.signInAudience === 'PersonalMicrosoftAccount'
  );
}
