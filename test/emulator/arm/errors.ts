/** Errors of Azure Resource Manager. */

export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ArmError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function encodeArmError(error: Pick<ArmError, 'code' | 'message'>): object {
  return { error: { code: error.code, message: error.message } };
}

export function subscriptionNotFound(id: string): ArmError {
  return new ArmError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
}

export function resourceGroupNotFound(name: string): ArmError {
  return new ArmError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

export function principalNotFound(principalId: string, tenantId: string): ArmError {
  const message = `Principal ${principalId.replaceAll('-', '')} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`;
  return new ArmError(400, 'PrincipalNotFound', message);
}

export function scopeLocked(scope: string, lockScope: string, operation: 'write' | 'delete'): ArmError {
  const message = `The scope '${scope}' cannot perform ${operation} operation because following scope(s) are locked: '${lockScope}'. Please remove the lock and try again.`;
  return new ArmError(409, 'ScopeLocked', message);
}
