import { runOnOwnNode, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm run bench` lists the benches; `npm run bench -- NAME [--json] [--short]` runs one.
await runScript(async () => {
  await ensureDependencies();
  return runOnOwnNode('bench-run.mjs', process.argv.slice(2));
});
