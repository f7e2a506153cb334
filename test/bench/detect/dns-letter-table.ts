import { readFileSync } from 'node:fs';
import { letterCount, letterOf, letters } from '../../../monitor/detect/dns/letters.ts';

/**
 * Makes `monitor/detect/dns/letter-table.ts`: how likely one letter follows another in the labels
 * people and tools give to hosts. From English words (Debian's `wamerican`, the SCOWL list, free to
 * use), the service names that IANA registers (Debian's `netbase`), and the customary names of hosts
 * below. No data set of queries went into it.
 *
 *     node test/bench/detect/dns-letter-table.ts /usr/share/dict/american-english /etc/services
 */
const hosts = (
  'www www1 www2 www3 web mail email webmail smtp imap pop pop3 mx mx1 mx2 ns ns1 ns2 ns3 ns4 dns ' +
  'dns1 dns2 ftp sftp ssh vpn api apis app apps cdn cdn1 cdn2 static assets img images image media ' +
  'files file dl download downloads update updates auth login sso id account accounts my m mobile ' +
  'dev test staging stage beta demo docs doc help support blog blogs forum forums shop store news ' +
  'video videos git svn registry mirror mirrors ftp1 proxy gateway gw router host server srv db sql ' +
  'mysql ldap ntp time sip voip remote secure ssl cloud status stats metrics monitor logs log admin ' +
  'portal cpanel autodiscover autoconfig s3 us eu uk de fr en es it jp cn in br ru east west north ' +
  'south central prod production edge origin cache data search graph maps translate play music tv ' +
  'ads ad pixel track tracking analytics tag tags telemetry push notify notifications events ' +
  'collector ingest lb node worker master cluster pool dsl dhcp dyn dynamic cable adsl rev ip cust ' +
  'customer client broadband ppp pppoe'
).split(' ');

const { digit, dash, edge, other } = letters;

type Table = number[][];

function emptyTable(): Table {
  return Array.from({ length: letterCount }, () => new Array<number>(letterCount).fill(0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** The share of each pair of neighbours among all pairs of the words. */
function pairShares(words: readonly string[]): Table {
  const table = emptyTable();
  let pairs = 0;
  for (const word of words) {
    let before: number = edge;
    const kinds = Array.from(word, (character) => letterOf(character.charCodeAt(0)));
    for (const letter of kinds.concat(edge)) {
      table[before]![letter]! += 1;
      before = letter;
      pairs += 1;
    }
  }
  return table.map((row) => row.map((count) => count / pairs));
}

/**
 * Probabilities of the next letter: words and host names mixed, words set one after the other as in
 * host names, digits and dashes anywhere, and a floor for all that was not seen.
 */
function probabilities(words: readonly string[], labels: readonly string[]): Table {
  const inWords = pairShares(words);
  const inLabels = pairShares(labels);
  const mixed = inWords.map((row, a) =>
    row.map((share, b) => 0.6 * share + 0.4 * inLabels[a]![b]!),
  );
  const whole = sum(mixed[edge]!);
  const first = mixed[edge]!.map((share) => share / whole);
  const table = mixed.map((row, before) => {
    if (before === other) return row.map(() => 1 / letterCount);
    if (before === digit) {
      return row.map((_, next) =>
        next < digit
          ? 0.15 / digit
          : next === digit
            ? 0.45
            : next === dash
              ? 0.1
              : next === edge
                ? 0.3
                : 0,
      );
    }
    if (before === dash) {
      const begin = first.map((share) => 0.85 * share);
      begin[digit] = 0.15;
      return begin;
    }
    const compound =
      before < digit ? row.map((share, next) => share + 0.5 * row[edge]! * first[next]!) : [...row];
    compound[digit]! += 0.04 * sum(compound);
    compound[dash]! += 0.02 * sum(compound);
    return compound;
  });
  return table.map((row, before) => {
    if (before === other) return row;
    const whole = sum(row);
    return row.map((share, next) => {
      const floor =
        next < digit
          ? 0.02 / digit
          : next === digit
            ? 0.005
            : next === dash
              ? 0.003
              : next === edge
                ? 0.0015
                : 0.0005;
      return (0.97 * share) / whole + floor;
    });
  });
}

/** Each row as two base-36 digits a letter: sixteenths of a nat of -ln(probability). */
export function letterRows(dictionary: string, services: string): readonly string[] {
  const words = dictionary
    .split('\n')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => /^[a-z]{2,12}$/.test(word));
  const registered = services
    .split('\n')
    .map((line) => (line.split('#')[0] ?? '').split(/\s+/).filter((cell) => cell !== ''))
    .flatMap(([name, , ...aliases]) => (name === undefined ? [] : [name, ...aliases]))
    .map((name) => name.toLowerCase());
  const table = probabilities(words, [...new Set([...hosts, ...registered])]);
  return table.map((row) =>
    row
      .map((share) =>
        Math.round(-16 * Math.log(share))
          .toString(36)
          .padStart(2, '0'),
      )
      .join(''),
  );
}

const [dictionary, services] = process.argv.slice(2);
if (import.meta.main && dictionary !== undefined && services !== undefined) {
  const rows = letterRows(readFileSync(dictionary, 'utf8'), readFileSync(services, 'utf8'));
  process.stdout.write(rows.map((row) => `  '${row}',\n`).join(''));
}
