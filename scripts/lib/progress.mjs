// Says every 15 seconds what we are waiting for, so that a long step never looks like a hang.

const EVERY_MS = 15_000;

/** @returns {string} for example `4.2 s` or `3 min 07 s` */
export function formatSeconds(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/**
 * Awaits `promise` and prints `… what, elapsed` until it settles.
 * @template T
 * @param {string | (() => string)} what
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function withProgress(what, promise) {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const text = typeof what === 'string' ? what : what();
    console.log(`…       ${text}, ${formatSeconds(performance.now() - startedAt)}`);
  }, EVERY_MS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
