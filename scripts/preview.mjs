import { ensureShellBuilt } from './build-shell.mjs';
import { hasScreen } from './electron.mjs';
import { runOnOwnNode, runScript, SetupError } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm run preview`: the tray app without Electron, its window in Chromium. What stands after `--` is
// as for the tray app: --simulate, --engine, --policy, --state.
await runScript(async () => {
  await ensureDependencies();
  if (process.send === undefined) {
    if (!hasScreen()) {
      throw new SetupError(
        'There is no screen to open Chromium on. "npm run screenshots" needs none.',
      );
    }
    await ensureShellBuilt();
    return runOnOwnNode('preview.mjs', process.argv.slice(2));
  }
  const { findChromium } = await import('../test/host/browser.ts');
  if (findChromium() === undefined) {
    throw new SetupError(
      'There is no Chromium here. Install one, or set SENTRA_CHROMIUM to its path.',
    );
  }
  const { runPreview } = await import('../test/host/preview.ts');
  const code = await runPreview(process.argv.slice(2));
  process.disconnect();
  return code;
});
