import { reportChecks, runChecks } from './checks.mjs';
import { runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm run check`: types, lint, format, architecture. All run; one that fails fails the whole.
await runScript(async () => {
  await ensureDependencies();
  const results = await runChecks();
  process.stdout.write(`${reportChecks(results)}\n`);
  return results.every(({ passed }) => passed) ? 0 : 1;
});
