/** Errors of Microsoft Graph, by the situation that causes them. */

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[];

  constructor(status: number, code: string, message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.name = 'GraphError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export function encodeGraphError(
  error: Pick<GraphError, 'code' | 'message' | 'details'>,
  ids: { readonly requestId: string; readonly clientRequestId: string; readonly now: Date },
): object {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details.length > 0 && { details: error.details }),
      innerError: {
        date: ids.now.toISOString().slice(0, 19),
        'request-id': ids.requestId,
        'client-request-id': ids.clientRequestId,
      },
    },
  };
}

export function badRequest(message: string, details: readonly ErrorDetail[] = []): GraphError {
  return new GraphError(400, 'Request_BadRequest', message, details);
}

export function resourceNotFound(name: string): GraphError {
  const message = `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`;
  return new GraphError(404, 'Request_ResourceNotFound', message);
}

export function insufficientPrivileges(): GraphError {
  return new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

export function noBackingApplicationObject(appId: string): GraphError {
  const message = `The appId '${appId}' of the service principal does not reference a valid application object.`;
  return badRequest(message, [{ code: 'NoBackingApplicationObject', message, target: 'appId' }]);
}

export function notInLocalTenant(): GraphError {
  const message =
    'When using this permission, the backing application of the service principal being created must in the local tenant';
  return new GraphError(403, 'Authorization_RequestDenied', message);
}

export function servicePrincipalNameInUse(appId: string): GraphError {
  const message = `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`;
  return new GraphError(409, 'Request_MultipleObjectsWithSameKeyValue', message, [
    { code: 'ObjectConflict', message, target: 'servicePrincipalNames' },
  ]);
}

export function referencesAlreadyExist(property: string): GraphError {
  return badRequest(
    `One or more added object references already exist for the following modified properties: '${property}'.`,
  );
}

export function objectTooLarge(): GraphError {
  const message =
    'The size of the object has exceeded its limit. Please reduce the number of values and retry your request.';
  return new GraphError(403, 'Directory_ResourceSizeExceeded', message);
}

export function quotaExceeded(scope: 'Tenant' | 'Principal'): GraphError {
  const message = `The directory object quota limit for the ${scope} has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.`;
  return new GraphError(403, 'Directory_QuotaExceeded', message);
}
