/**
 * Servers that answer DNS over HTTPS or TLS for everybody. Whoever reaches one resolves any name past
 * the guard, so that a rule about the names below a domain (`*.google.com`) does not let them through;
 * a rule about the name itself, or about what is below it, does. Public resolvers as their operators
 * and the lists of browsers name them; it cannot be complete, and need not be: all else is denied
 * where no rule allows it.
 */
const hosts: readonly string[] = [
  'dns.google',
  'dns.google.com',
  'dns64.dns.google',
  'cloudflare-dns.com',
  'dns.cloudflare.com',
  'one.one.one.one',
  'cloudflare-gateway.com',
  'dns.quad9.net',
  'dns9.quad9.net',
  'dns10.quad9.net',
  'dns11.quad9.net',
  'dns12.quad9.net',
  'doh.opendns.com',
  'dns.opendns.com',
  'dns.umbrella.com',
  'doh.umbrella.com',
  'doh.familyshield.opendns.com',
  'dns.nextdns.io',
  'anycast.dns.nextdns.io',
  'dns.adguard.com',
  'dns.adguard-dns.com',
  'dns-family.adguard.com',
  'dns-unfiltered.adguard.com',
  'unfiltered.adguard-dns.com',
  'family.adguard-dns.com',
  'doh.cleanbrowsing.org',
  'dns.mullvad.net',
  'doh.mullvad.net',
  'dns.controld.com',
  'freedns.controld.com',
  'dns0.eu',
  'doh.dns.sb',
  'dot.sb',
  'dns.alidns.com',
  'doh.pub',
  'dot.pub',
  'doh.360.cn',
  'dns.switch.ch',
  'doh.libredns.gr',
  'doh.applied-privacy.net',
  'dns.digitale-gesellschaft.ch',
  'odvr.nic.cz',
  'doh.ffmuc.net',
  'doh.xfinity.com',
  'private.canadianshield.cira.ca',
  'protected.canadianshield.cira.ca',
  'family.canadianshield.cira.ca',
  'dns.twnic.tw',
  'public.dns.iij.jp',
];

/** The names of public resolvers, in lower case. */
export const dohHosts: ReadonlySet<string> = new Set(hosts);
