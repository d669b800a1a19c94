import test from 'ava';
import * as policy from '../../../src/azure/retry-policy.ts';
import { TransportError, type TransportFailure } from '../../../src/azure/transport-error.ts';
import { AzureError, type AzureErrorFields } from '../../../src/errors.ts';

type Predicate = Exclude<keyof typeof policy, 'default'>;

function azureError(fields: Partial<AzureErrorFields>, cause?: unknown): AzureError {
  return new AzureError(
    {
      service: 'graph',
      step: 'a step',
      status: undefined,
      azureCode: '',
      detailCodes: [],
      azureMessage: '',
      requestId: '',
      retryAfterMs: undefined,
      ...fields,
    },
    { cause },
  );
}

function withoutAnswer(
  failure: TransportFailure,
  wasSent: boolean,
  service: AzureErrorFields['service'] = 'graph',
): AzureError {
  return azureError({ service }, new TransportError('m', { failure, wasSent }));
}

const CONCURRENCY = 'Directory_ConcurrencyViolation';
const NOT_FOUND = 'Request_ResourceNotFound';

/** [what, the error, the predicates that hold] */
const CASES: readonly [string, AzureError, readonly Predicate[]][] = [
  ['time-out after sending', withoutAnswer('timeout', true), ['isTransient', 'isAmbiguous', 'mayArriveLate']],
  ['connection broke', withoutAnswer('broken', true), ['isTransient', 'isAmbiguous', 'mayArriveLate']],
  ['host not reached', withoutAnswer('connect', false), ['isTransient']],
  ['certificate refused', withoutAnswer('certificate', false), []],
  ['proxy refused', withoutAnswer('proxy', false), []],
  ['the SDK failed', azureError({}), ['isTransient', 'isAmbiguous', 'mayArriveLate']],
  ['login timed out', withoutAnswer('timeout', true, 'entra'), ['isTransient', 'isLoginFailure']],
  ['login answered 503', azureError({ service: 'entra', status: 503 }), ['isTransient', 'isLoginFailure']],
  [
    'login refused',
    azureError({ service: 'entra', status: 401, azureCode: 'AADSTS7000215' }),
    ['isSecretUnknown', 'isLoginFailure'],
  ],
  ['200 of no use', azureError({ status: 200 }), ['isAmbiguous']],
  ['400', azureError({ status: 400, azureCode: 'Request_BadRequest' }), []],
  ['401', azureError({ status: 401 }), []],
  ['403 missing rights', azureError({ status: 403, azureCode: 'Authorization_RequestDenied' }), []],
  ['408', azureError({ status: 408 }), ['isTransient', 'isAmbiguous', 'mayArriveLate']],
  ['409', azureError({ status: 409, azureCode: 'Request_MultipleObjectsWithSameKeyValue' }), []],
  ['409 two writes', azureError({ status: 409, azureCode: CONCURRENCY }), ['isTransient', 'isConcurrencyViolation']],
  [
    '503 two writes',
    azureError({ status: 503, detailCodes: [CONCURRENCY] }),
    ['isTransient', 'isAmbiguous', 'isConcurrencyViolation'],
  ],
  ['429', azureError({ status: 429 }), ['isTransient', 'isThrottled']],
  ['500', azureError({ status: 500 }), ['isTransient', 'isAmbiguous']],
  ['501', azureError({ status: 501 }), []],
  ['504', azureError({ service: 'arm', status: 504 }), ['isTransient', 'isAmbiguous', 'mayArriveLate']],
  ['505', azureError({ status: 505 }), []],
  ['404 of Graph', azureError({ status: 404, azureCode: NOT_FOUND }), ['isGone', 'isReplicationLag']],
  ['404 of ARM', azureError({ service: 'arm', status: 404, azureCode: NOT_FOUND }), ['isGone']],
  ['404 of a gateway', azureError({ status: 404 }), []],
  ['404 of a login', azureError({ service: 'entra', status: 404, azureCode: NOT_FOUND }), ['isLoginFailure']],
  [
    '404 of a metadata service',
    azureError({ service: 'managedIdentity', status: 404 }),
    ['isTransient', 'isLoginFailure'],
  ],
  [
    '410 of a metadata service',
    azureError({ service: 'managedIdentity', status: 410 }),
    ['isTransient', 'isLoginFailure'],
  ],
  [
    '429 of a metadata service',
    azureError({ service: 'managedIdentity', status: 429 }),
    ['isTransient', 'isLoginFailure', 'isThrottled'],
  ],
  [
    '500 of a metadata service',
    azureError({ service: 'managedIdentity', status: 500 }),
    ['isTransient', 'isLoginFailure'],
  ],
  ['400 of a metadata service', azureError({ service: 'managedIdentity', status: 400 }), ['isLoginFailure']],
  ['metadata service not there', withoutAnswer('timeout', true, 'managedIdentity'), ['isTransient', 'isLoginFailure']],
  [
    'application not known yet',
    azureError({ status: 400, azureCode: 'Request_BadRequest', detailCodes: ['NoBackingApplicationObject'] }),
    ['isReplicationLag'],
  ],
  [
    'principal not known to ARM',
    azureError({ service: 'arm', status: 400, azureCode: 'PrincipalNotFound' }),
    ['isReplicationLag'],
  ],
  [
    'application not in the local tenant yet',
    azureError({
      status: 403,
      azureCode: 'Authorization_RequestDenied',
      azureMessage:
        'When using this permission, the backing application of the service principal being created must in the local tenant',
    }),
    ['isBackingApplicationNotReplicated'],
  ],
  [
    'password not found',
    azureError({
      status: 400,
      azureCode: 'Request_BadRequest',
      azureMessage: "No password credential found with keyId '1'.",
    }),
    ['isPasswordMissing', 'refusesPasswordAtCreation'],
  ],
  [
    'password not found, 404',
    azureError({ status: 404, azureMessage: "No password credential found with keyId '1'." }),
    ['isPasswordMissing'],
  ],
  [
    'password refused at creation',
    azureError({
      status: 400,
      azureCode: 'Request_BadRequest',
      azureMessage: 'New password credentials must be generated with service actions.',
    }),
    ['refusesPasswordAtCreation'],
  ],
  [
    'password refused by a policy',
    azureError({
      status: 400,
      azureCode: 'CredentialInvalidLifetimeAsPerAppPolicy',
      azureMessage: 'Credential lifetime exceeds the max value allowed.',
    }),
    [],
  ],
  [
    'two passwords at most',
    azureError({ status: 400, azureCode: 'TooManyAppPasswords' }),
    ['isPasswordLimit', 'isTwoPasswordLimit'],
  ],
  [
    'login for a scope without /.default',
    azureError({ service: 'entra', status: 400, azureCode: 'AADSTS1002012' }),
    ['isLoginFailure', 'isScopeRefused'],
  ],
  [
    'login for an unknown resource',
    azureError({ service: 'entra', status: 400, azureCode: 'AADSTS500011' }),
    ['isLoginFailure', 'isScopeRefused'],
  ],
  [
    'login to an unknown tenant',
    azureError({ service: 'entra', status: 400, azureCode: 'AADSTS90002' }),
    ['isLoginFailure'],
  ],
  ['object full', azureError({ status: 403, azureCode: 'Directory_ResourceSizeExceeded' }), ['isPasswordLimit']],
  [
    'object full, in words',
    azureError({ status: 400, azureMessage: 'The size of the object has exceeded its limit. Please reduce it.' }),
    ['isPasswordLimit'],
  ],
  [
    'member already',
    azureError({
      status: 400,
      azureCode: 'Request_BadRequest',
      azureMessage:
        "One or more added object references already exist for the following modified properties: 'members'.",
    }),
    ['isAlreadyMember'],
  ],
  [
    'that role at that scope is assigned already',
    azureError({ service: 'arm', status: 409, azureCode: 'RoleAssignmentExists' }),
    ['isAssignedAlready'],
  ],
];

for (const [what, error, expected] of CASES) {
  test(`a failure, ${what}, is ${expected.length === 0 ? 'final' : expected.join(' and ')}`, (t) => {
    const holding = (Object.keys(policy) as Predicate[]).filter((name) => policy[name](error));
    t.deepEqual(holding.sort(), [...expected].sort());
  });
}
