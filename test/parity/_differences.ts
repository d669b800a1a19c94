/**
 * Every difference between the answers of HashiCorp's plugin and ours, with its reason, and the discrepancies that it
 * explains. The first four members are a row of the table in docs/migration.md, word for word.
 */
import type { Comparison, Discrepancy } from './_compare.ts';

export interface Difference {
  readonly what: string;
  readonly theirs: string;
  readonly ours: string;
  readonly why: string;
  readonly seen: readonly Pattern[];
}

/** Texts in which `*` stands for anything. */
export interface Pattern {
  readonly pair: string;
  readonly at: string;
  readonly theirs: string;
  readonly ours: string;
  /** How many discrepancies are like this, so that none goes or comes unnoticed. */
  readonly times: number;
}

/** The shape of most: one kind of answer instead of another. */
const answers = (pair: string, theirs: string, ours: string, times = 1): Pattern => ({
  pair,
  at: 'answer',
  theirs: `"${theirs}"`,
  ours: `"${ours}"`,
  times,
});

/** The same status with another text. */
const texts = (pair: string, theirs: string, ours: string, times = 1): Pattern => ({
  pair,
  at: 'body.errors.0',
  theirs: `"${theirs}"`,
  ours: `"${ours}"`,
  times,
});

const member = (pair: string, at: string, theirs: string, ours: string, times = 1): Pattern => ({
  pair,
  at,
  theirs,
  ours,
  times,
});

const IGNORED = '200 {*Endpoint ignored these unrecognized parameters: [*]*}';
const NOT_A_LIST = "error parsing Azure *': azure_* must be a JSON list of objects";

