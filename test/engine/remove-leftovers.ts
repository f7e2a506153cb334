/** Removes the private engines that killed runs left on this machine. Runs as root. */
import { removeLeftovers } from './engine-removal.ts';

await removeLeftovers();
