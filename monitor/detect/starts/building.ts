import type { ProcessStartObservation } from '../../model/observation.ts';
import { isInstalledBy, type Lineage } from './lineage.ts';

/** They write programs, and nothing else. */
const linkers = new RegExp(
  '/(?:[-\\w]*-linux-gnu-)?(?:ld(?:\\.bfd|\\.gold|\\.lld)?|lld|mold|collect2|tcc)$|' +
    '/go/pkg/tool/\\w+/link$',
);

/** They write programs where they are told to install; told anything else, they ask or look. */
const installers = new RegExp(
  '/(?:rpm|dnf|yum|microdnf|apk|pacman|zypper|pip\\d*|uv|npm|pnpm|yarn|gem|conda|cargo|go)[\\d.]*$',
);

/** The words by which these are told to. */
const installing =
  /^(?:install|add|upgrade|update|sync|ci|i|in|up|dup|build|run|test|create|-S\w*|-[iUF]\w*|--install|--upgrade)$/;

/** To ask a linker what it is builds nothing. */
const asking = /^(?:--?version|-[vV]|--?help|-dump\w+|--?print-.*)$/;

/**
 * Whether a start shows that programs are being built or installed: a linker at its work, an unpacked
 * package, a package manager that is told to install. That a package manager or a compiler was started
 * shows nothing: `dpkg --version` puts no program anywhere. A file that was put there since is no builder.
 */
export function isBuilding(start: ProcessStartObservation, lineage: Lineage): boolean {
  const { program, programIsNew, inMemory, arguments: words } = start;
  // dpkg starts others to unpack and to set up, and for nothing else.
  if (isInstalledBy(lineage, start.parentPid, start.parentProgram)) return true;
  if (programIsNew || inMemory) return false;
  if (linkers.test(program)) return words.length > 1 && !isAnyRest(words, asking);
  return installers.test(program) && isAnyRest(words, installing);
}

function isAnyRest(words: readonly string[], form: RegExp): boolean {
  return words.some((word, index) => index > 0 && form.test(word));
}
