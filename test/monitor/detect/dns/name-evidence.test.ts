import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letterTable } from '../../../../monitor/detect/dns/letter-table.ts';
import { letterCount } from '../../../../monitor/detect/dns/letters.ts';
import { evidenceOf } from '../../../../monitor/detect/dns/name-evidence.ts';
import { splitName } from '../../../../monitor/detect/dns/registered-domain.ts';

describe('the evidence in a name', () => {
  it.each([
    'packages.example.org',
    'deb.debian.org',
    'objects.githubusercontent.com',
    'ec2-52-23-10-1.compute-1.amazonaws.com',
    'my-bucket.s3.eu-central-1.amazonaws.com',
    '_acme-challenge.example.com',
    'settings-win.data.microsoft.com',
    'autodiscover.customer-portal.example.co.uk',
    'blog.thelearningchambers.example.org',
  ])('is next to nothing in the ordinary name %s', (name) => {
    expect(evidenceOf(name).nats).toBeLessThan(3);
  });

  it.each([
    ['base32', 'mzxw6ytboi4dsnzrgm2tcobqge3tmnjsgq.t.example.org'],
    ['base64', 'QWxsIHlvdXIgYmFzZSBhcmUgYmVsb25nIHRv.t.example.org'],
    ['hexadecimal', '4a99fd44e6d05b720c049b45b2369f1377ab0c.t.example.org'],
    ['raw bytes', '0ycdn82\\2022hb\\190\\238k\\214rm\\194\\215\\228.t.example.org'],
  ])('is much in a name that carries %s', (_, name) => {
    expect(evidenceOf(name).nats).toBeGreaterThan(25);
  });

  it('does not come from what somebody registered, nor from a tenant’s name at a provider', () => {
    expect(evidenceOf('xkqzjwvbhq.com').nats).toBe(0);
    expect(evidenceOf('d38psrni17bvxu.cloudfront.net').nats).toBe(0);
    expect(evidenceOf('www.xn--80ak6aa92e.com').nats).toBeLessThan(1);
  });

  it('does not come from reverse look-ups, nor from names that are answered at home', () => {
    const nibbles = Array.from({ length: 32 }, (_, index) => (index % 16).toString(16)).join('.');
    expect(evidenceOf('34.216.58.216.in-addr.arpa').nats).toBeLessThan(1);
    expect(evidenceOf(`${nibbles}.ip6.arpa`).nats).toBeLessThan(2);
    expect(evidenceOf('web-6d4b75cb6d-hx2k9.default.svc.cluster.local').nats).toBeLessThan(3);
    // A message in the place of an address is a message.
    expect(evidenceOf('mzxw6ytboi4dsnzrgm2tcobqge3tmnjsgq.ip6.arpa').nats).toBeGreaterThan(25);
  });

  it('is half for an international label, whose letters are odd by nature', () => {
    const [plain, international] = ['h1aaqajhazq', 'xn--h1aaqajhazq'].map(
      (label) => evidenceOf(`${label}.example.org`).nats,
    );
    expect(international).toBeLessThan(0.7 * (plain ?? 0));
  });

  it('is not talked down by ordinary words around it', () => {
    const message = 'mzxw6ytboi4dsnzrgm2tcobqge3tmnjsgq';
    const alone = evidenceOf(`${message}.example.org`).nats;
    const dressed = `customer.information.${message}.support.portal.example.org`;
    expect(evidenceOf(dressed).nats).toBeGreaterThan(alone);
  });

  it('does not depend on case, which resolvers scramble, nor on the final dot', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.-]{1,60}$/), (name) => {
        expect(evidenceOf(name.toUpperCase())).toEqual(evidenceOf(name));
        expect(evidenceOf(`${name}.`)).toEqual(evidenceOf(name));
      }),
    );
  });

  it('is a finite number, never below nothing, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 3000 })),
        (name) => {
          const { nats } = evidenceOf(name);
          expect(Number.isFinite(nats) && nats >= 0).toBe(true);
        },
      ),
    );
  });
});

describe('a name is split where it changes hands', () => {
  it.each([
    ['a.b.example.org', 'example.org', ['a', 'b']],
    ['www.example.co.uk.', 'example.co.uk', ['www']],
    ['x.tenant.github.io', 'tenant.github.io', ['x']],
    ['example.org', 'example.org', []],
    ['localhost', 'localhost', []],
    ['', '', []],
    ['...', '', []],
    ['one\\.label.example.org', 'example.org', ['one\uFFFDlabel']],
  ])('%s', (name, owner, labels) => {
    expect(splitName(name)).toEqual({ owner, labels });
  });
});

describe('the table of letters', () => {
  it('holds a probability for every pair, and each row sums to one', () => {
    expect(letterTable).toHaveLength(letterCount);
    for (const row of letterTable) {
      const shares = Array.from({ length: letterCount }, (_, next) =>
        Math.exp(-Number.parseInt(row.slice(2 * next, 2 * next + 2), 36) / 16),
      );
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 1);
    }
  });
});
