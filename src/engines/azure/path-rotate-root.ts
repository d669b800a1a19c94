/** `rotate-root`: a new secret for the application that the engine itself logs in with. */
import { definePath, field, type Path } from '../../framework/index.ts';
import type { Request, Response } from '../../logical/index.ts';
import type { AzureMount } from './mount.ts';
import { rotateRoot } from './steps-rotate-root.ts';

export function rotateRootPath(mount: AzureMount): Path {
  return definePath({
    pattern: 'rotate-root',
    fields: {
      remove_other_passwords: field.bool({
        description:
          'Remove every other password of the application once the new one is in force, also those that others may use. Without it only the password in use goes.',
      }),
    },
    synopsis: "Rotate the engine's own client secret.",
    description:
      'Makes a new secret, proves that Azure accepts it, puts it in force and removes the old one. The new secret is known to this secrets engine only.',
    displayAttributes: { operationPrefix: 'azure', operationVerb: 'rotate', operationSuffix: 'root' },
    operations: {
      update: {
        handler: (request) => handleRotateRoot(mount, request, request.fields.remove_other_passwords),
        summary: "Rotate the engine's own client secret.",
        forwardPerformanceStandby: true,
        forwardPerformanceSecondary: true,
      },
    },
  });
}

/** `undefined` (204) when there is nothing to tell: in force, and nothing was removed. */
async function handleRotateRoot(
  mount: AzureMount,
  request: Request,
  shouldRemoveOthers: boolean,
): Promise<Response | undefined> {
  const session = await mount.session(request.storage);
  using budget = mount.startIssueBudget(request, session.config);
  const outcome = await rotateRoot({ mount, budget }, { shouldRemoveOthers });
  const warnings = [
    ...(outcome.isInForce
      ? []
      : [
          `the new secret (key id ${outcome.keyId}) is not accepted by Azure yet; the old one stays in force until it is, which is tried again every few minutes`,
        ]),
    ...(outcome.isOldKeyKnown
      ? []
      : [
          'the password that was in use cannot be told from the others of the application and stays: remove it by hand, or rotate with remove_other_passwords=true',
        ]),
    ...outcome.retiredKeyIds.map(
      (keyId) =>
        `password ${keyId} of the application ${outcome.areRetiredGone ? 'was removed' : 'is going to be removed'}`,
    ),
  ];
  return warnings.length === 0 ? undefined : { warnings };
}
