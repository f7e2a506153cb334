import type { Session, WebContents } from 'electron';
import type { Logger } from '../../monitor/runtime/logger.ts';
import type { ElectronApi } from '../electron.ts';
import { scheme } from './scheme.ts';

/**
 * Nothing is granted, and nothing is loaded but the pages of Sentra: Electron by itself grants every
 * permission and fetches whatever a page names.
 */
export function hardenSession(session: Session, logger: Logger): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    logger.warn(`The permission "${permission}" was asked for and refused.`);
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const isOurs = url.startsWith(`${scheme}://app/`) || url.startsWith('devtools://');
    if (!isOurs) logger.warn(`A request was refused: ${url.slice(0, 200)}`);
    answer({ cancel: !isOurs });
  });
}

/** Every page stays where it is: no navigation, no new window, no page within the page. */
export function hardenAllContents({ app }: Pick<ElectronApi, 'app'>, logger: Logger): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    const stay = (event: { preventDefault(): void }): void => {
      logger.warn('A page wanted to go elsewhere and was kept.');
      event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', stay);
    contents.setWindowOpenHandler(() => {
      logger.warn('A page wanted to open a window and was refused.');
      return { action: 'deny' };
    });
  });
}
