/** Two writes to one object at nearly the same time: the directory refuses the second. */

export class WriteCollisions {
  readonly #lastWrites = new Map<string, number>();

  /** Notes a write. @returns whether it collides with one less than `windowMs` before it; then it is not noted. */
  collides(objectId: string, nowMs: number, windowMs: number): boolean {
    if (windowMs === 0) return false;
    const last = this.#lastWrites.get(objectId);
    if (last !== undefined && nowMs - last < windowMs) return true;
    this.#lastWrites.set(objectId, nowMs);
    return false;
  }
}
