import test from 'ava';
import {
  decodeConfig,
  DEFAULT_REQUEST_TIMEOUT_SECONDS,
  EMPTY_CONFIG,
  encodeConfig,
} from '../../../../src/engines/azure/model-config.ts';
import { decodeRotation, encodeRotation, newRotation } from '../../../../src/engines/azure/model-rotation.ts';
import { decodeRole, EMPTY_ROLE, encodeRole, leaseMaxTtlSeconds } from '../../../../src/engines/azure/model-role.ts';
import {
  decodeIssued,
  decodeLeftover,
  decodeOperation,
  decodeRetired,
  encodeIssued,
  encodeLeftover,
  encodeOperation,
  encodeRetired,
  type IssuedRecord,
  type LeftoverRecord,
  type OperationRecord,
  type RetiredRecord,
} from '../../../../src/engines/azure/model-tracking.ts';
import { InternalError } from '../../../../src/errors.ts';

const bytes = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
const parsed = (value: Uint8Array): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>;

/** As the Go plugin v0.23.0 writes it. */
const GO_CONFIG = {
  identity_token_audience: '',
  identity_token_ttl: 3600000000000,
  rotation_schedule: '',
  rotation_window: 0,
  rotation_period: 0,
  rotation_policy: '',
  disable_automated_rotation: false,
  subscription_id: 'sub',
  tenant_id: 'tenant',
  client_id: 'app',
  client_secret: 'secret',
  client_secret_key_id: 'key-1',
  new_client_secret: 'next',
  new_client_secret_created: '2026-01-02T03:04:05.123456789Z',
  new_client_secret_expiration_date: '2026-07-02T03:04:05Z',
  new_client_secret_key_id: 'key-2',
  environment: 'AzurePublicCloud',
  root_password_ttl: 15768000000000000,
  root_password_expiration_date: '0001-01-01T00:00:00Z',
};

test('config: a record of the Go plugin is read in our units', (t) => {
  const config = decodeConfig(bytes(GO_CONFIG));
  t.is(config.rootPasswordTtlSeconds, 15768000);
  t.is(config.identityTokenTtlSeconds, 3600);
  t.is(config.rootPasswordExpiresAt, undefined);
  t.is(config.clientSecretKeyId, 'key-1');
  t.is(config.staged?.keyId, 'key-2');
  t.is(config.staged?.createdAt?.toISOString(), '2026-01-02T03:04:05.123Z');
  t.is(config.requestTimeoutSeconds, DEFAULT_REQUEST_TIMEOUT_SECONDS);
});

test('config: rewritten, the record keeps the keys, units and unknown fields of the Go plugin', (t) => {
  const written = parsed(encodeConfig(decodeConfig(bytes(GO_CONFIG))));
  t.deepEqual(written, {
    ...GO_CONFIG,
    new_client_secret_created: '2026-01-02T03:04:05.123Z',
    new_client_secret_expiration_date: '2026-07-02T03:04:05Z',
  });
});

test('config: nothing set is written with the Go plugin’s zero values, ours left out', (t) => {
  const written = parsed(encodeConfig(EMPTY_CONFIG));
  t.is(written['new_client_secret_created'], '0001-01-01T00:00:00Z');
  t.is(written['root_password_ttl'], 0);
  t.false('request_timeout' in written);
  t.is(parsed(encodeConfig({ ...EMPTY_CONFIG, requestTimeoutSeconds: 20 }))['request_timeout'], 20e9);
});

test('config: when the secret was made is kept for scheduled rotations, and left out when nobody knows', (t) => {
  t.false('root_password_created' in parsed(encodeConfig(EMPTY_CONFIG)));
  const rootPasswordCreatedAt = new Date('2026-11-22T16:00:00Z');
  const written = encodeConfig({ ...EMPTY_CONFIG, rootPasswordCreatedAt });
  t.is(parsed(written)['root_password_created'], '2026-11-22T16:00:00Z');
  t.deepEqual(decodeConfig(written).rootPasswordCreatedAt, rootPasswordCreatedAt);
});

test('config: certificate and token file are kept under keys of ours, and left out when they are not set', (t) => {
  const config = { ...EMPTY_CONFIG, clientCertificate: 'pem', federatedTokenFile: '/tokens/t' };
  const json = JSON.parse(new TextDecoder().decode(encodeConfig(config))) as Record<string, unknown>;
  t.like(json, { client_certificate: 'pem', federated_token_file: '/tokens/t' });
  t.like(decodeConfig(encodeConfig(config)), { clientCertificate: 'pem', federatedTokenFile: '/tokens/t' });
  const empty = JSON.parse(new TextDecoder().decode(encodeConfig(EMPTY_CONFIG))) as Record<string, unknown>;
  t.false('client_certificate' in empty || 'federated_token_file' in empty);
});

test('config: bytes that are no JSON object are an error that quotes none of them', (t) => {
  const error = t.throws(() => decodeConfig(new TextEncoder().encode('client_secret=hunter2')), {
    instanceOf: InternalError,
  });
  t.false(error.message.includes('hunter2'));
  t.is(error.message, 'stored record config cannot be read: it is not a JSON object');
});

const GO_ROLE = {
  credential_type: 0,
  azure_roles: [
    {
      role_name: 'Reader',
      role_id: '/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/r',
      scope: '/subscriptions/s',
    },
  ],
  azure_groups: null,
  application_id: '',
  application_object_id: '',
  sign_in_audience: 'AzureADMyOrg',
  tags: null,
  ttl: 3600000000000,
  max_ttl: 86400000000000,
  explicit_max_ttl: 0,
  permanently_delete: false,
  persist_app: true,
  role_assignment_ids: ['/a'],
  group_membership_ids: null,
  sp_object_id: 'sp',
  managed_application_object_id: 'managed',
};

