/**
 * Whether a record or lease is about the tenant that the engine works in. In another one "not found" says nothing, and
 * would be taken for "gone".
 */
import { InternalError } from '../../errors.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { isSameId } from './same-id.ts';

/**
 * @param tenantId as the config had it when the object was made, an id or a domain name; '' (a lease or record of
 * another plugin or of an older version) counts as the present tenant.
 * @throws InternalError when the config in force names another tenant; AzureError, DeadlineError when that cannot be
 * told.
 */
export async function requireTenant(context: ProcedureContext, tenantId: string): Promise<void> {
  const { session } = context;
  const present = session.settings.tenantId;
  if (tenantId === '' || isSameId(tenantId, present)) return;
  const resolve = (name: string): Promise<string> =>
    retryStep(stepContext(context), `look up tenant ${name}`, (call) =>
      session.provider.login.resolveTenant(name, call),
    );
  const [theirs, ours] = await Promise.all([resolve(tenantId), resolve(present)]);
  if (theirs === ours) return;
  throw new InternalError(
    `it was made in tenant ${tenantId}, and config names tenant ${present}: to remove it, write the former tenant_id with a credential of that tenant to config, for as long as it takes`,
  );
}
