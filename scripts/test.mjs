import { runOnOwnNode, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm test`: the dependencies first, on whatever Node the machine has; the rest on our own.
await runScript(async () => {
  const begin = performance.now();
  await ensureDependencies();
  const setupMs = String(Math.round(performance.now() - begin));
  return runOnOwnNode('test-run.mjs', [setupMs, ...process.argv.slice(2)]);
});
