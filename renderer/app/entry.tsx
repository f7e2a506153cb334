import { createRoot } from 'react-dom/client';
import '../styles/tokens.css';
import '../styles/base.css';
import { createStore } from '../state/store.ts';
import { StoreContext } from '../state/use-store.ts';
import { Application } from './application.tsx';
import { ErrorBoundary } from './error-boundary.tsx';

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no place for the window: #root is missing.');

const store = createStore(window.sentra);
void store.start();

createRoot(root).render(
  <ErrorBoundary>
    <StoreContext value={store}>
      <Application />
    </StoreContext>
  </ErrorBoundary>,
);
