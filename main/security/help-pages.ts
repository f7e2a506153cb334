import type { HelpTopic } from '../../preload/shell.ts';

/**
 * The only addresses that Sentra ever hands to the browser. They are chosen by topic: no text of a
 * container gets into one.
 */
export const helpPages: Readonly<Record<HelpTopic, string>> = {
  'install-docker': 'https://docs.docker.com/engine/install/',
  'docker-permission': 'https://docs.docker.com/engine/install/linux-postinstall/',
  'start-docker': 'https://docs.docker.com/engine/daemon/start/',
  'mitre-attack': 'https://attack.mitre.org/matrices/enterprise/containers/',
};