export const DIFFERENCES: readonly Difference[] = [
  {
    what: "a role that names the engine's own application",
    theirs: 'accepted',
    ours: '400, when the role is written and when a credential is asked for',
    why: "whoever may write roles could get the engine's rights",
    seen: [
      answers("roles: write, application: the engine's own", '204', '400 application_object_id names the application*'),
      answers("credentials: the engine's own application", '200 *', '400 *the application that this secrets engine*'),
    ],
  },
  {
    what: '`role_name`',
    theirs: 'looked up in the configured subscription',
    ours: "looked up at the entry's own scope, which must exist",
    why: 'one mount for several subscriptions',
    seen: [
      answers(
        'roles: write, azure_roles: scope of *',
        '204',
        '400 unable to lookup Azure role by name * at scope *',
        2,
      ),
      answers('failures: an unknown subscription: write role', '500 *SubscriptionNotFound*', '204'),
      texts(
        'persisted: write, refused with an unknown role',
        'no role found for *',
        'unable to lookup Azure role by *',
      ),
    ],
  },
  {
    what: 'an entry of `azure_roles` without scope',
    theirs: 'fails when a credential is asked for',
    ours: '400 when the role is written',
    why: 'fail early',
    seen: [
      answers('roles: write, azure_roles: no scope*', '204', '400 azure_roles[0]: scope must be provided*', 2),
      answers('roles: write, azure_roles: scope without a slash', '204', '400 azure_roles[0]: scope must be provided*'),
    ],
  },
  {
    what: 'an entry of `azure_roles` or `azure_groups` without name and id',
    theirs: "400 `no role found for role_name: ''`",
    ours: '400 that names the entry',
    why: 'says what is missing',
    seen: [
      texts('roles: write, azure_roles: *', "no role found for role_name: ''", 'azure_roles[0]: either*', 2),
      texts('roles: write, azure_groups: *', "no group found for group_name: ''", 'azure_groups[0]: either*'),
    ],
  },
  {
    what: 'an application, group or role definition that does not exist, or whose name has a quote in it',
    theirs: '500',
    ours: '400',
    why: "the user's mistake; names are escaped",
    seen: [
      answers('roles: write, application: *', '500 *error loading Application*', '400 error loading Application*', 4),
      answers(
        'persisted: application removed by hand: write',
        '500 *error loading Application*',
        '400 the application <guid> that this role owns does not exist any more*',
      ),
      answers('roles: write, azure_roles: by bare id', '500 *', '400 no role found for role_id: *'),
      answers('roles: write, azure_roles: name with a quote', '500 *', '400 no role found for role_name: *'),
      answers('roles: write, azure_groups: *', '500 *unable to lookup Azure group*', '400 no group found for *', 3),
    ],
  },
  {
    what: 'of two mistakes, one that needs no look in Azure',
    theirs: 'may be told last',
    ours: 'is told first',
    why: 'nothing is called for a request that cannot succeed',
    seen: [
      answers(
        'roles: write, application: unknown with permanently_delete',
        '500 *error loading Application*',
        '400 permanently_delete must be false if application_object_id is provided',
      ),
    ],
  },
  {
    what: 'JSON texts that are no list of objects',
    theirs: "400 `error parsing Azure roles '…':` and what Go's decoder says; what follows the first value is ignored",
    ours: '400 with the same beginning, and one text for all',
    why: "no Go types in an operator's terminal",
    seen: [
      texts('roles: write, azure_roles: *', 'error parsing Azure roles *', NOT_A_LIST, 8),
      texts(
        'roles: write, azure_roles: a number as name',
        'error parsing Azure roles *',
        'azure_roles[0]: role_name must be a string',
      ),
      texts('roles: write, azure_roles: JSON and more', 'either Azure role definitions*', NOT_A_LIST),
      texts('roles: write, azure_groups: no JSON', 'error parsing Azure groups *', NOT_A_LIST),
      texts('roles: write, update wrong roles', 'error parsing Azure roles *', NOT_A_LIST),
      texts('persisted: write, update wrong roles', 'error parsing Azure roles *', NOT_A_LIST),
    ],
  },
  {
    what: '`null` in the list of `azure_roles` or `azure_groups`',
    theirs: 'the plugin dies, for all its mounts',
    ours: '400',
    why: 'one bad request must not cost others theirs',
    seen: [answers('roles: write, azure_*: a list of null', '500 *', `400 ${NOT_A_LIST}`, 2)],
  },
  {
    what: '`azure_roles`, `azure_groups` as a JSON list instead of a text',
    theirs: '400',
    ours: 'accepted',
    why: 'the natural form in a JSON body',
    seen: [
      answers('roles: write, azure_*: a real list', '400 error converting input for field *', '204', 2),
      texts('roles: write, azure_roles: a real *', 'error converting input for field *', NOT_A_LIST, 2),
    ],
  },
  {
    what: '`azure_roles`, `azure_groups`, `sign_in_audience`, `environment` empty or `null`',
    theirs: '400',
    ours: 'no roles, no groups, the default audience, the default cloud',
    why: 'a field that was set can be cleared',
    seen: [
      texts(
        'roles: write, azure_*',
        "error parsing Azure *'data' being decoded is nil",
        'either Azure role definitions*',
        4,
      ),
      answers('roles: write, update azure_*', "400 error parsing Azure *'data' being decoded is nil", '204', 2),
      answers('roles: write, sign_in_audience *', '400 Invalid value for sign_in_audience*', '204', 2),
      answers('roles: write, update audience to an empty text', '400 Invalid value for sign_in_audience*', '204'),
      answers('persisted: write as it was read', '400 Invalid value for sign_in_audience*', '204'),
      answers('config: write, environment ""', '400 *no cloud configuration*', '204'),
      answers('config: write, environment null', '400 *no cloud configuration*', '204'),
    ],
  },
  {
    what: '`AzureUSGovernmentDoDCloud`',
    theirs: '400',
    ours: 'accepted',
    why: 'one cloud more',
    seen: [answers('config: write, environment "AzureUSGovernmentDoDCloud"', '400 *no cloud configuration*', '204')],
  },
  {
    what: 'a value of the wrong type',
    theirs: '400 that repeats the value',
    ours: '400 without the value',
    why: 'it may be a secret',
    seen: [
      texts('config: write*', "error converting *, value: '*'", 'error converting *', 12),
      texts('roles: write*', "error converting *, value: '*'", 'error converting *', 10),
      texts('persisted: write*', "error converting *, value: '*'", 'error converting *', 2),
    ],
  },
  {
    what: 'misspelt and unknown fields',
    theirs: '204, silently ignored',
    ours: "200 with Vault's warning about ignored parameters",
    why: 'a typo shows',
    seen: [
      answers('config: write, *', '204', IGNORED, 3),
      answers('roles: write, *', '204', IGNORED),
      answers('rotation: rotate with unknown fields', '204', IGNORED),
    ],
  },
  {
    what: '`metadata` of config and roles',
    theirs: 'silently ignored (Enterprise has it)',
    ours: 'stored, shown when read, answered with credentials; none is not shown',
    why: 'what Enterprise has',
    seen: [
      member('config: read *', 'body.data.metadata', 'absent', '{"team":"a"}', 2),
      member('roles: read after metadata', 'body.data.metadata', 'absent', '{"team":"a"}'),
    ],
  },
  {
    what: 'tags with white space',
    theirs: 'blanks are refused',
    ours: 'every kind of white space is refused',
    why: 'Azure refuses them later',
    seen: [answers('roles: write, tags [*', '204', '400 whitespaces are not allowed in tags', 3)],
  },
  {
    what: 'the size of a tag',
    theirs: '256 bytes',
    ours: '256 characters, as the text says',
    why: "Azure's limit",
    seen: [answers('roles: write, tags "ééé*', '400 individual tag size must be between 1 and 256*', '204')],
  },
  {
    what: '`permanently_delete` left out of an update',
    theirs: 'reset to false',
    ours: 'keeps its value',
    why: 'as every other field',
    seen: [
      member('roles: read after update *', 'body.data.permanently_delete', 'false', 'true', 10),
      answers(
        'roles: write, update to an application, permanently_delete left out',
        '204',
        '400 permanently_delete must be false if application_object_id is provided',
      ),
    ],
  },
  {
    what: 'reading a role before there is a config',
    theirs: '500 `config is nil`',
    ours: 'answers the role, or 404',
    why: 'nothing in it needs Azure',
    seen: [
      answers('failures: no config: read role', '500 *config is nil*', '200 *'),
      answers('failures: no config: read absent role', '500 *config is nil*', '404'),
    ],
  },
  {
    what: 'writing a role and `rotate-root` before there is a config',
    theirs: '500 `config is nil`',
    ours: '500 `subscription_id is required`, as for credentials',
    why: 'says what is missing',
    seen: [texts('failures: no config: *', '*config is nil*', '*subscription_id is required*', 4)],
  },
  {
    what: 'deleting a role with live credentials',
    theirs: '204',
    ours: '200 with a warning: how many, and how to end them',
    why: 'they stay valid, or end with the application of the role',
    seen: [
      answers('failures: an unknown subscription: delete role', '204', '200 *of this role * still valid*'),
      answers('credentials: role deleted: delete', '204', '200 *of this role * still valid*'),
      answers('persisted: delete with a live lease', '204', '200 *of this role is still there*'),
    ],
  },
  {
    what: 'a role name with two dots in a row',
    theirs: '500 when it is read',
    ours: '400',
    why: "the user's mistake",
    seen: [
      answers(
        'roles: read after name two..dots',
        '500 *relative paths not supported*',
        '400 *relative paths not supported*',
      ),
    ],
  },
  {
    what: 'reading the configuration',
    theirs: 'does not tell how the engine logs in',
    ours: '`auth_method` names the credential in use; `federated_token_file`, and thumbprint and end of a certificate, when there is one',
    why: 'several can be set, and the environment outranks them',
    seen: [
      member('config: read *', 'body.data.auth_method', 'absent', '"*"', 105),
      member('operations: GET config', 'body.data.auth_method', 'absent', '"client_secret"'),
      member('policies: read: read config', 'body.data.auth_method', 'absent', '"client_secret"'),
      member('rotation: config *', 'body.data.auth_method', 'absent', '"client_secret"', 3),
    ],
  },
  {
    what: '`identity_token_audience` where Vault mints no tokens',
    theirs: '500',
    ours: '400 with the way out',
    why: "the user's mistake",
    seen: [answers('config: write, an identity token audience', '500 *', '400 *write federated_token_file*')],
  },
  {
    what: '`rotation_schedule`, `rotation_period` where Vault has no rotation manager',
    theirs: '400 with what Vault says of it; a schedule is parsed first',
    ours: 'the plugin keeps the time, by the same rules; 400 where there is no secret to rotate, or the time is too short',
    why: 'the root secret is rotated by itself on every edition',
    seen: [
      answers('config: write rotation_period beside a secret', '400 error registering rotation job*', '204'),
      texts('config: write, rotation_*', 'error registering rotation job*', 'nothing to rotate*', 2),
      texts('config: write, rotation_*', 'error registering rotation job*', 'rotation_* must be * seconds or more', 2),
      member('config: read after disable_*', 'body.data.rotation_state', 'absent', '"suspended"'),
    ],
  },
  {
    what: '`persist_app` together with an `application_object_id`',
    theirs: 'taken on update, and that application is deleted with the role; ignored, or 400, when the role is new',
    ours: '400 that says what to write',
    why: "it is somebody else's application",
    seen: [
      answers('persisted: write, update an existing application', '204', '400 persist_app must be false *'),
      answers('persisted: write, refused with an application', '204', '400 persist_app must be false *'),
      texts('persisted: write, refused with an application alone', 'either *', 'persist_app must be false *'),
      texts('persisted: write, from an existing application', 'either *', 'persist_app must be false *'),
      texts('roles: write, persist_app with an application', 'either *', 'persist_app must be false *'),
      member('persisted: left after update an existing application', '', '"there"', '"gone"'),
    ],
  },
  {
    what: '`application_object_id` empty in an update of a role with `persist_app`',
    theirs: "the role forgets its application's id; then it cannot be deleted (500)",
    ours: 'the role keeps its application',
    why: 'clients send every field',
    seen: [
      member(
        'persisted: read after update application_object_id to none',
        'body.data.application_object_id',
        '""',
        '"<guid>"',
      ),
      answers(
        'persisted: delete after update application_object_id to none',
        '500 *error deleting persisted app*',
        '204',
      ),
      member('persisted: left after update application_object_id to none', '', '"there"', '"gone"'),
    ],
  },
  {
    what: 'an update of a role that has both `persist_app` and `permanently_delete`',
    theirs: '400: the application that the role made counts as given',
    ours: 'accepted',
    why: 'Terraform sends every field with every update',
    seen: [
      answers('persisted: write, update permanently_delete', '400 permanently_delete must be false *', '204'),
      answers('persisted: permanently_delete: write again', '400 permanently_delete must be false *', '204'),
    ],
  },
  {
    what: '`persist_app` switched off',
    theirs: 'credentials still come from the application, which is never deleted',
    ours: 'the role is dynamic at once; the application is deleted when its last password has gone',
    why: 'it is what was written, and nothing stays behind',
    seen: [
      member('persisted: off: read', 'body.data.application_object_id', '"<guid>"', '""'),
      member('persisted: off: credentials of one application', '', 'true', 'false'),
      member('persisted: on again: the same application', '', 'true', 'false'),
    ],
  },
  {
    what: '`tags`, `sign_in_audience` of a role with `persist_app` changed',
    theirs: '204; the application keeps what it was made with',
    ours: '200 with a warning that it does',
    why: 'a change without effect shows',
    seen: [
      answers('persisted: write, update tags', '204', '200 *tags: stored, but *'),
      answers('persisted: write, update audience', '204', '200 *sign_in_audience: stored, but *'),
    ],
  },
  {
    what: 'the application of a role with `persist_app`',
    theirs: 'its principal has a secret of ten years that nobody knows',
    ours: 'no secret but those of leases; two tags more, `vault-mount:<uuid>` and `vault-op:<uuid>`',
    why: 'nothing is made that nobody uses; found after a crash',
    seen: [
      member('persisted: in the tenant*', 'tags.*', 'absent', '"vault-mount:<guid>"', 12),
      member('persisted: in the tenant*', 'tags.*', 'absent', '"vault-op:<guid>"', 12),
      member('persisted: in the tenant*', 'passwordsOfPrincipal', '1', '0', 12),
    ],
  },
  {
    what: 'deleting a role whose own application is gone already',
    theirs: '500, and the role stays',
    ours: '204',
    why: 'it is what was asked for',
    seen: [answers('persisted: application removed by hand: delete', '500 *does not exist*', '204')],
  },
  {
    what: 'times of a role set to `null`',
    theirs: 'keep their values',
    ours: 'are cleared, as every other field',
    why: 'a field that was set can be cleared',
    seen: [
      member('roles: read after update times to null', 'body.data.ttl', '3600', '0'),
      member('roles: read after update times to null', 'body.data.max_ttl', '7200', '0'),
      member('roles: read after update times to null', 'body.data.explicit_max_ttl', '10800', '0'),
    ],
  },
  {
    what: "the text when Azure refuses a call or the engine's login",
    theirs: "the SDK's, with whole bodies, or Azure's message alone",
    ours: "the step, status, Azure's code and message, the request id, often the remedy",
    why: 'support asks for them; same status here as there',
    seen: [
      texts('failures: *', '*', '*request id <guid>*', 24),
      texts('roles: write, azure_roles: by id without subscription', '*', '*request id <guid>*'),
    ],
  },
  {
    what: 'a dynamic application',
    theirs: 'carries the tags of the role; the secret is one of the service principal, without a name',
    ours: 'carries two tags more, `vault-mount:<uuid>` and `vault-op:<uuid>`; the secret is one of the application, named `vault-<uuid>`',
    why: 'created in one call with its secret, and found after a crash',
    seen: [
      member('credentials: *: in the tenant', 'tags.*', 'absent', '"vault-mount:<guid>"', 14),
      member('credentials: *: in the tenant', 'tags.*', 'absent', '"vault-op:<guid>"', 14),
      member('credentials: *: in the tenant', 'passwordOf', '"service principal"', '"application"', 14),
      member('credentials: *: in the tenant', 'passwordName', 'null', '"vault-<guid>"', 14),
    ],
  },
  {
    what: 'the name of a password of an existing application',
    theirs: '`vault-plugin-secrets-azure`',
    ours: '`vault-<uuid>`',
    why: 'found after a crash',
    seen: [
      member('credentials: *: in the tenant', 'passwordName', '"vault-plugin-secrets-azure"', '"vault-<guid>"', 11),
    ],
  },
  {
    what: 'renewal of a lease whose secret ends (`explicit_max_ttl`)',
    theirs: "ends at about half of the secret's life; without `max_ttl`, goes on beyond its end",
    ours: 'up to its end, with a warning that it is capped',
    why: 'Vault counts the maximum from the issue on',
    seen: [
      member('credentials: *, explicit_max_ttl: renew by *', 'body.lease_duration', '2764800', '10800', 4),
      member(
        'credentials: *, explicit_max_ttl: renew by 0',
        'body.warnings',
        'null',
        '*effective max_ttl of \\"3h\\"*',
        2,
      ),
      member('credentials: *, explicit_max_ttl: renew by *', 'body.warnings.0', '*of \\"768h\\"*', '*of \\"3h\\"*', 2),
      member('credentials: *, explicit_max_ttl: look up after renewals', 'body.data.ttl', '2764800', '10800', 2),
    ],
  },
  {
    what: 'revoking what is gone already',
    theirs: 'fails, and the lease stays',
    ours: 'succeeds',
    why: 'it is what was asked for',
    seen: [
      answers('credentials: application removed by hand: revoke', '400 *does not exist*', '204'),
      answers('persisted: revoke after deletion', '400 *does not exist*', '204'),
    ],
  },
  {
    what: 'a password younger than two minutes that Azure claims not to know',
    theirs: 'taken for gone',
    ours: 'the revocation fails, and Vault repeats it',
    why: "Azure's replicas may not have seen it yet, and it would stay valid",
    seen: [answers('credentials: password removed by hand: revoke', '204', '400 *created a few minutes ago at most*')],
  },
  {
    what: 'a part that cannot be removed',
    theirs: 'warning, then forgotten; a failing purge fails the revocation, for ever',
    ours: 'left-over work, tried again',
    why: 'no orphans, no stuck leases',
    seen: [answers('credentials: purge refused: revoke*', '400 *', '204', 3)],
  },
  {
    what: '`rotate-root`',
    theirs: '204; a minute later the new secret is put in force, unproven, and all other passwords are removed',
    ours: '200 with warnings; proves the new secret, puts it in force at once, and removes its own old one',
    why: 'other users of the application',
    seen: [
      answers('rotation: rotate*', '204', '200 *password <guid> of the application was removed*', 2),
      answers('failures: an unknown subscription: rotate-root', '204', '200 *was removed*'),
      member('rotation: config *', 'body.data.root_password_expiration_date', 'absent', '"<time>"', 2),
      member('rotation: config *', 'body.data.root_password_key_id', 'absent', '"<guid>"', 2),
      member('rotation: passwords *', '', '*', '1', 2),
    ],
  },
  {
    what: 'the paths `static-roles/`, `static-creds/` and `rotate-role/`',
    theirs: '404: Vault Enterprise has them',
    ours: '[static roles](azure/static-roles.md)',
    why: 'one secret of an application, rotated without cutting anybody off, on every edition',
    seen: [
      member('operations: * static-*/x', '*', '*', '*', 12),
      member('operations: * rotate-role/x', '*', '*', '*', 6),
      member('help: *', 'openapi.paths./static-*', 'absent', '*', 5),
      member('help: *', 'openapi.paths./rotate-role/{name}', 'absent', '*'),
      member('help: *', 'openapi.components.Azure*StaticRole*Request', 'absent', '*', 3),
    ],
  },
  {
    what: 'the field `seamless_rotation` of `config`',
    theirs: 'ignored',
    ours: 'kept, `true` unless written; a read shows it when it is `false`',
    why: 'reads of a mount without static roles stay as they were',
    seen: [
      member('help: *', 'openapi.components.AzureConfigureRequest.properties.seamless_rotation', 'absent', '*', 2),
    ],
  },
  {
    what: 'OpenAPI',
    theirs: 'request bodies are references that Vault cannot follow',
    ours: 'has the fields `client_certificate`, `federated_token_file`, `request_timeout`, `metadata`, `verify` and `remove_other_passwords`, what answers hold, and references that Vault can follow',
    why: 'clients are generated from it',
    seen: [
      member('help: *', 'openapi.paths.*.schema.ref', 'absent', '"#/components/schemas/*"', 4),
      member('help: *', 'openapi.paths./rotate-root.post.requestBody', 'absent', '*', 2),
      member('help: *', 'openapi.components.AzureConfigureRequest.properties.request_timeout', 'absent', '*', 2),
      member('help: *', 'openapi.components.AzureConfigureRequest.properties.client_certificate', 'absent', '*', 2),
      member('help: *', 'openapi.components.AzureConfigureRequest.properties.federated_token_file', 'absent', '*', 2),
      member('help: *', 'openapi.components.Azure*Request.properties.metadata', 'absent', '*', 4),
      member('help: *', 'openapi.paths./creds/{role}.get.parameters', 'absent', '*"name":"metadata"*', 2),
      member('help: *', 'openapi.components.AzureConfigureRequest.properties.verify', 'absent', '*', 2),
      member('help: *', 'openapi.components.Azure*Response', 'absent', '*', 9),
      member('help: *', 'openapi.components.AzureRotateRootRequest', 'absent', '*', 2),
    ],
  },
];

