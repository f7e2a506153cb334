import { expect, test } from 'vitest';
import { shortcuts } from '../../renderer/app/shortcuts.ts';

const closing = (staysInTray: boolean) =>
  shortcuts(staysInTray)
    .flatMap(({ keys }) => keys)
    .find(({ keys }) => keys.includes('W'))?.does;

test('What closing the window does is said as it is, with a tray and without.', () => {
  expect(closing(true)).toContain('watching goes on');
  expect(closing(false)).toContain('ends Sentra');
});
