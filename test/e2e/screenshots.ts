import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startDesktop } from './desktop.ts';
import { furtherViews, screens } from './screens.ts';

const pictured = [...screens, ...furtherViews.filter(({ name }) => name === 'egress-list')];

const folder = join(import.meta.dirname, '../../docs/screenshots');

/** Puts one container under a list, so that its egress has something to show. */
async function guardOne(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
  await page.getByRole('radio', { name: 'Observe' }).click();
  await page.getByRole('radio', { name: 'Allow-list' }).check();
  for (const preset of ['anthropic', 'crates', 'github']) {
    await page.getByLabel('Use a preset or profile').selectOption(preset);
    await page.getByRole('button', { name: `Use ${preset}` }).click();
    await page.getByRole('button', { name: `Take the profile ${preset} out` }).waitFor();
  }
  await page.getByRole('radio', { name: 'Enforce' }).click();
}

/** Has another container ask, so that something is held. */
async function askOne(page: Page): Promise<void> {
  await page.getByRole('list', { name: 'Containers' }).getByRole('button').nth(2).click();
  await page.getByRole('radio', { name: 'Ask' }).click();
  await page.getByRole('article').first().waitFor();
}

/** Takes a picture of every screen, light and dark, of the simulated engine a while after its start. */
export async function takeScreenshots(say: (text: string) => void): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const desktop = startDesktop({ monitor: { simulate: true, learnMs: 20_000 } });
  try {
    const page = await desktop.openPage();
    // The hint for who is new would stand over the list in one picture and not in the other.
    await page.getByRole('button', { name: 'Not now' }).click();
    await guardOne(page);
    say('Letting the simulated containers run for 75 seconds, so that there is something to see …');
    await page.waitForTimeout(75_000);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const { name, go } of pictured) {
        await go(page);
        // A grave one says more than the latest.
        const grave = page
          .getByRole('option')
          .filter({ hasText: /high|critical|medium/ })
          .first();
        if (name === 'findings' && (await grave.count()) > 0) await grave.click();
        if (name === 'first-steps') {
          await page.getByRole('button', { name: 'Look back over 7 days' }).click();
          await page.getByText(/^Tried on/).waitFor();
        }
        // Charts are drawn in the next frame.
        await page.waitForTimeout(1200);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
        say(`docs/screenshots/${name}-${colorScheme}.png`);
      }
    }
    await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
    await askOne(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(1200);
      await page.screenshot({ path: join(folder, `egress-held-${colorScheme}.png`) });
      say(`docs/screenshots/egress-held-${colorScheme}.png`);
    }
  } finally {
    await desktop.end();
  }
}
