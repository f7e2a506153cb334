import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  enginelessPerson,
  expectSimulation,
  leaveSocket,
  type EnginelessPerson,
} from './engineless.ts';

let person: EnginelessPerson;
beforeEach(() => (person = enginelessPerson()));
afterEach(() => person.leave());

describe('Where docker’s settings lead to an engine that does not run, the simulator is shown', () => {
  test('when its socket is still there.', () => {
    const socket = join(person.home, '.colima', 'docker.sock');
    leaveSocket(socket);
    person.useContext(`unix://${socket}`);
    const ended = person.watch(['--for', '1s']);
    expectSimulation(ended);
    expect(ended.stderr).toContain(
      `unix://${socket} (context colima): The socket of unix://${socket} is there, but no engine listens behind it.`,
    );
  });

  test('when nothing is there.', () => {
    person.useContext(`unix://${person.home}/nowhere.sock`);
    expectSimulation(person.watch(['--for', '1s']));
  });

  test('and not when they are wrong: that is a mistake to mend.', () => {
    mkdirSync(join(person.home, '.docker'));
    writeFileSync(join(person.home, '.docker', 'config.json'), '{"currentContext":"gone"}');
    const { status, stdout, stderr } = person.watch(['--for', '1s']);
    expect(stderr).toContain('The docker context "gone" is chosen, but does not exist.');
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});

describe('An engine that was named and does not answer is an error, and nothing is simulated', () => {
  const socket = (): string => join(person.home, 'engine.sock');
  const address = (): string => `unix://${socket()}`;

  test.each([
    ['by --engine', () => ['--engine', address()], () => ({})],
    ['by DOCKER_HOST', () => [], () => ({ DOCKER_HOST: address() })],
    ['by DOCKER_CONTEXT', () => [], () => ({ DOCKER_CONTEXT: 'colima' })],
  ])('%s.', (_, words, variables) => {
    leaveSocket(socket());
    person.useContext(address());
    const { status, stdout, stderr } = person.watch([...words(), '--for', '1s'], variables());
    expect(stderr).toContain('is there, but no engine listens behind it.');
    expect(stderr).not.toContain('SIMULATED');
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