/** What the list says of what was found. */
export interface Verdict {
  /** Discrepancies that no difference explains. */
  readonly unlisted: readonly string[];
  /** Patterns that were seen less or more often than they say. */
  readonly miscounted: readonly string[];
  /** Pairs that differ. */
  readonly differing: number;
}

export function judge(comparisons: readonly Comparison[]): Verdict {
  const counts = new Map<Pattern, number>();
  const unlisted: string[] = [];
  const patterns = DIFFERENCES.flatMap(({ seen }) => seen);
  for (const { pair, discrepancies } of comparisons) {
    for (const discrepancy of discrepancies) {
      const found = patterns.find((pattern) => explains(pattern, pair, discrepancy));
      if (found === undefined) unlisted.push(describe(pair, discrepancy));
      else counts.set(found, (counts.get(found) ?? 0) + 1);
    }
  }
  const miscounted = patterns
    .filter((pattern) => counts.get(pattern) !== pattern.times)
    .map(
      (pattern) => `${counts.get(pattern) ?? 0} instead of ${pattern.times} times: ${describe(pattern.pair, pattern)}`,
    );
  return {
    unlisted,
    miscounted,
    differing: comparisons.filter(({ discrepancies }) => discrepancies.length > 0).length,
  };
}

const explains = (pattern: Pattern, pair: string, { at, theirs, ours }: Discrepancy): boolean =>
  fits(pattern.pair, pair) && fits(pattern.at, at) && fits(pattern.theirs, theirs) && fits(pattern.ours, ours);

function fits(pattern: string, text: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[$()+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${source.join('.*')}$`, 's').test(text);
}

const describe = (pair: string, { at, theirs, ours }: Discrepancy): string => `${pair} @ ${at}: ${theirs} | ${ours}`;
