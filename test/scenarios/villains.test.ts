import { quiet, villains } from './loads.ts';
import { testVillains } from './villain-tests.ts';

// Those that mine need cores that nobody else uses (miners.test.ts); the slow leak takes minutes in
// which nothing else happens (villains-slow.test.ts).
testVillains(
  'Under a policy that contains',
  villains
    .filter(({ name }) => !name.startsWith('miner-') && name !== 'leak-weak')
    .sort((a, b) => a.withinMs - b.withinMs),
  quiet.filter(({ name }) => ['idle', 'download', 'chat'].includes(name)),
);
