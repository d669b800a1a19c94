/** How an application looks in Graph. */
import { createHash } from 'node:crypto';
import type { Application, FederatedCredential, KeyCredential } from '../state/applications.ts';
import { encodePassword } from '../state/passwords.ts';
import type { ResourceKind } from './properties.ts';

/** Properties that are kept as sent and shown again, with what they are when never sent. */
export const OTHER_APPLICATION_PROPERTIES = {
  description: null,
  identifierUris: [],
  serviceManagementReference: null,
  groupMembershipClaims: null,
  isDeviceOnlyAuthSupported: null,
  isFallbackPublicClient: null,
  samlMetadataUrl: null,
  tokenEncryptionKeyId: null,
  optionalClaims: null,
  addIns: [],
  api: {
    acceptMappedClaims: null,
    knownClientApplications: [],
    requestedAccessTokenVersion: null,
    oauth2PermissionScopes: [],
    preAuthorizedApplications: [],
  },
  appRoles: [],
  info: {
    logoUrl: null,
    marketingUrl: null,
    privacyStatementUrl: null,
    supportUrl: null,
    termsOfServiceUrl: null,
  },
  parentalControlSettings: { countriesBlockedForMinors: [], legalAgeGroupRule: 'Allow' },
  publicClient: { redirectUris: [] },
  requiredResourceAccess: [],
  servicePrincipalLockConfiguration: null,
  spa: { redirectUris: [] },
  web: {
    homePageUrl: null,
    logoutUrl: null,
    redirectUris: [],
    implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
    redirectUriSettings: [],
  },
} as const;

const otherReaders = Object.fromEntries(
  Object.entries(OTHER_APPLICATION_PROPERTIES).map(([name, value]) => [
    name,
    (application: Application): unknown => application.otherProperties[name] ?? value,
  ]),
);

export const APPLICATION_KIND: ResourceKind<Application> = {
  name: 'Application',
  collection: 'applications',
  odataType: '#microsoft.graph.application',
  properties: {
    id: (application) => application.id,
    deletedDateTime: () => null,
    appId: (application) => application.appId,
    applicationTemplateId: () => null,
    disabledByMicrosoftStatus: () => null,
    createdDateTime: (application) => application.createdAt.toISOString(),
    displayName: (application) => application.displayName,
    uniqueName: (application) => application.uniqueName,
    notes: (application) => application.notes,
    publisherDomain: () => 'contoso.onmicrosoft.com',
    signInAudience: (application) => application.signInAudience,
    tags: (application) => application.tags,
    ...otherReaders,
    keyCredentials: (application) => application.keys.map(encodeKey),
    passwordCredentials: (application) => application.passwords.map((password) => encodePassword(password, 'hintOnly')),
  },
  filterable: [
    'id',
    'appId',
    'createdDateTime',
    'displayName',
    'uniqueName',
    'identifierUris',
    'signInAudience',
    'tags',
    'publisherDomain',
    'requiredResourceAccess',
  ],
};

function encodeKey(key: KeyCredential): object {
  return {
    customKeyIdentifier: createHash('sha1').update(key.certificate).digest('hex').toUpperCase(),
    displayName: key.displayName,
    endDateTime: key.endAt.toISOString(),
    key: null,
    keyId: key.keyId,
    startDateTime: key.startAt.toISOString(),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  };
}

export const FEDERATED_CREDENTIAL_KIND: ResourceKind<FederatedCredential> = {
  name: 'FederatedIdentityCredential',
  collection: 'federatedIdentityCredentials',
  odataType: '#microsoft.graph.federatedIdentityCredential',
  properties: {
    id: (credential) => credential.id,
    name: (credential) => credential.name,
    issuer: (credential) => credential.issuer,
    subject: (credential) => credential.subject,
    description: (credential) => credential.description,
    audiences: (credential) => credential.audiences,
  },
  filterable: ['id', 'name', 'issuer', 'subject'],
};
