import { expect, test } from 'vitest';
import { questionLines, whereTo } from '../../../../monitor/cli/egress/held-words.ts';
import { fakeQuestion } from '../../rpc/fake-egress-service.ts';

const tcp = (port: number) => ({ protocol: 'tcp', port }) as const;

test('A question names the ports that were tried, a few one by one.', () => {
  expect(whereTo(fakeQuestion())).toBe('api.test, TCP port 443');
  const others = [{ protocol: 'udp', port: 443 } as const, tcp(80), tcp(81), tcp(82)];
  expect(whereTo(fakeQuestion({ others }))).toBe(
    'api.test, TCP port 443, UDP port 443, TCP port 80 and 2 more',
  );
});

test('What waits is told as held; what was refused and is asked about, as just that.', () => {
  const standing = (isHeld: boolean) => questionLines(fakeQuestion({ isHeld }), 0)[1];
  expect(standing(true)).toContain('held for 2 min');
  expect(standing(false)).toContain('was refused, may be allowed from now on');
});
