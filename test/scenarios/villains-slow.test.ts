import { quiet, villains } from './loads.ts';
import { testVillains } from './villain-tests.ts';

testVillains(
  'A leak of a megabyte a second, under a policy that contains',
  villains.filter(({ name }) => name === 'leak-weak'),
  quiet.filter(({ name }) => name === 'idle'),
);
