import { expect, it } from 'vitest';
import { plainCall } from '../../../../monitor/detect/syscalls/plain-call.ts';

it('a call is named as the kernel’s tables name it, and nothing else of a name is shown', () => {
  expect(plainCall('i386:read')).toBe('i386:read');
  expect(plainCall('`\u001b[31m\n`')).toBe('???31m??');
  expect(plainCall('x'.repeat(300))).toHaveLength(40);
});
