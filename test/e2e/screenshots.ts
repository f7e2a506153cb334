import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startDesktop } from './desktop.ts';
import { screens } from './screens.ts';

const folder = join(import.meta.dirname, '../../docs/screenshots');

/** Takes a picture of every screen, light and dark, of the simulated engine a while after its start. */
export async function takeScreenshots(say: (text: string) => void): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const desktop = startDesktop({ monitor: { simulate: true, learnMs: 20_000 } });
  try {
    const page = await desktop.openPage();
    say('Letting the simulated containers run for 75 seconds, so that there is something to see …');
    await page.waitForTimeout(75_000);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const { name, go } of screens) {
        await go(page);
        // A grave one says more than the latest.
        const grave = page
          .getByRole('option')
          .filter({ hasText: /high|critical|medium/ })
          .first();
        if (name === 'findings' && (await grave.count()) > 0) await grave.click();
        // Charts are drawn in the next frame.
        await page.waitForTimeout(1200);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
        say(`docs/screenshots/${name}-${colorScheme}.png`);
      }
    }
  } finally {
    await desktop.end();
  }
}
