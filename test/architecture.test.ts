import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** What a room may import from others: what runs, and what is there for the compiler only. */
interface Permission {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

const rest: Permission = { values: [], types: [] };
const modelAndRuntime = ['monitor/model', 'monitor/runtime'];

/** The table of docs/architecture.md as data. A room that is not in it may not exist. */
const rooms: Readonly<Record<string, Permission>> = {
  'monitor/model': rest,
  'monitor/stats': rest,
  'monitor/runtime': rest,
  'monitor/engine': { ...rest, values: modelAndRuntime },
  'monitor/sensors': { values: modelAndRuntime, types: ['monitor/engine'] },
  'monitor/detect': { ...rest, values: ['monitor/model', 'monitor/stats'] },
  'monitor/policy': { ...rest, values: ['monitor/model'] },
  'monitor/respond': { values: modelAndRuntime, types: ['monitor/engine'] },
  'monitor/egress': { values: modelAndRuntime, types: ['monitor/helper'] },
  'monitor/helper': { values: modelAndRuntime, types: ['monitor/engine'] },
  'monitor/isolate': { values: ['monitor/model'], types: ['monitor/engine'] },
  'monitor/credentials': { ...rest, values: modelAndRuntime },
  'monitor/record': { ...rest, values: modelAndRuntime },
  'monitor/rpc': { ...rest, values: modelAndRuntime },
  'monitor/simulator': { ...rest, values: ['monitor/model'] },
  main: { values: [...modelAndRuntime, 'monitor/rpc', 'preload'], types: ['monitor'] },
  // The contract takes the parameters of the monitor's methods as the protocol has them.
  preload: { values: ['monitor/rpc'], types: ['monitor'] },
  renderer: { values: [], types: ['monitor/model', 'monitor/rpc', 'preload'] },
};

/** Composition and entry points, which may import all of the monitor. */
const composition = [
  'monitor/cli/',
  'monitor/cli.ts',
  'monitor/monitor.ts',
  'monitor/pipeline/',
  'monitor/process.ts',
];

/** Rooms without a clock, files, processes or network: not even Node's own modules. */
const pureRooms = ['monitor/model', 'monitor/stats', 'monitor/detect', 'monitor/policy'];

/** Packages that only one place may import. */
const soleImporters: Readonly<Record<string, readonly string[]>> = {
  dockerode: ['monitor/engine/'],
  'docker-modem': ['monitor/engine/'],
  'node:sqlite': ['monitor/record/', 'monitor/runtime/lock.ts'],
  electron: ['main/', 'preload/'],
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** The file it names, from the root; undefined for a package. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

function filesBelow(folder: string, pattern: RegExp): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function readSource(file: string): Source {
  const text = readFileSync(join(root, file), 'utf8');
  return { file, text, tree: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false) };
}

/** Calls `visit` on a node and all below it. */
function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Every name that stands in the code of a file; those in comments and texts are not in it. */
function identifiersOf(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  walk(tree, (node) => {
    if (ts.isIdentifier(node)) names.add(node.text);
  });
  return names;
}

/** Whether nothing of it is left at run time. `import { type Name }` still loads the file. */
function isErased(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** Everything a file imports, in whatever form: also re-exports, `import()` and type queries. */
function importsOf({ file, tree }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Expression | ts.TypeNode | undefined, typeOnly: boolean) => {
    const literal = specifier && ts.isLiteralTypeNode(specifier) ? specifier.literal : specifier;
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    const inside = literal.text.startsWith('.');
    const target = inside ? relative(root, resolve(root, dirname(file), literal.text)) : undefined;
    found.push({ file, specifier: literal.text, target, typeOnly });
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, isErased(node));
    } else if (ts.isImportTypeNode(node)) {
      add(node.argument, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
  });
  return found;
}

function isComposition(file: string): boolean {
  return composition.some((place) =>
    place.endsWith('/') ? file.startsWith(place) : file === place,
  );
}

/** The room a file lies in: the longest name of the table that its path begins with. */
function roomOf(file: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => file.startsWith(`${room}/`))
    .sort((one, other) => other.length - one.length)[0];
}

/** Why an import is not allowed; undefined when it is. */
function objection({ file, specifier, target, typeOnly }: Import): string | undefined {
  const room = roomOf(file);
  const sole = soleImporters[specifier];
  if (sole !== undefined && !sole.some((place) => file.startsWith(place))) {
    return `only ${sole.join(' and ')} may import ${specifier}`;
  }
  if (target === undefined) {
    const impure = isBuiltin(specifier) && room !== undefined && pureRooms.includes(room);
    return impure ? `${room} is pure: no ${specifier}` : undefined;
  }
  if (isComposition(file)) {
    return target.startsWith('monitor/') ? undefined : 'the monitor imports only itself';
  }
  if (room === undefined || target.startsWith(`${room}/`)) return undefined;
  const { values, types } = rooms[room] ?? rest;
  const within = (places: readonly string[]) => places.some((at) => target.startsWith(`${at}/`));
  if (within(values) || (typeOnly && within(types))) return undefined;
  if (within(types)) return `${room} may import only types from there: use "import type"`;
  return `${room} may not import from there`;
}

