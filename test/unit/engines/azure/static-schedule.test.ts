import test from 'ava';
import fc from 'fast-check';
import {
  NO_STATIC_CREDS,
  type StaticCredsRecord,
  type StaticRoleRecord,
  type StaticSecret,
} from '../../../../src/engines/azure/model-static.ts';
import {
  type DueWork,
  dropStaged,
  findDueWork,
  graceMs,
  listOwnSecrets,
  nextChangeAt,
  planStaging,
  promoteStaged,
  releaseSecrets,
  replaceCurrent,
  rotationAt,
  secondsToNextChange,
  secretInForce,
  settleStaged,
  withoutRetired,
} from '../../../../src/engines/azure/static-schedule.ts';

type Terms = Pick<StaticRoleRecord, 'rotationPeriodSeconds' | 'gracePeriodSeconds' | 'isSeamless'>;

const START = new Date('2026-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const PERIOD_MS = 720 * HOUR_MS;
const TERMS: Terms = { rotationPeriodSeconds: 720 * 3600, gracePeriodSeconds: 3600, isSeamless: true };
const at = (ms: number): Date => new Date(START.getTime() + ms);

function secretOf(keyId: string, fields: Partial<StaticSecret> = {}): StaticSecret {
  return {
    tenantId: 't',
    applicationObjectId: 'a',
    clientId: 'c',
    clientSecret: `text of ${keyId}`,
    keyId,
    createdAt: START,
    periodStartsAt: START,
    expiresAt: at(PERIOD_MS),
    isOurs: true,
    ...fields,
  };
}

const withCurrent = (fields: Partial<StaticSecret> = {}): StaticCredsRecord => ({
  ...NO_STATIC_CREDS,
  current: secretOf('k1', fields),
});

function stageNext(terms: Terms, creds: StaticCredsRecord, now: Date): StaticCredsRecord {
  const { startsAt, ...plan } = planStaging(terms, creds.current!, now);
  return { ...creds, staged: { ...secretOf('k2'), ...plan, createdAt: startsAt ?? now } };
}

test('schedule: a secret is rotated at the end of its period, and no later than its end in Azure', (t) => {
  t.deepEqual(rotationAt(TERMS, secretOf('k')), at(PERIOD_MS));
  t.deepEqual(rotationAt({ ...TERMS, rotationPeriodSeconds: 3600 }, secretOf('k')), at(HOUR_MS));
  t.deepEqual(rotationAt(TERMS, secretOf('k', { expiresAt: at(HOUR_MS) })), at(HOUR_MS));
  t.deepEqual(rotationAt(TERMS, secretOf('k', { periodStartsAt: undefined })), at(PERIOD_MS));
});

test('schedule: the next secret is staged with a start a little before it is handed out', (t) => {
  t.deepEqual(planStaging(TERMS, secretOf('k'), START), {
    startsAt: at(PERIOD_MS - HOUR_MS - 5 * MINUTE_MS),
    handedOutFrom: at(PERIOD_MS - HOUR_MS),
    periodStartsAt: at(PERIOD_MS),
    expiresAt: at(2 * PERIOD_MS - HOUR_MS - 5 * MINUTE_MS),
  });
  t.is(planStaging(TERMS, secretOf('k'), at(PERIOD_MS - HOUR_MS - 2 * MINUTE_MS)).startsAt, undefined);
});

test('schedule: readers switch to the staged secret at its time', (t) => {
  const creds = stageNext(TERMS, withCurrent(), START);
  const handOver = PERIOD_MS - HOUR_MS;
  t.is(secretInForce(creds, at(handOver - 1))?.keyId, 'k1');
  t.is(secretInForce(creds, at(handOver))?.keyId, 'k2');
  t.deepEqual(nextChangeAt(TERMS, creds, START), at(handOver));
  t.deepEqual(nextChangeAt(TERMS, creds, at(handOver)), at(2 * PERIOD_MS - 2 * HOUR_MS - 5 * MINUTE_MS));
  t.is(nextChangeAt(TERMS, NO_STATIC_CREDS, START), undefined);
});

test('schedule: readers are told when to read again, and while a change is overdue, to ask once a minute or more often', (t) => {
  const creds = stageNext(TERMS, withCurrent(), START);
  t.is(secondsToNextChange(TERMS, creds, at(500)), 720 * 3600 - 3600 - 1);
  const late = at(PERIOD_MS - HOUR_MS - 1);
  const terms = { ...TERMS, isSeamless: false };
  t.is(secondsToNextChange(terms, withCurrent(), late), 60);
  t.is(secondsToNextChange({ ...terms, gracePeriodSeconds: 20 }, withCurrent(), at(PERIOD_MS)), 20);
  t.is(secondsToNextChange({ ...terms, gracePeriodSeconds: -1 }, withCurrent(), at(PERIOD_MS)), 1);
});

const due = test.macro<
  [terms: Partial<Terms>, creds: StaticCredsRecord, ms: number, expected: DueWork['type'] | undefined]
>((t, terms, creds, ms, expected) => {
  t.is(findDueWork({ ...TERMS, ...terms }, creds, at(ms))?.type, expected);
});
const retired = (removeAt: Date) => [
  { tenantId: 't', applicationObjectId: 'a', keyId: 'k0', createdAt: START, removeAt },
];
test('due: nothing for a role without a secret', due, {}, NO_STATIC_CREDS, 0, undefined);
test(
  'due: nothing for a secret that was imported without its text',
  due,
  {},
  withCurrent({ clientSecret: '' }),
  PERIOD_MS,
  undefined,
);
test('due: staging as soon as there is a secret', due, {}, withCurrent(), 0, 'stage');
test('due: no staging without seamless rotation', due, { isSeamless: false }, withCurrent(), 0, undefined);
test(
  'due: no staging while an old secret is there',
  due,
  {},
  { ...withCurrent(), retired: retired(at(HOUR_MS)) },
  0,
  undefined,
);
test(
  'due: removal when the grace period is over',
  due,
  {},
  { ...withCurrent(), retired: retired(at(HOUR_MS)) },
  HOUR_MS,
  'remove',
);
test('due: nothing while the staged secret waits', due, {}, stageNext(TERMS, withCurrent(), START), HOUR_MS, undefined);
test('due: nothing in the grace period', due, {}, stageNext(TERMS, withCurrent(), START), PERIOD_MS - 1, undefined);
test('due: promotion at the end of the period', due, {}, stageNext(TERMS, withCurrent(), START), PERIOD_MS, 'promote');
test(
  'due: a staged secret that does not fit the grace period goes',
  due,
  { gracePeriodSeconds: 300 },
  stageNext(TERMS, withCurrent(), START),
  HOUR_MS,
  'unstage',
);
test(
  'due: a staged secret goes when seamless rotation is switched off',
  due,
  { isSeamless: false },
  stageNext(TERMS, withCurrent(), START),
  HOUR_MS,
  'unstage',
);
test(
  'due: a staged secret that readers have stays, whatever the role says',
  due,
  { isSeamless: false, gracePeriodSeconds: 300 },
  stageNext(TERMS, withCurrent(), START),
  PERIOD_MS - HOUR_MS,
  undefined,
);
test(
  'due: replacement comes before removal',
  due,
  { isSeamless: false },
  { ...withCurrent(), retired: retired(START) },
  PERIOD_MS - HOUR_MS,
  'replace',
);

test('schedule: of a staged secret that readers have, the old one ends with its period', (t) => {
  const creds = stageNext(TERMS, withCurrent(), START);
  const settled = settleStaged(creds, at(PERIOD_MS - HOUR_MS));
  t.is(settled.current?.keyId, 'k2');
  t.false('handedOutFrom' in settled.current!);
  t.like(settled.retired, [{ keyId: 'k1', removeAt: at(PERIOD_MS) }]);
  const dropped = settleStaged(creds, START);
  t.is(dropped.current?.keyId, 'k1');
  t.like(dropped.retired, [{ keyId: 'k2', removeAt: START }]);
  t.is(settleStaged(withCurrent(), START).retired.length, 0);
});

test('schedule: released, the engine’s secrets go after the grace period and imported ones are left alone', (t) => {
  const creds = stageNext(TERMS, withCurrent(), START);
  const own = releaseSecrets(TERMS, creds, undefined, START);
  t.is(own.current, undefined);
  t.deepEqual(
    own.retired.map(({ keyId, removeAt }) => [keyId, removeAt]),
    [
      ['k2', START],
      ['k1', at(HOUR_MS)],
    ],
  );
  t.deepEqual(releaseSecrets(TERMS, withCurrent({ isOurs: false }), undefined, START).retired, []);
  t.deepEqual(
    releaseSecrets(TERMS, creds, 'k1', START).retired.map(({ keyId }) => keyId),
    ['k2'],
  );
});

test('schedule: with the role goes everything but an imported secret in force', (t) => {
  const creds = { ...stageNext(TERMS, withCurrent({ isOurs: false }), START), retired: retired(START) };
  t.deepEqual(
    listOwnSecrets(creds).map(({ keyId }) => keyId),
    ['k2', 'k0'],
  );
});

/** A role's life, with the passwords that Azure has: what the minute work does, done at once. */
class Life {
  now = START;
  creds: StaticCredsRecord;
  readonly azure = new Map<string, { startsAt: Date; expiresAt: Date }>();
  /** When a secret was answered last. */
  readonly lastAnswered = new Map<string, Date>();
  /** Of removed passwords: when they stopped to be good. */
  readonly ended: { endedAt: Date; lastAnswered: Date | undefined }[] = [];
  terms: Terms;
  #made = 0;

  constructor(terms: Terms) {
    this.terms = terms;
    this.creds = NO_STATIC_CREDS;
    this.rotate();
  }

  rotate(): void {
    this.creds = settleStaged(this.creds, this.now);
    const expiresAt = new Date(this.now.getTime() + this.terms.rotationPeriodSeconds * 1000);
    const secret = this.#make({ periodStartsAt: this.now, expiresAt }, this.now);
    this.creds = replaceCurrent(this.terms, this.creds, secret, this.now);
  }

  tick(): void {
    for (;;) {
      const work = findDueWork(this.terms, this.creds, this.now);
      if (work === undefined) return;
      switch (work.type) {
        case 'promote':
          this.creds = promoteStaged(this.creds);
          break;
        case 'replace':
          this.rotate();
          break;
        case 'unstage':
          this.creds = dropStaged(this.creds, this.now);
          break;
        case 'remove':
          for (const { keyId } of work.retired) {
            const { expiresAt } = this.azure.get(keyId)!;
            this.azure.delete(keyId);
            const endedAt = expiresAt < this.now ? expiresAt : this.now;
            this.ended.push({ endedAt, lastAnswered: this.lastAnswered.get(keyId) });
          }
          this.creds = withoutRetired(
            this.creds,
            work.retired.map(({ keyId }) => keyId),
          );
          break;
        case 'stage': {
          const { startsAt, ...plan } = planStaging(this.terms, work.current, this.now);
          this.creds = { ...this.creds, staged: { ...this.#make(plan, startsAt ?? this.now), ...plan } };
        }
      }
    }
  }

  /** The secret that a reader gets, which must be good. */
  read(): string {
    const secret = secretInForce(this.creds, this.now);
    const password = this.azure.get(secret?.keyId ?? '');
    if (secret === undefined || password === undefined) throw new Error('there is no secret');
    if (password.startsAt > this.now) throw new Error('not good yet');
    if (password.expiresAt <= this.now) throw new Error('not good any more');
    this.lastAnswered.set(secret.keyId, this.now);
    return secret.keyId;
  }

  /** Times at which something can change. */
  nextEvent(): Date {
    const { current, staged } = this.creds;
    const times = [
      nextChangeAt(this.terms, this.creds, this.now),
      current && rotationAt(this.terms, current),
      staged?.handedOutFrom,
      staged?.periodStartsAt,
      ...this.creds.retired.map(({ removeAt }) => removeAt),
    ].flatMap((time) => (time !== undefined && time > this.now ? [time.getTime()] : []));
    return new Date(Math.min(this.now.getTime() + 24 * HOUR_MS, ...times));
  }

  #make(times: { periodStartsAt: Date; expiresAt: Date }, startsAt: Date): StaticSecret {
    const lifeMs = times.expiresAt.getTime() - startsAt.getTime();
    if (lifeMs > this.terms.rotationPeriodSeconds * 1000) throw new Error('it lives longer than a period');
    const keyId = `k${++this.#made}`;
    this.azure.set(keyId, { startsAt, expiresAt: times.expiresAt });
    return secretOf(keyId, { createdAt: this.now, ...times });
  }
}

const anyTerms = fc
  .record({
    rotationPeriodSeconds: fc.integer({ min: 720 * 3600, max: 4 * 720 * 3600 }),
    graceFraction: fc.double({ min: 0, max: 1, noNaN: true }),
    isWithoutGrace: fc.boolean(),
    isSeamless: fc.boolean(),
  })
  .map(({ rotationPeriodSeconds, graceFraction, isWithoutGrace, isSeamless }) => ({
    rotationPeriodSeconds,
    gracePeriodSeconds: isWithoutGrace
      ? -1
      : Math.max(1, Math.floor(((rotationPeriodSeconds - 3600) / 2) * graceFraction)),
    isSeamless,
  }));

/** Between two looks of the engine, ms. */
const anyDelayMs = fc.integer({ min: 0, max: MINUTE_MS });
const anyDisturbance = fc.constantFrom('none', 'none', 'none', 'rotate', 'change');

test('schedule: whoever asks at any time gets a secret that is good, for as long as the grace period at least', (t) => {
  fc.assert(
    fc.property(
      anyTerms,
      anyTerms,
      fc.array(fc.record({ delayMs: anyDelayMs, disturbance: anyDisturbance }), { minLength: 60, maxLength: 160 }),
      (terms, otherTerms, steps) => {
        const life = new Life(terms);
        life.read();
        let smallestGraceMs = graceMs(terms);
        for (const { delayMs, disturbance } of steps) {
          const event = life.nextEvent();
          // A reader just before and just when something may change, and the engine up to a minute later.
          life.now = new Date(Math.max(life.now.getTime(), event.getTime() - 1));
          life.read();
          life.now = event;
          life.read();
          life.now = new Date(event.getTime() + delayMs);
          life.read();
          life.tick();
          life.read();
          if (disturbance === 'rotate') life.rotate();
          if (disturbance === 'change') {
            life.terms = life.terms === terms ? otherTerms : terms;
            smallestGraceMs = Math.min(graceMs(terms), graceMs(otherTerms));
          }
          life.read();
        }
        for (const { endedAt, lastAnswered } of life.ended) {
          if (lastAnswered === undefined) continue;
          const graceLeftMs = endedAt.getTime() - lastAnswered.getTime();
          if (graceLeftMs < smallestGraceMs) throw new Error(`cut off after ${graceLeftMs} ms`);
        }
        const { current, staged, retired: old } = life.creds;
        const named = [current, staged, ...old].flatMap((secret) => secret?.keyId ?? []).sort();
        if (named.join() !== [...life.azure.keys()].sort().join()) throw new Error('a password that no record names');
      },
    ),
    { seed: 20261127, numRuns: 200 },
  );
  t.pass();
});
