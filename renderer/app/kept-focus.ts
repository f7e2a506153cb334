import { isAsking } from '../components/is-asking.ts';

/** So long a list may take to put the focus where it wants it, milliseconds. */
const patienceMs = 100;

/** An element that had the focus, and what it stood in then: of what is taken out that cannot be told. */
interface Place {
  readonly element: HTMLElement;
  readonly around: readonly HTMLElement[];
}

/**
 * Sees to it that a keyboard does not have to begin anew at the top of the page. When what has the
 * focus goes, or can be used no more, and nobody puts the focus elsewhere, it goes to the nearest thing
 * around it that takes it, of what a question stood over where that had it, else to the heading of the
 * page. Where a person left it by themselves, it stays left. Until the returned function is called.
 */
export function keepFocus(): () => void {
  let last: Place | undefined;
  /** What had it before a question or a page over the page opened. */
  let beneath: Place | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function onFocusIn({ target }: FocusEvent): void {
    if (!(target instanceof HTMLElement)) return;
    last = placeOf(target);
    if (target.closest(overPage) === null) beneath = last;
  }

  function onFocusOut({ target }: FocusEvent): void {
    // Also told when an element is taken out, as a rule before it is.
    queueMicrotask(() => {
      const isLeft = last?.element === target && document.activeElement !== target;
      if (isLeft && last !== undefined && isUsable(last.element)) last = undefined;
    });
  }

  function look(): void {
    if (last === undefined || document.activeElement !== document.body) return;
    if (isUsable(last.element)) return;
    const wasOver = last.around.some((each) => each.matches(overPage));
    const near = nearest(last) ?? (wasOver && beneath !== undefined ? nearest(beneath) : undefined);
    const title = document.querySelector<HTMLElement>('[data-page-title]');
    last = undefined;
    if (near !== undefined) near.focus({ preventScroll: true });
    else if (!isAsking()) title?.focus({ preventScroll: true });
  }

  const changes = new MutationObserver(() => {
    if (last === undefined || isUsable(last.element)) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      look();
    }, patienceMs);
  });
  changes.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  document.addEventListener('focusin', onFocusIn);
  document.addEventListener('focusout', onFocusOut);
  return () => {
    clearTimeout(timer);
    changes.disconnect();
    document.removeEventListener('focusin', onFocusIn);
    document.removeEventListener('focusout', onFocusOut);
  };
}

/** What lies over the page while something is asked. */
const overPage = '[role="alertdialog"], [role="dialog"]';

function placeOf(element: HTMLElement): Place {
  const around: HTMLElement[] = [];
  for (let each = element.parentElement; each !== null; each = each.parentElement)
    around.push(each);
  return { element, around };
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(':disabled');
}

/** The element itself or, where it is gone, the innermost around it that takes the focus. */
function nearest({ element, around }: Place): HTMLElement | undefined {
  return [element, ...around].find(
    (each) => isUsable(each) && (each === element || each.hasAttribute('tabindex')),
  );
}
