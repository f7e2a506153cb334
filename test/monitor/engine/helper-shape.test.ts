import { expect, test } from 'vitest';
import { portOf } from '../../../monitor/engine/helper-shape.ts';

const led = (HostIp: string, HostPort: string) => portOf({ '7373/tcp': [{ HostIp, HostPort }] });

test('the port that leads to the helper is one of the loopback, and one that there is', () => {
  expect(led('127.0.0.1', '32768')).toBe(32_768);
  expect(led('127.0.0.1', '65535')).toBe(65_535);
  for (const port of ['', '0', '65536', '99999', '123456', '-1', '1e3', ' 80', '0x50']) {
    expect(led('127.0.0.1', port)).toBeUndefined();
  }
  expect(led('0.0.0.0', '32768')).toBeUndefined();
  expect(led('::1', '32768')).toBeUndefined();
  expect(portOf({ '7373/tcp': null })).toBeUndefined();
  expect(portOf({ '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '80' }] })).toBeUndefined();
});
