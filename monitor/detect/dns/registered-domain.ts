/** A name split where it changes hands: who runs its name servers, and what they are asked. */
export interface SplitName {
  /** The domain somebody registered, or rents from a provider. Lower case. */
  readonly owner: string;
  /** The labels before it, lower case, first to last. */
  readonly labels: readonly string[];
}

/** Second-level labels under which country-code registries sell the third level. */
const registryLabels = new Set(
  'co com net org gov edu ac go ne or mil nom ltd plc sch gob gouv nhs police'.split(' '),
);

/**
 * Providers that give each tenant a name below their own and answer for all of them. No tenant sees
 * the questions, so the tenant's label is an address and not a message. From the providers' own
 * documents, as in the private part of the Public Suffix List.
 */
const providers = new Set(
  (
    'cloudfront.net amazonaws.com elasticbeanstalk.com azurewebsites.net azureedge.net azurefd.net ' +
    'windows.net trafficmanager.net cloudapp.net googleusercontent.com appspot.com run.app web.app ' +
    'firebaseapp.com firebaseio.com blogspot.com github.io githubusercontent.com gitlab.io ' +
    'herokuapp.com herokudns.com netlify.app vercel.app pages.dev workers.dev r2.dev fly.dev ' +
    'fastly.net fastlylb.net akamaized.net akamai.net akamaiedge.net edgekey.net edgesuite.net ' +
    'b-cdn.net myshopify.com digitaloceanspaces.com ondigitalocean.app'
  ).split(' '),
);

/** What stands before the top-level name in these. */
const providerLabels = new Set([...providers].map((name) => name.slice(0, name.indexOf('.'))));

/** More labels than a name of 253 bytes can hold are not looked at. */
const mostLabels = 128;

/**
 * Splits a name in its presentation form (RFC 1035 §5.1, with `\.` and `\DDD`). The owner is the last
 * two labels, three where a country registers below a second level or where a provider lets.
 */
export function splitName(name: string): SplitName {
  const all = labelsOf(name);
  let owned = 2;
  const last = all.at(-1) ?? '';
  const second = all.at(-2) ?? '';
  if (all.length >= 3 && last.length === 2 && registryLabels.has(second)) owned = 3;
  else if (providerLabels.has(second) && providers.has(`${second}.${last}`)) owned = 3;
  const from = Math.max(0, all.length - owned);
  return { owner: all.slice(from).join('.'), labels: all.slice(0, from) };
}

/** The labels of a name; an escaped byte becomes one character, a final dot and empty labels go. */
function labelsOf(name: string): string[] {
  const plain = name.length > 1024 ? name.slice(-1024) : name;
  // The character stands for any byte that no host name holds.
  const unescaped = plain.includes('\\') ? plain.replace(/\\(?:\d{3}|.)/gs, '\uFFFD') : plain;
  const labels = unescaped.toLowerCase().split('.');
  if (labels.length <= mostLabels && !labels.includes('')) return labels;
  return labels.filter((label) => label !== '').slice(-mostLabels);
}

/**
 * Whether a name is answered at home: top-level names that no registry ever delegates (RFC 6761, RFC
 * 6762, and ICANN's `internal` of 2024), so that no question below them reaches a stranger.
 */
export function isLocalName({ owner }: SplitName): boolean {
  return /(?:^|\.)(?:local|internal|localhost|test)$/.test(owner) || owner === 'home.arpa';
}

/** Whether a name asks for the name of an address: its labels are the digits of that address. */
export function isReverseLookup({ owner, labels }: SplitName): boolean {
  if (owner === 'in-addr.arpa') {
    return labels.length <= 4 && labels.every((label) => /^\d{1,3}$/.test(label));
  }
  return (
    owner === 'ip6.arpa' && labels.length <= 32 && labels.every((label) => /^[\da-f]$/.test(label))
  );
}
