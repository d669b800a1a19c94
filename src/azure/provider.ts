/**
 * Every outside call that engines make to Azure, in our own types: what engines depend on, and what tests fake.
 * Each method is one attempt (retries belong to the procedures, which know what a repetition would do), except that a
 * rejected access token is renewed once. All throw `AzureError`, or the call's cancellation.
 */
import type { JsonObject } from '../util/json.ts';

/** Limits of one call. */
export interface AzureCall {
  /** Aborts when the request is over: client gone, budget used up, mount closing. */
  readonly signal: AbortSignal;
  /** What is being done, for errors and the log, for example `create application`. */
  readonly step: string;
  /** Which attempt of the step this is, for the log. Default 1. */
  readonly attempt?: number;
}

/** A password of an application, as listings show it. */
export interface PasswordCredential {
  /** For example `5c2f7e2a-…`. Chosen by Graph. */
  readonly keyId: string;
  readonly displayName: string;
  /** First three characters of the secret; '' when Graph tells none. */
  readonly hint: string;
  readonly expiresAt: Date;
}

/** A password at the only moment when its secret can be read. */
export interface NewPassword extends PasswordCredential {
  readonly secretText: string;
}

export interface PasswordSpec {
  readonly displayName: string;
  readonly expiresAt: Date;
  /** `undefined`: at once. */
  readonly startsAt?: Date;
}

export interface Application {
  /** The directory object, `applicationObjectId` elsewhere. */
  readonly id: string;
  /** The OAuth client id. */
  readonly appId: string;
  readonly displayName: string;
  readonly tags: readonly string[];
  readonly passwordCredentials: readonly PasswordCredential[];
}

export interface ApplicationSpec {
  readonly displayName: string;
  /** `AzureADMyOrg`, `AzureADMultipleOrgs`, `AzureADandPersonalMicrosoftAccount` or `PersonalMicrosoftAccount`. */
  readonly signInAudience: string;
  readonly tags: readonly string[];
  readonly notes?: string;
  /** Made in the same request. Tenants may refuse or ignore it. */
  readonly password?: PasswordSpec;
}

export interface Group {
  readonly id: string;
  readonly displayName: string;
}

/** Microsoft Graph: applications, service principals, groups. */
export interface DirectoryProvider {
  /** `password` is `undefined` when none was asked for or the answer carried no secret. */
  createApplication(
    spec: ApplicationSpec,
    call: AzureCall,
  ): Promise<{ readonly application: Application; readonly password: NewPassword | undefined }>;
  getApplication(applicationObjectId: string, call: AzureCall): Promise<Application>;
  /** At most one; an array because Graph answers a filter. */
  findApplicationsByAppId(appId: string, call: AzureCall): Promise<readonly Application[]>;
  /** All pages. */
  findApplicationsByTag(tag: string, call: AzureCall): Promise<readonly Application[]>;
  deleteApplication(applicationObjectId: string, call: AzureCall): Promise<void>;
  addPassword(applicationObjectId: string, spec: PasswordSpec, call: AzureCall): Promise<NewPassword>;
  removePassword(applicationObjectId: string, keyId: string, call: AzureCall): Promise<void>;
  /**
   * Creates the service principal of an application, or finds the one that exists. Idempotent. `displayName`: the
   * application's, when known; Graph's documentation sends it along.
   */
  upsertServicePrincipal(appId: string, call: AzureCall, displayName?: string): Promise<{ readonly id: string }>;
  findServicePrincipalByAppId(appId: string, call: AzureCall): Promise<{ readonly id: string } | undefined>;
  deleteServicePrincipal(servicePrincipalId: string, call: AzureCall): Promise<void>;
  /** True when the recycle bin shows the object: it was deleted, and not long ago. */
  isInRecycleBin(objectId: string, call: AzureCall): Promise<boolean>;
  /** Removes an application or a service principal from the recycle bin for good. */
  purgeDeletedItem(objectId: string, call: AzureCall): Promise<void>;
  /** Applications in the recycle bin that carry the tag. */
  findDeletedApplicationsByTag(tag: string, call: AzureCall): Promise<readonly Application[]>;
  getGroup(groupId: string, call: AzureCall): Promise<Group>;
  findGroupsByName(displayName: string, call: AzureCall): Promise<readonly Group[]>;
  /** A member already counts as added. */
  addGroupMember(groupId: string, memberId: string, call: AzureCall): Promise<void>;
  removeGroupMember(groupId: string, memberId: string, call: AzureCall): Promise<void>;
}

export interface RoleDefinition {
  /** Full ARM id, for example `/subscriptions/…/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-…`. */
  readonly id: string;
  readonly roleName: string;
}

