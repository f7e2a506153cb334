import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith } from '../engine/capabilities.ts';
import { buildShell, startDesktop, type Desktop } from './desktop.ts';

const written = `version: 1
mode: observe
rules:
  - name: everything
    when: finding.severity >= info
    do: [notify, pause]
`;

describeWith(['chromium'], 'The policy in the window', () => {
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    desktop = startDesktop({ monitor: { simulate: true, learnMs: 1000 }, reducedMotion: true });
    page = await desktop.openPage();
    // What the past holds: the simulated agents misbehave some seconds after they were learned.
    await page.getByRole('navigation').getByRole('button', { name: 'Findings' }).click();
    await page.getByRole('main').getByRole('option').first().waitFor({ timeout: 120_000 });
    await page.getByRole('navigation').getByRole('button', { name: 'Policy' }).click();
    await page.getByRole('heading', { level: 1, name: 'Policy' }).waitFor();
  }, 240_000);

  afterAll(() => desktop.end());

  const part = (name: string) => page.getByRole('radio', { name }).click();
  const editor = () => page.getByRole('textbox', { name: 'Policy text, YAML' });
  const save = () => page.getByRole('button', { name: 'Save…' });
  const file = (): string => {
    const [, path] = /Saving writes (.*)/.exec(saving) ?? [];
    return readFileSync(path ?? join('/', 'nowhere'), 'utf8');
  };
  let saving = '';

  test('the rules in force are sentences, without a word of code.', async () => {
    const rules = page.getByRole('main').getByRole('listitem');
    const first = rules.filter({ hasText: 'contain runaways and escapes' }).first();
    await first
      .getByText(/when a finding is high or worse and is one of Memory runs away, /)
      .waitFor();
    await first.getByText('At most once in 10\u202fmin for each container.').waitFor();
    await rules
      .nth(1)
      .getByText('low or worse, unless it is a case for contain runaways and escapes.')
      .waitFor();
    expect(await rules.locator('code').count()).toBe(0);
  });

  test('an error is told with its line while it is written, and cannot be saved.', async () => {
    await part('Text');
    saving = await page.getByText('Saving writes').innerText();
    await editor().fill('version: 1\nmode: sometimes\nrules: []\n');
    const problem = page.getByRole('main').getByRole('button', { name: /error.*Line 2/ });
    await problem.waitFor();
    expect(await save().isDisabled()).toBe(true);
    await problem.click();
    // The caret goes to the line.
    const line = await editor().evaluate((element) => {
      const { value, selectionStart } = element as HTMLTextAreaElement;
      return value.slice(0, selectionStart).split('\n').length;
    });
    expect(line).toBe(2);
  });

  test('what is right is in force after a yes, and stands in the file.', async () => {
    await editor().fill(written);
    await page.getByText('No problems.').waitFor();
    await save().click();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    // Behind the question nothing is undone.
    await page.keyboard.press('Control+z');
    await question.getByRole('button', { name: 'Save and put in force' }).click();
    await page.getByText('The policy is saved and in force.').waitFor();
    expect(file()).toBe(written);
    // Severities have no word for "any of them": it stands as it is written.
    await part('Rules');
    const rule = page.getByRole('listitem').filter({ hasText: 'everything' });
    expect(await rule.locator('code').innerText()).toBe('finding.severity >= info');
  });

  test('a draft does not take back what was enforced since it was begun.', async () => {
    await part('Text');
    await editor().fill(`${written}# mine\n`);
    await page.getByText('No problems.').waitFor();
    await part('Rules');
    const enforce = page.getByRole('switch', { name: /everything/ });
    await enforce.click();
    await expect.poll(() => enforce.getAttribute('aria-checked')).toBe('true');
    await part('Text');
    await page.getByText('No problems.').waitFor();
    await save().click();
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Save and put in force' }).click();
    await page.getByText('Not saved.', { exact: true }).waitFor();
    expect(file()).toContain('enforce');
    await page.getByRole('button', { name: 'Discard changes' }).click();
    expect(await page.getByText('Not saved.').count()).toBe(0);
    await part('Rules');
    await enforce.click();
    await question.getByRole('button').last().click();
    await expect.poll(() => enforce.getAttribute('aria-checked')).toBe('false');
  });

  test('the preview says what it would have done over the recorded past.', async () => {
    await part('Preview');
    await page.getByRole('button', { name: 'Try on the past' }).click();
    await page.getByText(/^Over .*recorded finding/).waitFor({ timeout: 60_000 });
    const rule = page.getByRole('listitem').filter({ hasText: 'everything' });
    await rule
      .getByText(/would have|paused/i)
      .first()
      .waitFor();
  });

  test('the first steps say what would have been done, and enforce a rule by its switch.', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'First steps' }).click();
    await page.getByRole('button', { name: 'Choose…' }).click();
    await page.getByRole('textbox', { name: 'Names' }).first().waitFor();
    await page.getByRole('button', { name: 'Look back over 7 days' }).click();
    await page.getByText(/^Tried on .*recorded finding/).waitFor({ timeout: 60_000 });
    const enforce = page.getByRole('switch', { name: /everything/ });
    await enforce.click();
    await expect.poll(() => enforce.getAttribute('aria-checked')).toBe('true');
    expect(file()).toContain('enforce');
    // That it only looks on again is asked first.
    await enforce.click();
    await page.getByRole('alertdialog').getByRole('button').last().click();
    await expect.poll(() => enforce.getAttribute('aria-checked')).toBe('false');
    await page.getByRole('navigation').getByRole('button', { name: 'Policy' }).click();
  });

  test('an earlier version is shown against it, and holds again after a yes; a draft stays.', async () => {
    await part('Text');
    await editor().fill(`${written}# mine\n`);
    await part('Versions');
    const versions = page.getByRole('list', { name: 'Versions, newest first' });
    await versions.getByRole('button').last().click();
    const difference = page.getByRole('region', { name: 'Difference' });
    await difference.getByText('name: everything').waitFor();
    await page.getByRole('button', { name: 'Restore…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restore it' }).click();
    await page.getByText('The earlier policy is in force again.').waitFor();
    expect(file()).not.toContain('# mine');
    expect(file()).not.toBe(written);
    expect(file()).toContain('version: 1');
    await page.getByText('There are changes that are not saved.').waitFor();
    await part('Text');
    expect(await editor().inputValue()).toBe(`${written}# mine\n`);
    await page.getByRole('button', { name: 'Discard changes' }).click();
  });
});