/** The files under version control; of an unpacked archive, those in the folders that have any. */
function trackedFiles(): string[] {
  if (!existsSync(join(root, '.git'))) {
    return ['docs', 'main', 'monitor', 'preload', 'renderer', 'scripts', 'test'].flatMap((folder) =>
      filesBelow(folder, /./),
    );
  }
  return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)));
}

const sources = ['monitor', 'main', 'preload', 'renderer']
  .flatMap((folder) => filesBelow(folder, /\.tsx?$/))
  .map(readSource);

describe('The rooms', () => {
  test('A file that was read here is one of the monitor’s, so that the rules below mean something.', () => {
    expect(sources.map(({ file }) => file)).toContain('monitor/model/observation.ts');
  });

  test('Every file lies in a room of the table, or is composition.', () => {
    const homeless = sources
      .map(({ file }) => file)
      .filter((file) => roomOf(file) === undefined && !isComposition(file));
    expect(homeless).toEqual([]);
  });

  test('No room imports what the table does not give it.', () => {
    const objections = sources.flatMap(importsOf).flatMap((found) => {
      const why = objection(found);
      return why === undefined ? [] : [`${found.file} imports ${found.specifier}: ${why}`];
    });
    expect(objections).toEqual([]);
  });

  test('The table in docs/architecture.md says the same, row by row.', () => {
    const rows = readFileSync(join(root, 'docs/architecture.md'), 'utf8').matchAll(
      /^\| `(monitor\/\w+)\/` *\|[^|]*\| *([^|]+?) *\|$/gm,
    );
    const told: Record<string, Permission> = {};
    for (const [, room, text] of rows) {
      if (room === undefined || text === undefined || isComposition(`${room}/`)) continue;
      const named = text.startsWith('nothing') ? [] : text.split(', ');
      const [types, values] = [true, false].map((typeOnly) =>
        named
          .filter((name) => name.startsWith('types of ') === typeOnly)
          .map((name) => `monitor/${name.replace('types of ', '')}`),
      );
      told[room] = { values: values ?? [], types: types ?? [] };
    }
    expect(Object.keys(told).length).toBeGreaterThan(8);
    expect(rooms).toMatchObject(told);
  });

  test.each([
    [
      'a value from a room that is not in the row',
      'monitor/detect/a.ts',
      '../engine/port.ts',
      false,
    ],
    ['a value where only types are allowed', 'monitor/sensors/a.ts', '../engine/port.ts', false],
    ['a type from a room that is not in the row', 'monitor/policy/a.ts', '../stats/ring.ts', true],
    ['dockerode outside the engine', 'monitor/sensors/a.ts', 'dockerode', false],
    ['Node in a pure room', 'monitor/detect/a.ts', 'node:fs', false],
    ['tests in the monitor', 'monitor/cli.ts', '../test/engine/images.ts', false],
  ])('The rule itself refuses %s.', (_, file, specifier, typeOnly) => {
    const inside = specifier.startsWith('.');
    const target = inside ? join(dirname(file), specifier) : undefined;
    expect(objection({ file, specifier, target, typeOnly })).toBeDefined();
  });
});

describe('The habits', () => {
  test('No file of the monitor, the scripts or the test engine is longer than 300 lines.', () => {
    const texts = [
      ...sources,
      ...filesBelow('scripts', /\.mjs$/).map(readSource),
      ...filesBelow('test/engine', /\.ts$/).map(readSource),
      ...filesBelow('test/host', /\.ts$/).map(readSource),
    ];
    const long = texts
      .map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  test('No file only passes on what others export.', () => {
    const barrels = sources.filter(({ tree }) => {
      const passesOn = tree.statements.filter(
        (node) => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined,
      );
      return passesOn.length > 0 && passesOn.length === tree.statements.length;
    });
    expect(barrels.map(({ file }) => file)).toEqual([]);
  });

  test('Only the loop of monitor/runtime/loop.ts repeats: nobody names setInterval.', () => {
    const users = sources
      .filter(({ file }) => file !== 'monitor/runtime/loop.ts')
      .filter(({ tree }) => identifiersOf(tree).has('setInterval'));
    expect(users.map(({ file }) => file)).toEqual([]);
  });

  test('No tracked file names a directory of somebody’s machine or a package registry.', () => {
    // Put together here, so that this file does not name them either. Ada is made up.
    const homes = ['work', 'root', 'home/(?!ada/)[a-z]+', 'Users/(?!ada/)[A-Za-z]+'];
    const hosts = ['npmjs', 'yarnpkg', 'artifactory', 'jfrog', 'verdaccio', 'nexus'];
    const pattern = new RegExp(`(?<![\\w.])/(?:${homes.join('|')})/|\\b(?:${hosts.join('|')})\\.`);
    // What a person allows by name has to be named; nothing is fetched from there.
    const tracked = trackedFiles().filter((file) => file !== 'monitor/egress/list/presets.ts');
    const named = tracked.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
    );
    expect(tracked.length).toBeGreaterThan(0);
    expect(named).toEqual([]);
  });
});
