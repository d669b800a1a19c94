/** `static-creds/:name`, `static-creds/:name/token` and `rotate-role/:name`: the secret of a static role, and a new one. */
import { isScopeRefused, isSecretUnknown } from '../../azure/retry-policy.ts';
import { AzureError, InvalidRequestError } from '../../errors.ts';
import { definePath, field, genericNameRegex, type Path, type PathRequest } from '../../framework/index.ts';
import type { Request, Response } from '../../logical/index.ts';
import { addMs, formatTime } from '../../util/rfc3339.ts';
import { STATIC_CREDENTIAL_ANSWER, TOKEN_ANSWER } from './answer-fields.ts';
import { findStaticRemedy } from './azure-remedies.ts';
import { mergeMetadata, metadataQuery } from './metadata.ts';
import type { StaticCredsRecord, StaticRoleRecord, StaticSecret } from './model-static.ts';
import type { AzureMount, AzureSession } from './mount.ts';
import { staticMetadata } from './path-static-roles.ts';
import { stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { refuseSelfTarget } from './self-target.ts';
import { secondsToNextChange, secretInForce } from './static-schedule.ts';
import { loadStaticCreds } from './static-secrets.ts';
import { issueFirstStaticSecret, rotateStaticRole } from './steps-static-rotate.ts';

/** The longest time after which a new secret was seen to be refused by some front end of Entra ID. */
const SECRET_SETTLES_MS = 15 * 60_000;

const name = field.lowerCaseString({ description: 'Name of the static role.', example: 'my-static-role' });
const credsFields = { name, metadata: metadataQuery() };
const tokenFields = {
  name,
  scope: field.string({
    description: 'What the token is for: the resource with /.default behind it. Needed. Passed on to Azure as it is.',
    isRequired: true,
    example: 'https://graph.microsoft.com/.default',
  }),
};
const forwarded = { forwardPerformanceStandby: true, forwardPerformanceSecondary: true };

type CredsRequest = PathRequest<typeof credsFields>;

export function staticCredsPaths(mount: AzureMount): Path[] {
  return [
    definePath({
      pattern: `static-creds/${genericNameRegex('name')}`,
      fields: credsFields,
      synopsis: 'Read the secret of a static role.',
      description:
        'The same for everybody until it is rotated, and without a lease. If the role has none yet because its creation was deferred, it is made now.',
      displayAttributes: {
        operationPrefix: 'azure',
        operationVerb: 'read',
        operationSuffix: 'static-role-credentials',
      },
      operations: {
        read: {
          handler: (request) => readCreds(mount, request),
          summary: 'Read the secret of a static role.',
          ...forwarded,
          responses: [
            {
              status: 200,
              description: 'The secret.',
              fields: STATIC_CREDENTIAL_ANSWER,
              example: {
                client_id: 'e607c4f2-5d0e-4c1b-9a8e-7b6d5c4a3f21',
                client_secret: '9Pf…',
                secret_id: '5c2f7e2a-9d1b-4a64-8f0e-3b7c6d5e4f21',
                expiration: '2027-11-27T09:00:00Z',
                metadata: { team: 'engineering' },
                ttl: 31535700,
                rotation_period: 31536000,
              },
            },
          ],
        },
      },
    }),
    definePath({
      pattern: `static-creds/${genericNameRegex('name')}/token`,
      fields: tokenFields,
      synopsis: 'Log in with the secret of a static role.',
      description:
        'Answers an access token of Azure, good for about an hour. It has no lease and cannot be revoked. The secret itself is not shown.',
      displayAttributes: { operationPrefix: 'azure', operationVerb: 'generate', operationSuffix: 'static-role-token' },
      operations: {
        update: {
          handler: (request) => requestToken(mount, request, request.fields),
          summary: 'Log in with the secret of a static role.',
          ...forwarded,
          responses: [
            {
              status: 200,
              description: "Azure's answer, unchanged.",
              fields: TOKEN_ANSWER,
              example: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: 'eyJ0…' },
            },
          ],
        },
      },
    }),
    definePath({
      pattern: `rotate-role/${genericNameRegex('name')}`,
      fields: { name },
      synopsis: 'Rotate the secret of a static role.',
      description:
        'Makes a new secret at once and answers it from then on. The old one stays valid for the grace period, and is removed then. A role without a secret gets its first one.',
      displayAttributes: { operationPrefix: 'azure', operationVerb: 'rotate', operationSuffix: 'static-role' },
      operations: {
        update: {
          handler: (request) => rotateRole(mount, request, request.fields.name),
          summary: 'Rotate the secret of a static role.',
          ...forwarded,
        },
      },
    }),
  ];
}

