/** A request with the fields of the path that it matched. */
import type { Request, Secret, Storage, SystemView } from '../logical/index.ts';
import type { JsonObject } from '../util/json.ts';
import type { RawFields, ReadFields } from './field-data.ts';
import type { FieldTable, FieldValues } from './field-schema.ts';

/** A request that matched a path and whose fields were converted. */
export interface PathRequest<F extends FieldTable> extends Request {
  /** Every field of the path: what the request carried, else the default, else the type's zero value. */
  readonly fields: FieldValues<F>;
  /** Only what the request or its path carried and set. */
  readonly given: Partial<FieldValues<F>>;
  /** Body, query and captures before conversion, unknown names included. */
  readonly raw: RawFields;
}

/**
 * A class, since one is made for each request: a spread would lose what a request makes only when it is asked for, and
 * an object literal with getters costs many times as much.
 */
export class BoundRequest<F extends FieldTable> implements PathRequest<F> {
  readonly id: string;
  readonly operation: string;
  readonly path: string;
  readonly data: JsonObject;
  readonly secret: Secret | undefined;
  readonly storage: Storage;
  readonly systemView: SystemView;
  readonly deadline: Date | undefined;
  readonly hostTokenHash: string;
  readonly hostTokenAccessor: string;
  readonly displayName: string;
  readonly entityId: string;
  readonly mountPoint: string;
  readonly mountType: string;
  readonly mountAccessor: string;
  readonly remoteAddress: string;
  readonly fields: FieldValues<F>;
  readonly given: Partial<FieldValues<F>>;
  readonly raw: RawFields;
  readonly #request: Request;

  constructor(request: Request, raw: RawFields, { fields, given }: ReadFields<F>) {
    this.id = request.id;
    this.operation = request.operation;
    this.path = request.path;
    this.data = request.data;
    this.secret = request.secret;
    this.storage = request.storage;
    this.systemView = request.systemView;
    this.deadline = request.deadline;
    this.hostTokenHash = request.hostTokenHash;
    this.hostTokenAccessor = request.hostTokenAccessor;
    this.displayName = request.displayName;
    this.entityId = request.entityId;
    this.mountPoint = request.mountPoint;
    this.mountType = request.mountType;
    this.mountAccessor = request.mountAccessor;
    this.remoteAddress = request.remoteAddress;
    this.fields = fields;
    this.given = given;
    this.raw = raw;
    this.#request = request;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get headers(): ReadonlyMap<string, readonly string[]> {
    return this.#request.headers;
  }
}