export interface RoleAssignmentSpec {
  /** For example `/subscriptions/…/resourceGroups/web`. */
  readonly scope: string;
  /** GUID chosen by us: the handle by which a lost assignment is found again. */
  readonly assignmentGuid: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
}

/** Azure Resource Manager: role definitions and assignments. */
export interface RoleProvider {
  /** Matched at `scope`, by ARM's own (case-insensitive) comparison. */
  findRoleDefinitionsByName(scope: string, roleName: string, call: AzureCall): Promise<readonly RoleDefinition[]>;
  getRoleDefinition(roleDefinitionId: string, call: AzureCall): Promise<RoleDefinition>;
  /** Returns the full ARM id of the assignment. Repeating the same spec succeeds. */
  createRoleAssignment(spec: RoleAssignmentSpec, call: AzureCall): Promise<string>;
  /** Full ARM id of the assignment of that principal and definition at that very scope, whatever its GUID. */
  findRoleAssignment(spec: RoleAssignmentSpec, call: AzureCall): Promise<string | undefined>;
  /** An assignment that does not exist counts as deleted. */
  deleteRoleAssignment(roleAssignmentId: string, call: AzureCall): Promise<void>;
  /** Full ARM ids of the assignments of a principal at or below `scope`. */
  listRoleAssignments(scope: string, principalId: string, call: AzureCall): Promise<readonly string[]>;
}

/** Entra ID's token endpoint. */
export interface LoginProvider {
  /**
   * Logs in once, with a connection and a credential object of its own, so that nothing cached answers.
   * @throws AzureError (`entra`, `AADSTS…`) when the secret is not accepted.
   */
  verifyLogin(clientId: string, clientSecret: string, call: AzureCall): Promise<void>;
  /**
   * The same with the provider's own credential, of whatever kind.
   * @throws AzureError (`entra` or `managedIdentity`), and what the credential's own source throws.
   */
  verifyOwnLogin(call: AzureCall): Promise<void>;
  /**
   * The id of a tenant, for example `d0ac7e5b-…`, that is named by its id or one of its domains. Lower case. Asked of
   * Entra ID once per name; an id is not asked for.
   */
  resolveTenant(tenant: string, call: AzureCall): Promise<string>;
  /**
   * A token for `scope`, for example `https://graph.microsoft.com/.default`, which is sent as it is. Nothing is kept.
   * @returns Entra ID's answer as it came: `token_type`, `expires_in`, `ext_expires_in`, `access_token` (a secret).
   * @throws AzureError (`entra`, `AADSTS…`).
   */
  requestToken(clientId: string, clientSecret: string, scope: string, call: AzureCall): Promise<JsonObject>;
}

/** All of Azure for one configuration of a mount. */
export interface AzureProvider {
  readonly directory: DirectoryProvider;
  readonly roles: RoleProvider;
  readonly login: LoginProvider;
  /**
   * Logs in with another secret of the same application from now on. Access tokens that are held stay in use, so the
   * new secret need not be known to every front end of Entra ID yet. No effect on credentials of other kinds.
   */
  useSecret(clientSecret: string): void;
}

/** Endpoints of one Azure cloud. */
export interface AzureCloud {
  /** As the API field spells it, for example `AzurePublicCloud`. */
  readonly name: string;
  /** For example `https://login.microsoftonline.com`. */
  readonly authorityHost: string;
  /** For example `https://graph.microsoft.com`. */
  readonly graphEndpoint: string;
  /** For example `https://management.azure.com`. */
  readonly armEndpoint: string;
  /** For example `https://management.azure.com/.default`. */
  readonly armScope: string;
}

/** How the plugin itself logs in. */
export type AzureCredential =
  | { readonly kind: 'clientSecret'; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly kind: 'clientCertificate';
      readonly clientId: string;
      /** PEM: the private key (RSA, not encrypted), its certificate, then others of the chain. A secret. */
      readonly certificatePem: string;
    }
  | {
      readonly kind: 'clientAssertion';
      readonly clientId: string;
      /** A token that somebody else has signed and Entra ID trusts (workload identity). Asked for at each login. */
      readonly getAssertion: (call: AzureCall) => Promise<string>;
    }
  | { readonly kind: 'managedIdentity'; /** '' selects the system-assigned identity. */ readonly clientId: string };

export interface AzureProviderSpec {
  readonly cloud: AzureCloud;
  readonly tenantId: string;
  readonly credential: AzureCredential;
}

/** Makes a provider. Loads nothing of the SDKs before the first call. */
export type CreateAzureProvider = (spec: AzureProviderSpec) => AzureProvider;
