/** The control API: reads the tenant and the log, changes settings, faults and the clock. Plain HTTP on loopback. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isJsonArray, isJsonObject, parseJsonObject, parseJson, type JsonObject, type JsonValue } from '../json.ts';
import type { Emulator } from '../emulator.ts';
import { parseFault, type FaultHandle } from '../faults.ts';
import { parseSettingsChange } from '../settings.ts';

interface ControlCall {
  readonly emulator: Emulator;
  readonly query: URLSearchParams;
  /** The last segment where the route has one to fill. */
  readonly id: string;
  readonly body: string;
}

interface ControlRoute {
  readonly method: string;
  readonly pattern: RegExp;
  answer(call: ControlCall): object;
}

const ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    pattern: /^\/_emulator\/tenant$/,
    answer: ({ emulator, query }) => emulator.snapshot({ secrets: query.get('secrets') === 'true' }),
  },
  {
    method: 'GET',
    pattern: /^\/_emulator\/calls$/,
    answer: ({ emulator, query }) => emulator.calls(Number(query.get('after') ?? 0)),
  },
  {
    method: 'DELETE',
    pattern: /^\/_emulator\/calls$/,
    answer: ({ emulator }) => {
      emulator.clearCalls();
      return {};
    },
  },
  { method: 'GET', pattern: /^\/_emulator\/settings$/, answer: ({ emulator }) => showSettings(emulator) },
  { method: 'POST', pattern: /^\/_emulator\/settings$/, answer: changeSettings },
  {
    method: 'GET',
    pattern: /^\/_emulator\/faults$/,
    answer: ({ emulator }) => emulator.faults.list().map(showFault),
  },
  { method: 'POST', pattern: /^\/_emulator\/faults$/, answer: addFaults },
  {
    method: 'DELETE',
    pattern: /^\/_emulator\/faults$/,
    answer: ({ emulator }) => {
      emulator.faults.clear();
      return {};
    },
  },
  {
    method: 'DELETE',
    pattern: /^\/_emulator\/faults\/([^/]+)$/,
    answer: ({ emulator, id }) => ({ removed: emulator.faults.remove(id) }),
  },
  { method: 'POST', pattern: /^\/_emulator\/managedIdentities$/, answer: addManagedIdentity },
  {
    method: 'POST',
    pattern: /^\/_emulator\/reset$/,
    answer: ({ emulator }) => {
      emulator.reset();
      return {};
    },
  },
];

export function createControlServer(emulator: Emulator): Server {
  return createServer((request, response) => {
    void readBody(request)
      .then((body) => answer(emulator, request, body))
      .catch((error: unknown) => ({
        status: 400,
        body: { error: error instanceof Error ? error.message : String(error) },
      }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
      });
  });
}

function answer(emulator: Emulator, request: IncomingMessage, body: string): { status: number; body: object } {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  for (const route of ROUTES) {
    const match = route.method === request.method ? route.pattern.exec(url.pathname) : null;
    if (match === null) continue;
    return { status: 200, body: route.answer({ emulator, query: url.searchParams, id: match[1] ?? '', body }) };
  }
  return { status: 404, body: { error: `no route ${request.method ?? ''} ${url.pathname}` } };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function showSettings(emulator: Emulator): object {
  return { ...emulator.settings, clock: { now: emulator.clock.now().toISOString() } };
}

/** Settings of settings.ts, and `clock`: `{"advanceMs": 60000}` or `{"now": "2030-01-01T00:00:00Z"}`. */
function changeSettings({ emulator, body }: ControlCall): object {
  const { clock, ...rest } = parseJsonObject(body);
  const change = parseSettingsChange(rest);
  if (clock !== undefined) moveClock(emulator, clock);
  emulator.changeSettings(change);
  return showSettings(emulator);
}

function moveClock(emulator: Emulator, change: JsonValue): void {
  const { advanceMs, now }: JsonObject = isJsonObject(change) ? change : {};
  if (typeof advanceMs === 'number' && Number.isFinite(advanceMs)) emulator.clock.advance(advanceMs);
  else if (typeof now === 'string' && !Number.isNaN(new Date(now).getTime())) emulator.clock.moveTo(new Date(now));
  else throw new Error('clock must hold advanceMs (a number) or now (an ISO 8601 time)');
}

/** `{"displayName": "…", "isSystemAssigned": true}`, both optional. */
function addManagedIdentity({ emulator, body }: ControlCall): object {
  const { displayName, isSystemAssigned } = parseJsonObject(body);
  return emulator.addManagedIdentity({
    ...(typeof displayName === 'string' && { displayName }),
    isSystemAssigned: isSystemAssigned === true,
  });
}

function addFaults({ emulator, body }: ControlCall): object {
  const value = parseJson(body);
  const faults = (isJsonArray(value) ? value : [value]).map(parseFault);
  return faults.map((fault) => showFault(emulator.faults.add(fault)));
}

function showFault(handle: FaultHandle): object {
  return { id: handle.id, seen: handle.seen(), fired: handle.fired(), ...handle.fault };
}
