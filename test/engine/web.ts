import type { TestContainer } from './containers.ts';

/** What a container runs in order to serve a page on port 80. */
export const webServer = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];

/**
 * What curl ends with where a wall refuses plain HTTP: by the answer that says so, and, while Sentra is
 * away and nobody gives it, by a closed port.
 */
export const [refused, unanswered] = [22, 7];

/** Asks for a page from within the container; what curl ends with, 0 where there is an answer. */
export function fetchFrom(container: TestContainer, url: string, seconds = 3): Promise<number> {
  const words = ['curl', '-sf', '-o', '/dev/null', '--max-time', String(seconds), url];
  return container.exec(words, (seconds + 30) * 1000);
}