test('role: a record of the Go plugin survives a rewrite unchanged', (t) => {
  const role = decodeRole('roles/x', bytes(GO_ROLE));
  t.is(role.ttlSeconds, 3600);
  t.is(role.azureGroups, null);
  t.is(role.managedApplicationObjectId, 'managed');
  t.deepEqual(parsed(encodeRole(role)), GO_ROLE);
});

const maxTtl = test.macro<[max: number, explicitMax: number, expected: number]>({
  exec: (t, maxTtlSeconds, explicitMaxTtlSeconds, expected) => {
    t.is(leaseMaxTtlSeconds({ ...EMPTY_ROLE, maxTtlSeconds, explicitMaxTtlSeconds }), expected);
  },
  title: (_, max, explicitMax, expected) =>
    `role: max_ttl ${max} and explicit_max_ttl ${explicitMax} limit a lease to ${expected}`,
});
test(maxTtl, 0, 0, 0);
test(maxTtl, 60, 0, 60);
test(maxTtl, 0, 30, 30);
test(maxTtl, 60, 30, 30);
test(maxTtl, 30, 60, 30);

const AT = new Date('2026-01-02T03:04:05.678Z');

test('tracking records: written and read back they are the same', (t) => {
  const operation: OperationRecord = {
    kind: 'root_password',
    roleName: 'r',
    tenantId: 't',
    createdAt: AT,
    deadline: AT,
    applicationObjectId: 'a',
    servicePrincipalId: 's',
    roleAssignmentIds: ['/x'],
    groupIds: ['g'],
    permanentlyDelete: true,
    keptId: 'k',
    retiredKeyIds: ['k0'],
    emptyLookups: 2,
    firstEmptyLookupAt: AT,
  };
  t.deepEqual(decodeOperation('operations/1', encodeOperation(operation)), operation);
  const issued: IssuedRecord = {
    kind: 'password',
    roleName: 'r',
    applicationObjectId: 'a',
    servicePrincipalId: '',
    roleAssignmentIds: [],
    groupIds: ['g'],
    keyId: 'k',
    permanentlyDelete: false,
    tenantId: 't',
    createdAt: AT,
    keyExpiresAt: AT,
    leaseDeadline: AT,
  };
  t.deepEqual(decodeIssued('issued/r/1', encodeIssued(issued)), issued);
  const leftover: LeftoverRecord = {
    roleName: 'r',
    parts: [
      { type: 'role_assignment', roleAssignmentId: '/x' },
      { type: 'group_member', groupId: 'g', memberId: 'm' },
      { type: 'service_principal', servicePrincipalId: 's' },
      { type: 'purge', objectId: 'o' },
    ],
    tenantId: 't',
    createdAt: AT,
    attempts: 3,
    nextAttemptAt: AT,
    lastError: 'locked',
  };
  t.deepEqual(decodeLeftover('leftover/1', encodeLeftover(leftover)), leftover);
  const retired: RetiredRecord = {
    roleName: 'r',
    servicePrincipalId: 's',
    roleAssignmentIds: ['/x'],
    groupIds: ['g'],
    permanentlyDelete: true,
    tenantId: 't',
    createdAt: AT,
  };
  t.deepEqual(decodeRetired('retired/1', encodeRetired(retired)), retired);
});

test('tracking records: a damaged deadline counts as long passed, so the record is worked off', (t) => {
  t.true(decodeOperation('operations/1', bytes({ kind: 'application' })).deadline.getTime() < AT.getTime());
});

const unknownKind = test.macro<[read: () => unknown, message: string]>((t, read, message) => {
  t.throws(read, { instanceOf: InternalError, message });
});
test(
  'tracking records: an operation of a kind that this version does not know is left alone',
  unknownKind,
  () => decodeOperation('operations/1', bytes({ kind: 'token_secret' })),
  'stored record operations/1 is of a kind that this version does not know: "token_secret"',
);
test(
  'tracking records: a credential of an unknown kind is not taken for an application of its own',
  unknownKind,
  () => decodeIssued('issued/r/1', bytes({ application_object_id: 'somebody’s' })),
  'stored record issued/r/1 is of a kind that this version does not know: ""',
);
test(
  'tracking records: a left-over part of an unknown kind is not forgotten',
  unknownKind,
  () => decodeLeftover('leftover/1', bytes({ parts: [{ type: 'app_role', id: 'x' }] })),
  'stored record leftover/1 is of a kind that this version does not know: "app_role"',
);

const ROTATION_KEY = 'rotation/root';

test('rotation: a record is read back as it was written', (t) => {
  const record = {
    ...newRotation('host', new Date('2026-11-23T04:00:00Z')),
    failures: 2,
    lastFailureAt: new Date('2026-12-23T04:01:00Z'),
    nextAttemptAt: new Date('2026-12-23T04:03:00Z'),
    lastError: 'add the new root password: 403',
  };
  t.deepEqual(decodeRotation(ROTATION_KEY, encodeRotation(record)), record);
  const fresh = newRotation('plugin', new Date('2026-11-23T04:00:00Z'));
  t.deepEqual(decodeRotation(ROTATION_KEY, encodeRotation(fresh)), fresh);
});

test('rotation: a record without its fields is one of the plugin, due at once', (t) => {
  t.deepEqual(decodeRotation(ROTATION_KEY, bytes({ failures: null })), newRotation('plugin', new Date(0)));
  t.throws(() => decodeRotation(ROTATION_KEY, bytes('text')), {
    message: /^stored record rotation\/root cannot be read/,
  });
});
