import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repositoryOf, workloadKey } from '../../../monitor/engine/identity.ts';

const compose = {
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': 'agent',
};

describe('The identity of a workload', () => {
  test('is its image and name', () => {
    expect(workloadKey('node:24', 'coder', {})).toBe('node#coder');
  });

  test('is its image and service under compose, whatever the container is called', () => {
    expect(workloadKey('acme/agent:3', 'shop-agent-1', compose)).toBe('acme/agent#shop/agent');
    expect(workloadKey('acme/agent:4', 'shop-agent-2', compose)).toBe('acme/agent#shop/agent');
  });

  test('of a one-off run of a service is not that of the service', () => {
    const once = { ...compose, 'com.docker.compose.oneoff': 'True' };
    expect(workloadKey('a', 'shop-agent-run-12ab', once)).not.toBe(workloadKey('a', 'x', compose));
  });

  test('survives the name that compose gives while it replaces a container', () => {
    const before = workloadKey('a', 'coder', {});
    expect(workloadKey('a', '0123456789ab_coder', {})).toBe(before);
  });

  test.each([
    ['agent', 'agent'],
    ['agent:3', 'agent'],
    ['localhost:5000/agent', 'localhost:5000/agent'],
    ['localhost:5000/agent:3', 'localhost:5000/agent'],
    [`acme/agent:3@sha256:${'ab'.repeat(32)}`, 'acme/agent'],
    [`sha256:${'ab'.repeat(32)}`, 'untagged'],
    ['ab'.repeat(6), 'untagged'],
    ['', 'untagged'],
  ])('takes %s as the image %s', (image, repository) => {
    expect(repositoryOf(image)).toBe(repository);
  });

  test('cannot be forged by the text of a label or an image', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '#', '/', '%', '2', '3') });
    fc.assert(
      fc.property(text, text, text, text, (project, service, project2, service2) => {
        fc.pre(project !== '' && service !== '' && project2 !== '' && service2 !== '');
        fc.pre(project !== project2 || service !== service2);
        const key = (one: string, two: string): string =>
          workloadKey('i', 'n', {
            'com.docker.compose.project': one,
            'com.docker.compose.service': two,
          });
        expect(key(project, service)).not.toBe(key(project2, service2));
      }),
    );
  });
});
