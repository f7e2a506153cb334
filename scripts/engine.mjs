import { runOnOwnNode, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `node scripts/engine.mjs [COMMAND …]`: runs a command, for example vitest on one file, with a
// private test engine, and removes the engine when it ends. Without a command it waits for Ctrl-C.
await runScript(async () => {
  await ensureDependencies();
  return runOnOwnNode('engine-run.mjs', process.argv.slice(2));
});
