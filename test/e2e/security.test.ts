import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith } from '../engine/capabilities.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

describeWith(['chromium'], 'A page of Sentra', () => {
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    desktop = startDesktop({ monitor: { simulate: true } });
    page = await desktop.openPage();
  });

  afterAll(async () => {
    await desktop.end();
  });

  const kept = 'A page wanted to go elsewhere and was kept.';
  const logged = async (words: string): Promise<void> => {
    await until(() => (desktop.log.join('').includes(words) ? true : undefined), words, 5000);
  };

  test('has no Node and none of Electron, only the functions of the contract.', async () => {
    const seen = await page.evaluate(() => ({
      node: ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron'].filter(
        (name) => name in globalThis,
      ),
      isFrozen: Object.isFrozen((globalThis as { sentra?: object }).sentra),
      kinds: [
        ...new Set(
          Object.values((globalThis as { sentra?: object }).sentra ?? {}).map((v) => typeof v),
        ),
      ],
    }));
    expect(seen).toEqual({ node: [], isFrozen: true, kinds: ['function'] });
  });

  test('stays where it is.', async () => {
    const before = page.url();
    await page.evaluate(() => {
      location.href = 'https://evil.example/';
    });
    await logged(kept);
    // Not even within its own origin, by which it could be served.
    await page.evaluate(() => {
      location.href = '/other.html';
    });
    await until(
      () => (desktop.log.join('').split(kept).length === 3 ? true : undefined),
      'the second refusal',
    );
    expect(page.url()).toBe(before);
    await page.getByRole('main').waitFor();
  });

  test('opens no window.', async () => {
    await page.evaluate(() => void window.open('https://evil.example/'));
    await logged('A page wanted to open a window and was refused.');
    await until(() => (page.context().pages().length === 1 ? true : undefined), 'one page only');
    expect(desktop.opened).toEqual([]);
  });

  test('gets no permission.', async () => {
    const states = await page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone'] as const;
      return Promise.all(
        names.map(async (name) => (await navigator.permissions.query({ name })).state),
      );
    });
    expect(states).not.toContain('granted');
    const located = await page.evaluate(
      () =>
        new Promise((resolve) =>
          navigator.geolocation.getCurrentPosition(
            () => resolve('located'),
            () => resolve('refused'),
          ),
        ),
    );
    expect(located).toBe('refused');
  });

  test('reaches nothing outside, and runs nothing that is not its own.', async () => {
    const happened = await page.evaluate(async () => {
      const violations: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) =>
        violations.push(event.effectiveDirective),
      );
      const fetched = await fetch('https://evil.example/').then(
        () => 'fetched',
        () => 'refused',
      );
      const script = document.createElement('script');
      let assigned = 'assigned';
      try {
        script.textContent = 'window.owned = true';
      } catch {
        assigned = 'refused';
      }
      document.head.append(script);
      const image = document.createElement('img');
      image.src = 'https://evil.example/pixel.png';
      document.body.append(image);
      const frame = document.createElement('iframe');
      frame.src = 'https://evil.example/';
      document.body.append(frame);
      // In a turn of its own: what the test itself evaluates is exempt from the policy.
      const evaluated = await new Promise((resolve) => {
        setTimeout(() => {
          try {
            // eslint-disable-next-line @typescript-eslint/no-implied-eval
            resolve(typeof new Function('return 1'));
          } catch {
            resolve('refused');
          }
        });
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const element of [script, image, frame]) element.remove();
      return { fetched, assigned, evaluated, owned: 'owned' in window, violations };
    });
    expect(happened).toMatchObject({
      fetched: 'refused',
      assigned: 'refused',
      evaluated: 'refused',
      owned: false,
    });
    expect(happened.violations).toEqual(
      expect.arrayContaining(['connect-src', 'img-src', 'frame-src']),
    );
  });

  test('gets an answer as data for what the contract has not.', async () => {
    const answers = await page.evaluate(async () => {
      const sentra = (
        globalThis as unknown as { sentra: Record<string, (of: unknown) => Promise<unknown>> }
      ).sentra;
      return [
        await sentra['kill']?.({ target: 'x', force: true }),
        await sentra['kill']?.({ target: 'x'.repeat(100_000) }),
        await sentra['openHelp']?.({ topic: 'https://evil.example/' }),
      ];
    });
    expect(answers).toMatchObject([
      { ok: false, error: { kind: 'bad-params' } },
      { ok: false, error: { kind: 'too-large' } },
      { ok: false, error: { kind: 'bad-params' } },
    ]);
    expect(desktop.opened).toEqual([]);
  });

  test('hands only addresses of its own list to the browser.', async () => {
    await page.evaluate(async () => {
      const sentra = (
        globalThis as unknown as { sentra: Record<string, (of: unknown) => Promise<unknown>> }
      ).sentra;
      await sentra['openHelp']?.({ topic: 'install-docker' });
    });
    expect(desktop.opened).toEqual(['https://docs.docker.com/engine/install/']);
  });
});
