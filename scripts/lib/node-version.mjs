// Refuses an old Node with one clear line, before anything newer than its syntax is loaded.

const FLOOR = [20, 19];

/** Ends the process with 1 when this Node is older than the one package.json asks for. */
export function requireNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])) return;
  console.error(`Node ${FLOOR.join('.')} or newer is needed; this is ${process.versions.node} (${process.execPath}).`);
  process.exit(1);
}
