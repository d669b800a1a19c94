/** A program: has both host tools found or built, and says on stdout where they are. Exit code 1 when one is missing. */
import { ensureTool } from './build-tool.ts';
import { GO_PLUGIN, VAULT } from './host-tools.ts';

const failures: string[] = [];
for (const tool of [VAULT, GO_PLUGIN]) {
  try {
    const file = await ensureTool(tool, process.env, (line) => console.log(line));
    console.log(`${tool.title}: ${file}`);
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