async function readCreds(mount: AzureMount, request: CredsRequest): Promise<Response | undefined> {
  const { name: roleName, metadata } = request.fields;
  const role = await mount.stores.staticRoles.get(request.storage, roleName);
  if (role === undefined) return undefined;
  const session = await mount.session(request.storage);
  let creds = await loadStaticCreds(mount, roleName, role);
  if (creds.current === undefined) {
    using budget = mount.startIssueBudget(request, session.config);
    await issueFirstStaticSecret({ mount, session, budget }, roleName);
    creds = await loadStaticCreds(mount, roleName, role);
  }
  const now = mount.dependencies.clock.now();
  const secret = usableSecret(session, role, roleName, creds, now);
  return {
    data: {
      client_id: secret.clientId,
      client_secret: secret.clientSecret,
      secret_id: secret.keyId,
      expiration: formatTime(secret.expiresAt),
      ...staticMetadata(mergeMetadata(metadata, role.metadata)),
      ttl: secondsToNextChange(role, creds, now),
      rotation_period: role.rotationPeriodSeconds,
    },
  };
}

async function requestToken(
  mount: AzureMount,
  request: Request,
  { name: roleName, scope }: { readonly name: string; readonly scope: string },
): Promise<Response> {
  if (scope === '') {
    throw new InvalidRequestError("missing required field 'scope', for example https://graph.microsoft.com/.default");
  }
  const role = await mount.stores.staticRoles.get(request.storage, roleName);
  if (role === undefined) throw new InvalidRequestError(`static role '${roleName}' does not exist`);
  const session = await mount.session(request.storage);
  using budget = mount.startRequestBudget(request, session.config);
  const { clock } = mount.dependencies;
  const creds = await loadStaticCreds(mount, roleName, role);
  const secret = usableSecret(session, role, roleName, creds, clock.now());
  const isYoung = (): boolean => clock.now() < addMs(secret.createdAt, SECRET_SETTLES_MS);
  try {
    const data = await retryStep(
      stepContext({ mount, budget }),
      'request an access token',
      (call) => session.provider.login.requestToken(secret.clientId, secret.clientSecret, scope, call),
      { shouldRetry: (error) => isSecretUnknown(error) && isYoung(), findRemedy: findStaticRemedy },
    );
    return { data };
  } catch (error) {
    if (!(error instanceof AzureError) || !isScopeRefused(error)) throw error;
    throw new InvalidRequestError(`scope: ${error.message}`, { cause: error });
  }
}

async function rotateRole(mount: AzureMount, request: Request, roleName: string): Promise<undefined> {
  const session = await mount.session(request.storage);
  using budget = mount.startIssueBudget(request, session.config);
  await rotateStaticRole({ mount, session, budget }, roleName);
}

/** @throws InvalidRequestError when there is none that may be used. */
function usableSecret(
  session: AzureSession,
  role: StaticRoleRecord,
  roleName: string,
  creds: StaticCredsRecord,
  now: Date,
): StaticSecret {
  const secret = secretInForce(creds, now);
  if (secret === undefined) {
    throw new InvalidRequestError(
      `static role '${roleName}' has no secret yet: make it with rotate-role/${roleName}, or read static-creds/${roleName}`,
    );
  }
  refuseSelfTarget(secret.clientId === '' ? role.applicationId : secret.clientId, session.settings);
  if (secret.clientSecret === '') {
    throw new InvalidRequestError(
      `the secret of static role '${roleName}' was imported without its text: rotate it with rotate-role/${roleName} before it can be used`,
    );
  }
  return secret;
}
