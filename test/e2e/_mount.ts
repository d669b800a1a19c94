/** One mount of the Azure engine, ours or the official one, as its users see it over the HTTP API. */
import type { HostAnswer, Untyped } from '../host/host-api.ts';
import type { RunningVault } from '../host/start-vault.ts';
import { waitUntil } from '../helpers/wait-until.ts';

export interface LeasedCredential {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly leaseId: string;
  readonly leaseSeconds: number;
}

export class AzureMount {
  readonly path: string;
  readonly #host: RunningVault;
  readonly #handOuts: Set<string>;

  /** @param handOuts gets every secret that is handed out, for a later look into logs */
  constructor(host: RunningVault, path: string, handOuts: Set<string>) {
    this.#host = host;
    this.path = path;
    this.#handOuts = handOuts;
  }

  /** Any answer, the refusals too. */
  request(method: string, subPath: string, body?: unknown): Promise<HostAnswer> {
    return this.#host.request(method, `${this.path}/${subPath}`, body);
  }

  /** @throws HostApiError for 400 and more */
  api(method: string, subPath: string, body?: unknown): Promise<Untyped> {
    return this.#host.api(method, `${this.path}/${subPath}`, body);
  }

  async writeRole(name: string, fields: object): Promise<void> {
    await this.api('POST', `roles/${name}`, fields);
  }

  /** @throws HostApiError when there is none to be had */
  async creds(role: string): Promise<LeasedCredential> {
    const credential = readCredential(await this.api('GET', `creds/${role}`));
    this.#handOuts.add(credential.clientSecret);
    return credential;
  }

  /** After the plugin's death. Until the host has noticed that, it answers 500 without having asked anybody. */
  async servesAgain(): Promise<void> {
    await waitUntil('the mount serves again', async () => (await this.request('GET', 'config')).status === 200);
  }

  async revoke({ leaseId }: LeasedCredential): Promise<void> {
    await this.#host.api('PUT', 'sys/leases/revoke', { lease_id: leaseId, sync: true });
  }
}

/** From the body of an answer of `creds/:role`. */
export function readCredential(body: Untyped): LeasedCredential {
  return {
    clientId: String(body.data.client_id),
    clientSecret: String(body.data.client_secret),
    leaseId: String(body.lease_id),
    leaseSeconds: Number(body.lease_duration),
  };
}
