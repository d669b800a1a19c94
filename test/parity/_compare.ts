/** Compares two answers member by member, once what differs by nature (ids, secrets, times) has been made equal. */
import type { Untyped } from '../host/host-api.ts';

/** One member that differs. Values are JSON texts; `absent` stands for a member that is not there. */
export interface Discrepancy {
  /** For example `body.data.tags.0`. */
  readonly at: string;
  readonly theirs: string;
  readonly ours: string;
}

export interface Comparison {
  /** Names the pair of requests: `roles: tags "a b"`. */
  readonly pair: string;
  /** Empty: the answers are equal. */
  readonly discrepancies: readonly Discrepancy[];
}

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
/** The last part of a lease id. */
const LEASE = /(?<=creds\/[^/]+\/)[A-Za-z0-9]{20,}/g;
/** Up to ten seconds less than a full minute, in the form that the host gives a duration in a text. */
const NEARLY_MINUTES = /\b(?:(\d+)h)?(\d+)m5\ds\b/g;
const SECRET_MEMBERS = ['client_secret', 'token', 'accessor', 'wrapped_accessor'];
/** Seconds that are left. */
const COUNTDOWN_MEMBERS = ['ttl', 'lease_duration'];

export interface Naming {
  /** Path of the mount that answered, without a slash at the end. */
  readonly mountPath: string;
  /** Ids that both answers must have alike, for example those of the seeded tenant. */
  readonly knownIds: ReadonlySet<string>;
}

/** Everything of an answer that two equal plugins have alike. */
export function normalize(value: Untyped, naming: Naming): Untyped {
  if (typeof value === 'string') return normalizeText(value, naming);
  if (Array.isArray(value)) return value.map((item) => normalize(item, naming));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'request_id')
      .map(([name, member]) => [name, normalizeMember(name, member, naming)]),
  );
}

function normalizeMember(name: string, member: Untyped, naming: Naming): Untyped {
  if (SECRET_MEMBERS.includes(name) && member !== '') return `<${typeof member}>`;
  if (COUNTDOWN_MEMBERS.includes(name) && typeof member === 'number') return toFullMinutes(member);
  return normalize(member, naming);
}

/** A lease that was looked at a few seconds later has a few seconds less: up to ten are given back. */
function toFullMinutes(seconds: number): number {
  const missing = (60 - (seconds % 60)) % 60;
  return missing <= 10 ? seconds + missing : seconds;
}

function normalizeText(text: string, { mountPath, knownIds }: Naming): string {
  return text
    .replaceAll(`${mountPath}/`, '<mount>/')
    .replaceAll(GUID, (id) => (knownIds.has(id.toLowerCase()) ? id : '<guid>'))
    .replaceAll(TIME, '<time>')
    .replaceAll(LEASE, '<lease>')
    .replaceAll(NEARLY_MINUTES, (_, hours: string | undefined, minutes: string) => {
      const total = Number(hours ?? 0) * 60 + Number(minutes) + 1;
      const parts = [`${Math.floor(total / 60)}h`, `${total % 60}m`];
      return parts.filter((part) => !part.startsWith('0')).join('');
    });
}

/** The members in which two normalized values differ, in order. */
export function findDiscrepancies(theirs: Untyped, ours: Untyped, at = ''): Discrepancy[] {
  if (isList(theirs) && isList(ours)) return compareMembers(byIndex(theirs), byIndex(ours), at);
  if (isRecord(theirs) && isRecord(ours)) return compareMembers(theirs, ours, at);
  const [left, right] = [describe(theirs), describe(ours)];
  return left === right ? [] : [{ at, theirs: left, ours: right }];
}

function compareMembers(
  theirs: Readonly<Record<string, Untyped>>,
  ours: Readonly<Record<string, Untyped>>,
  at: string,
): Discrepancy[] {
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  return names.flatMap((name) => findDiscrepancies(theirs[name], ours[name], at === '' ? name : `${at}.${name}`));
}

const byIndex = (list: readonly Untyped[]): Readonly<Record<string, Untyped>> =>
  Object.fromEntries(list.map((item, index) => [String(index), item]));

const isList = (value: Untyped): value is readonly Untyped[] => Array.isArray(value);

const isRecord = (value: Untyped): value is Readonly<Record<string, Untyped>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** With members in the order of their names: an order that JSON does not have is no difference. */
function describe(value: Untyped): string {
  if (value === undefined) return 'absent';
  return JSON.stringify(value, (_name, member: Untyped) =>
    isRecord(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
