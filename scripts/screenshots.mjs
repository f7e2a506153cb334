import { ensureShellBuilt } from './build-shell.mjs';
import { runOnOwnNode, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm run screenshots`: every screen of the window, light and dark, into docs/screenshots/. The
// containers on them are the simulator's.
await runScript(async () => {
  await ensureDependencies();
  if (process.send === undefined) {
    await ensureShellBuilt();
    return runOnOwnNode('screenshots.mjs', []);
  }
  const { takeScreenshots } = await import('../test/e2e/screenshots.ts');
  await takeScreenshots((text) => process.stdout.write(`${text}\n`));
  process.disconnect();
  return 0;
});
