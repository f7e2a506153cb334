/** Whether a question or a page over the page is open: its keys are its own then. */
export function isAsking(): boolean {
  return document.querySelector('[role="alertdialog"], [role="dialog"]') !== null;
}
