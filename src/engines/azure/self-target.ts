/**
 * Keeps roles away from the application that the plugin itself logs in with: whoever may write roles could else get a
 * secret of the tenant's most powerful application.
 */
import { InvalidRequestError } from '../../errors.ts';
import { isSameId } from './same-id.ts';
import type { EffectiveSettings } from './settings.ts';

/**
 * @param applicationId the client id of the application that a role names.
 * @throws InvalidRequestError when it is the one in force (environment before config), whatever its spelling and however
 * the plugin logs in as it. A managed identity has no application.
 */
export function refuseSelfTarget(applicationId: string, settings: EffectiveSettings): void {
  if (settings.credential.method === 'managed_identity') return;
  if (applicationId === '' || !isSameId(applicationId, settings.clientId)) return;
  throw new InvalidRequestError(
    'application_object_id names the application that this secrets engine logs in with; a role must not hand out its credentials: use another application',
  );
}
