import { expect, test } from 'vitest';
import { offersFor } from '../../monitor/egress/ask/offers.ts';
import type { HeldPort, HeldQuestion } from '../../monitor/model/held.ts';
import { firstOffers, offerOf } from '../../renderer/features/egress/held-choice.ts';
import { fakeQuestion } from '../monitor/rpc/fake-egress-service.ts';

/** About `api.test`, with what the monitor offers for these ports. */
function asking(...ports: readonly HeldPort[]): HeldQuestion {
  const [{ protocol, port } = { protocol: 'tcp' as const, port: 443 }, ...others] = ports;
  const question = fakeQuestion({ name: 'www.api.test', protocol, port, others });
  return { ...question, offers: offersFor(question, []) };
}

const web = { protocol: 'tcp', port: 443 } as const;
const quic = { protocol: 'udp', port: 443 } as const;
const shell = { protocol: 'tcp', port: 22 } as const;

test('What is chosen stays the very same rule while the container tries more.', () => {
  const { allow, deny } = firstOffers(asking(web));
  for (const more of [asking(web, quic), asking(web, quic, shell), asking(web, shell)]) {
    expect(offerOf(more, allow)?.rule).toEqual({
      ...{ verdict: 'allow', target: 'www.api.test' },
      ...{ protocol: 'tcp', port: 443 },
    });
    expect(offerOf(more, deny)?.rule).toEqual({ verdict: 'deny', target: 'www.api.test' });
  }
});

test('What is offered no more is no choice.', () => {
  const { allow } = firstOffers(asking(web));
  expect(offerOf(asking(shell), allow)).toBeUndefined();
  expect(offerOf(asking(shell), '')).toBeUndefined();
});
