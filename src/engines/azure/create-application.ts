/** An application that carries our marks, and its principal: the steps that credentials and persisted roles share. */
import type { Application, AzureCall, NewPassword, PasswordSpec } from '../../azure/provider.ts';
import {
  isBackingApplicationNotReplicated,
  isReplicationLag,
  refusesPasswordAtCreation,
} from '../../azure/retry-policy.ts';
import { mountTag, operationTag } from './handles.ts';
import type { RoleRecord } from './model-role.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { mayHaveBeenDone, retryStep } from './retry.ts';

const DEFAULT_SIGN_IN_AUDIENCE = 'AzureADMyOrg';

export interface MarkedApplication {
  /** In its mark. */
  readonly operationId: string;
  readonly displayName: string;
  /** Its audience and tags count. */
  readonly role: RoleRecord;
  /** Made in the same request, where the tenant does so. */
  readonly password?: PasswordSpec;
}

/** For the undo. */
export interface CreationProgress {
  /** True when an answer was lost: an application may exist that we do not know of. */
  isAmbiguous: boolean;
}

export interface CreatedApplication {
  readonly application: Application;
  /** `undefined` when none was asked for, or the tenant made none, or the answer was lost. */
  readonly password: NewPassword | undefined;
}

/**
 * After a lost answer it looks for the mark before it creates again.
 * @throws AzureError, DeadlineError, CancelledError.
 */
export async function createMarkedApplication(
  context: ProcedureContext,
  { operationId, displayName, role, password }: MarkedApplication,
  progress: CreationProgress,
): Promise<CreatedApplication> {
  const { mount, session } = context;
  const { directory } = session.provider;
  const create = async (call: AzureCall): Promise<CreatedApplication> => {
    if (progress.isAmbiguous) {
      const [found] = await directory.findApplicationsByTag(operationTag(operationId), {
        ...call,
        step: 'look for the application whose creation was not answered',
      });
      if (found !== undefined) return { application: found, password: undefined };
    }
    const spec = {
      displayName,
      signInAudience: role.signInAudience || DEFAULT_SIGN_IN_AUDIENCE,
      tags: [...(role.tags ?? []), mountTag(mount.dependencies.backendUuid), operationTag(operationId)],
    };
    const isWithPassword = password !== undefined && session.canCreateWithPassword;
    try {
      return await directory.createApplication(isWithPassword ? { ...spec, password } : spec, call);
    } catch (error) {
      if (mayHaveBeenDone(error, call)) progress.isAmbiguous = true;
      throw error;
    }
  };
  return retryStep(stepContext(context), 'create application', create, {
    shouldRetry: (error) => {
      if (password === undefined || !session.canCreateWithPassword || !refusesPasswordAtCreation(error)) return false;
      session.canCreateWithPassword = false;
      return true;
    },
  });
}

/** Idempotent. @throws AzureError, DeadlineError, CancelledError. */
export async function createServicePrincipal(
  context: ProcedureContext,
  { appId, displayName }: Application,
): Promise<{ readonly id: string }> {
  const { directory } = context.session.provider;
  return retryStep(
    stepContext(context),
    'create service principal',
    (call) => directory.upsertServicePrincipal(appId, call, displayName),
    { shouldRetry: (error) => isReplicationLag(error) || isBackingApplicationNotReplicated(error) },
  );
}
